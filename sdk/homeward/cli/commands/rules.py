"""`homeward rules …` edits the rules about where tagged items may be used."""

from typing import Annotated

import typer

from homeward.cli.listing import AsJson, Row, listed
from homeward.cli.options import options
from homeward.cli.render import stderr
from homeward.cli.unlock import opened
from homeward.errors import InvalidArgument
from homeward.policy.gate import Rule

app = typer.Typer(
    help="See and edit the rules for where your data may be used.", no_args_is_help=True
)

Among = Annotated[
    list[str] | None, typer.Option(help="A use that is allowed (repeatable); by default any.")
]


@app.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the rules in order; the first rule that forbids a use decides."""
    with opened(options(context)) as assistant:
        rules, edited = assistant.rules.all(), assistant.rules.edited
    rows: list[Row] = [
        {
            "rule": one.name,
            "tag": one.tag,
            "is_used": _contexts(one),
        }
        for one in rules
    ]
    listed(rows, as_json=as_json, nothing="There is no rule: everything may be used anywhere.")
    stderr().print("These are your own rules." if edited else "These are the default rules.")


@app.command("set")
def set_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The rule's name. A rule of this name is replaced.")],
    *,
    tag: Annotated[str, typer.Option(help="The tag of the items that the rule limits.")],
    audience: Among = None,
    purpose: Among = None,
    never: Annotated[bool, typer.Option("--never", help="Allow no use at all.")] = False,
    about_me: Annotated[
        bool, typer.Option("--about-me", help="Allow use only for questions about you.")
    ] = False,
) -> None:
    """Add a rule for where items with this tag may be used."""
    if never and (audience or purpose or about_me):
        raise InvalidArgument("--never cannot be combined with --audience, --purpose or --about-me")
    audiences = frozenset[str]() if never else _among(audience)
    rule = Rule(name, tag, audiences, _among(purpose), about_self=about_me)
    with opened(options(context)) as assistant:
        assistant.rules.set(rule)


@app.command()
def remove(
    context: typer.Context, name: Annotated[str, typer.Argument(help="The rule's name.")]
) -> None:
    """Remove a rule. Items that no other rule forbids are used again."""
    with opened(options(context)) as assistant:
        if name not in {one.name for one in assistant.rules.all()}:
            raise InvalidArgument("there is no rule of this name; `homeward rules list` shows all")
        assistant.rules.remove(name)


@app.command()
def restore(context: typer.Context) -> None:
    """Replace your rules by the default rules."""
    with opened(options(context)) as assistant:
        assistant.rules.restore()


def _among(names: list[str] | None) -> frozenset[str] | None:
    return frozenset(names) if names else None


def _contexts(rule: Rule) -> str:
    if rule.audiences == frozenset() or rule.purposes == frozenset():
        return "never"
    said = [
        f"before {', '.join(sorted(rule.audiences))}" if rule.audiences else "",
        f"for {', '.join(sorted(rule.purposes))}" if rule.purposes else "",
        "in answers about you" if rule.about_self else "",
    ]
    return ", ".join(filter(None, said)) or "always"
