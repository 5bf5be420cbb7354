"""`homeward clients …`: other programs that ask about the person, and what each may do."""

from typing import Annotated

import typer

from homeward.cli.options import options
from homeward.cli.render import plain, stderr, stdout, table
from homeward.cli.terminal import agreed
from homeward.cli.unlock import opened
from homeward_store import Ability

app = typer.Typer(help="Let other programs ask, and see what they did.", no_args_is_help=True)

_SAYS = {
    Ability.RECALL: "look up what is remembered about you",
    Ability.REMEMBER: "add to it",
    Ability.FORGET: "erase what it can look up",
    Ability.WHY: "see where a memory comes from",
}

Name = Annotated[str, typer.Argument(help="What the program calls itself.")]


@app.command("list")
def list_(context: typer.Context) -> None:
    """List the programs and what each may do."""
    with opened(options(context)) as assistant:
        rows = [
            (plain(one.name), ", ".join(sorted(one.may)) or "nothing", one.audience)
            for one in assistant.profile.clients.all()
        ]
    if rows:
        stdout().print(table(["program", "may", "audience"], rows))
    else:
        stderr().print("No program was let do anything.")


@app.command()
def grant(
    context: typer.Context,
    name: Name,
    *,
    may: Annotated[list[Ability], typer.Option(help="May be repeated; replaces what it could.")],
    audience: Annotated[
        str, typer.Option(help="Who reads its answers; only `private` sees everything.")
    ] = "tool",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Let a program do something from now on."""
    what = " and ".join(_SAYS[one] for one in dict.fromkeys(may))
    question = f"May {name!r} {what}, before the audience {audience!r}?"
    with opened(options(context)) as assistant:
        if not (yes or agreed(question)):
            stderr().print("Nothing was changed.")
            return
        assistant.profile.clients.grant(name, *may, audience=audience, shown=question)


@app.command()
def withdraw(context: typer.Context, name: Name) -> None:
    """Let a program do nothing any more."""
    with opened(options(context)) as assistant:
        assistant.profile.clients.withdraw(name)


@app.command()
def log(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 20,
) -> None:
    """Show what programs asked for, and what became of it."""
    with opened(options(context)) as assistant:
        rows = [
            (
                f"{one.at:%Y-%m-%d %H:%M:%S}",
                plain(one.client),
                one.ability.value,
                one.outcome.value,
                " ".join(f"#{number}" for number in one.memories),
            )
            for one in assistant.profile.clients.accesses(limit=limit)
        ]
    stdout().print(table(["when", "program", "asked to", "was", "memories"], rows))
