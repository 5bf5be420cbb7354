"""`homeward chat` reads messages and commands until the person leaves."""

from typing import Annotated

import typer

from homeward import UseContext
from homeward.cli.chat import slash
from homeward.cli.chat.session import Talk
from homeward.cli.errors import explain
from homeward.cli.options import (
    AUDIENCE,
    PURPOSE,
    Audience,
    Purpose,
    Temperature,
    Thinking,
    chosen_sampling,
    options,
)
from homeward.cli.render import plain, stdout
from homeward.cli.terminal import read_message
from homeward.cli.unlock import opened

PROMPT = "you> "
_PROMPT_INCOGNITO = "you (incognito)> "


def chat(
    context: typer.Context,
    person: Annotated[
        str | None, typer.Argument(help="The profile to open, by its person's name.")
    ] = None,
    *,
    resume: Annotated[
        bool, typer.Option("--continue", "-c", help="Continue the last conversation.")
    ] = False,
    incognito: Annotated[
        bool, typer.Option("--incognito", help="Use the profile, but store nothing of this chat.")
    ] = False,
    audience: Audience = AUDIENCE,
    purpose: Purpose = PURPOSE,
    temperature: Temperature = None,
    thinking: Thinking = 0,
) -> None:
    """Talk. Ctrl-C stops a reply, Ctrl-D leaves, /help shows the commands."""
    chosen = options(context).of(person)
    with opened(chosen) as assistant:
        use_context = UseContext(audience, purpose)
        resumed = resume and not incognito
        last = assistant.profile.turns.latest(1, use_context=use_context) if resumed else []
        talk = Talk(
            assistant,
            stdout(),
            read=read_message,
            conversation=last[0].conversation if last else None,
            incognito=incognito,
            use_context=use_context,
            sampling=chosen_sampling(assistant, temperature=temperature, thinking=thinking),
        )
        talk.note(f"Talking with {chosen.person}'s assistant. /help shows the commands.")
        run(talk)


def run(talk: Talk) -> None:
    """Read and answer until the person leaves; what fails for one message ends only that one."""
    while not talk.over:
        try:
            line = talk.read(_PROMPT_INCOGNITO if talk.incognito else PROMPT)
        except EOFError:
            talk.console.print()
            return
        except KeyboardInterrupt:
            talk.console.print()
            talk.note("Ctrl-D or /quit leaves.")
            continue
        if line.strip():
            _take(talk, line)
            talk.console.print()


def _take(talk: Talk, line: str) -> None:
    try:
        if slash.is_command(line):
            slash.run(talk, line)
        else:
            talk.ask(line)
    except KeyboardInterrupt:  # before the reply began, or the second one during it
        talk.note("(interrupted)")
    except EOFError:  # Ctrl-D at a question of a command
        talk.note("Nothing was changed.")
    except Exception as error:
        said = explain(error)
        if said is None:
            raise
        talk.console.print(plain(said, style="red"))
