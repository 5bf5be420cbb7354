"""Defines the root of the `homeward` command: its options, its commands and its error exit."""

import importlib.metadata
import traceback
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from homeward import paths
from homeward.cli.chat import ask, chat
from homeward.cli.commands import (
    audit,
    clients,
    dashboard,
    doctor,
    federation,
    importing,
    learned,
    mcp,
    models,
    profile,
    rules,
    serve,
    taste,
    watch,
    why,
)
from homeward.cli.engine_options import Model, with_engine_options, with_model_options
from homeward.cli.errors import FAILED, INTERRUPTED, exit_code, explain
from homeward.cli.options import Options
from homeward.cli.render import harmless, replace_what_the_terminal_lacks, stderr
from homeward.engine_settings import EngineSettings
from homeward_store import allow_debugger


class _Group(TyperGroup):
    """The root command; turns what escapes from a command into a line and an exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  typer's own signature moves between versions
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            if isinstance(error, (BrokenPipeError, typer.Abort)) or hasattr(error, "exit_code"):
                raise  # usage errors and exits: typer deals with them
            raise typer.Exit(_report(error, debug=ctx.params["debug"])) from None


def _report(error: Exception, *, debug: bool) -> int:
    console = stderr()
    if debug:
        console.print(harmless("".join(traceback.format_exception(error))), end="")
    line = explain(error)
    if line is None:
        # Its message may hold anything, the person's text included: only its kind is shown.
        name = type(error).__name__
        line = f"Unexpected error: {name}. `homeward --debug …` shows where; please report it."
        code = FAILED
    else:
        code = exit_code(error)
    console.print(f"homeward: {line}", soft_wrap=True)
    return code


app = typer.Typer(
    cls=_Group,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its tracebacks show local variables: the person's text
    rich_markup_mode="rich",
)
app.command("chat")(with_model_options(chat.chat))
app.command("ask")(with_model_options(ask.ask))
app.command("why")(why.why)
app.add_typer(profile.app, name="profile")
app.add_typer(importing.app, name="memories")
app.add_typer(rules.app, name="rules")
app.add_typer(models.app, name="models")
app.add_typer(taste.app, name="taste")
app.add_typer(audit.app, name="audit")
app.command("tune")(with_model_options(taste.tune))
app.command("learn")(with_model_options(learned.learn))
app.add_typer(learned.app, name="learned")
app.command("serve")(with_model_options(serve.serve))
app.command("mcp")(mcp.mcp)
app.add_typer(clients.app, name="clients")
app.add_typer(federation.app, name="federation")
app.command("watch")(watch.watch)
app.command("open")(with_model_options(dashboard.open_))
app.command("doctor")(with_model_options(doctor.doctor))


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"homeward {importlib.metadata.version('homeward')}")
        raise typer.Exit


@app.callback()
@with_engine_options
def root(
    context: typer.Context,
    *,
    person: Annotated[
        str | None,
        typer.Option(
            "--person", "-p", help="The person's profile; needed only if there are several."
        ),
    ] = None,
    keychain: Annotated[
        bool, typer.Option("--keychain", help="Unlock with the system's keychain.")
    ] = False,
    model: Model = None,
    debugger: Annotated[
        bool,
        typer.Option(
            "--allow-debugger",
            envvar="HOMEWARD_ALLOW_DEBUGGER",
            help="For developers: allow debuggers and core dumps, which may contain the open "
            "profile.",
        ),
    ] = False,
    debug: Annotated[  # noqa: ARG001  read by `_Group.invoke`
        bool, typer.Option("--debug", help="Show the traceback of an error.")
    ] = False,
    version: Annotated[  # noqa: ARG001  its callback does it
        bool,
        typer.Option(
            "--version",
            callback=lambda wanted: _version(wanted=wanted),
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
    engine: EngineSettings,
) -> None:
    """
    Homeward is a local assistant that learns about you and shares nothing unasked.

    Your data is in the folder that HOMEWARD_HOME names. The passphrase is asked for, or read from
    the file that HOMEWARD_PASSPHRASE_FILE names. Commands that list take --json.

    A command ends with 0 when it was done, 1 when it could not be done, 2 when it was asked for
    wrongly, and 130 when Ctrl-C ended it.
    """
    if debugger:
        allow_debugger()
    context.obj = Options(person, paths.home(), keychain, model, engine)


def main() -> None:
    """Run the command line; the entry point of the `homeward` script."""
    replace_what_the_terminal_lacks()
    app(prog_name="homeward")
