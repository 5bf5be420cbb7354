"""`homeward clients …` manages what other programs may do."""

from typing import Annotated

import typer

from homeward.cli.listing import AsJson, Row, Shown, listed
from homeward.cli.options import options
from homeward.cli.render import plain, stderr, stdout
from homeward.cli.terminal import agreed
from homeward.cli.unlock import opened
from homeward.errors import InvalidArgument
from homeward.text.local_time import local_time
from homeward_store import Ability

app = typer.Typer(
    help="Let other programs use your memories, and see what they did.", no_args_is_help=True
)

_SAYS = {
    Ability.RECALL: "look up what is remembered about you",
    Ability.REMEMBER: "add to it",
    Ability.FORGET: "erase what it can look up",
    Ability.WHY: "see where a memory comes from",
}

Name = Annotated[str, typer.Argument(help="The name that the program gives itself.")]


@app.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the programs and what each may do."""
    with opened(options(context)) as assistant:
        rows: list[Row] = [
            {
                "program": one.name,
                "may": Shown(sorted(one.may), ", ".join(sorted(one.may)) or "nothing"),
                "audience": one.audience,
            }
            for one in assistant.profile.clients.all()
        ]
    listed(rows, as_json=as_json, nothing="No program has any permission.")


@app.command()
def grant(
    context: typer.Context,
    name: Name,
    *,
    may: Annotated[
        list[Ability], typer.Option(help="Ability to grant (repeatable). Replaces earlier grants.")
    ],
    audience: Annotated[
        str, typer.Option(help="Who reads the program's replies; only `private` sees everything.")
    ] = "tool",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Grant a program permissions."""
    what = " and ".join(_SAYS[one] for one in dict.fromkeys(may))
    question = f"May {name!r} {what}, before the audience {audience!r}?"
    with opened(options(context)) as assistant:
        if not (yes or agreed(question)):
            stderr().print("Nothing was changed.")
            return
        assistant.profile.clients.grant(name, *may, audience=audience, shown=question)
    stderr().print(plain(f"{name} may now {what}."))


@app.command()
def withdraw(context: typer.Context, name: Name) -> None:
    """Revoke all of a program's permissions."""
    with opened(options(context)) as assistant:
        if assistant.profile.clients.find(name) is None:
            raise InvalidArgument(
                f"no program is called {name!r}; `homeward clients list` shows all"
            )
        assistant.profile.clients.withdraw(name)
    stderr().print(plain(f"{name} may do nothing now."))


@app.command("allow-origin")
def allow_origin(
    context: typer.Context,
    origin: Annotated[str, typer.Argument(help="Such as https://app.example; exactly this one.")],
    *,
    audience: Annotated[
        str, typer.Option(help="Who its pages are; only `private` sees everything.")
    ] = "tool",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Let pages of a web origin ask while `homeward serve` runs; print the origin's token."""
    question = f"May every page of {origin!r} ask, before the audience {audience!r}?"
    with opened(options(context)) as assistant:
        if not (yes or agreed(question)):
            stderr().print("Nothing was changed.")
            return
        token = assistant.origins.allow(origin, audience=audience)
    stdout().print(token, soft_wrap=True, markup=False, highlight=False)
    stderr().print("This token is shown once. It works from that origin only.")


@app.command()
def origins(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the web origins whose pages may ask."""
    with opened(options(context)) as assistant:
        rows: list[Row] = [
            {"origin": one.origin, "audience": one.audience, "since": one.at}
            for one in assistant.origins.all()
        ]
    listed(rows, as_json=as_json, nothing="No page of any origin may ask.")


@app.command("withdraw-origin")
def withdraw_origin(
    context: typer.Context,
    origin: Annotated[str, typer.Argument(help="An origin that `clients origins` shows.")],
) -> None:
    """Let pages of a web origin ask no longer."""
    with opened(options(context)) as assistant:
        assistant.origins.withdraw(origin)
    stderr().print(plain(f"Pages of {origin} may ask no longer."))


@app.command()
def log(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, help="The most entries to show, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the requests of programs and their outcomes."""
    with opened(options(context)) as assistant:
        rows: list[Row] = [
            {
                "when": Shown(one.at, f"{local_time(one.at):%Y-%m-%d %H:%M:%S}"),
                "program": one.client,
                "asked_to": one.ability.value,
                "was": one.outcome.value,
                "memories": Shown(one.memories, " ".join(f"#{number}" for number in one.memories)),
            }
            for one in assistant.profile.clients.accesses(limit=limit)
        ]
    listed(rows, as_json=as_json, nothing="No program has asked for anything.")
