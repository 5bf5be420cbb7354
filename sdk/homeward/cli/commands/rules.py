"""`homeward rules …`: in which moments what is known may be used."""

from typing import Annotated

import typer

from homeward.cli.options import options
from homeward.cli.render import plain, stderr, stdout, table
from homeward.cli.unlock import opened
from homeward.errors import InvalidArgument
from homeward.policy.gate import Rule

app = typer.Typer(help="See and edit what may be used in which moment.", no_args_is_help=True)

Among = Annotated[list[str] | None, typer.Option(help="May be repeated; none: any.")]


@app.command("list")
def list_(context: typer.Context) -> None:
    """List the rules in their order; the first that forbids is the one that counts."""
    with opened(options(context)) as assistant:
        rules, edited = assistant.rules.all(), assistant.rules.edited
    rows = [(plain(one.name), plain(one.tag), _moments(one)) for one in rules]
    if rows:
        stdout().print(table(["rule", "tag", "is used"], rows))
    stderr().print("These are your own rules." if edited else "These are the rules of the start.")


@app.command("set")
def set_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="An existing rule of this name is replaced.")],
    *,
    tag: Annotated[str, typer.Option(help="What carries this tag …")],
    audience: Among = None,
    purpose: Among = None,
    never: Annotated[bool, typer.Option("--never", help="Never use it.")] = False,
    about_me: Annotated[
        bool, typer.Option("--about-me", help="Only where the question is about you.")
    ] = False,
) -> None:
    """Say in which moments what carries a tag may be used."""
    if never and (audience or purpose or about_me):
        raise InvalidArgument("--never leaves no moment for --audience, --purpose or --about-me")
    audiences = frozenset[str]() if never else _among(audience)
    rule = Rule(name, tag, audiences, _among(purpose), about_self=about_me)
    with opened(options(context)) as assistant:
        assistant.rules.set(rule)


@app.command()
def remove(context: typer.Context, name: str) -> None:
    """Take a rule away: what only it forbade is then used."""
    with opened(options(context)) as assistant:
        if name not in {one.name for one in assistant.rules.all()}:
            raise InvalidArgument("there is no rule of this name; `homeward rules list` shows all")
        assistant.rules.remove(name)


@app.command()
def restore(context: typer.Context) -> None:
    """Go back to the rules of the start."""
    with opened(options(context)) as assistant:
        assistant.rules.restore()


def _among(names: list[str] | None) -> frozenset[str] | None:
    return frozenset(names) if names else None


def _moments(rule: Rule) -> str:
    if rule.audiences == frozenset() or rule.purposes == frozenset():
        return "never"
    said = [
        f"before {', '.join(sorted(rule.audiences))}" if rule.audiences else "",
        f"for {', '.join(sorted(rule.purposes))}" if rule.purposes else "",
        "where the question is about you" if rule.about_self else "",
    ]
    return ", ".join(filter(None, said)) or "always"
