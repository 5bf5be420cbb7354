"""`homeward ask` prints the answer to one question on standard output."""

from pathlib import Path
from typing import Annotated

import typer

from homeward import Reply, UseContext
from homeward.cli.chat.interrupt import stopping
from homeward.cli.commands.why import sources_table
from homeward.cli.errors import INTERRUPTED
from homeward.cli.options import (
    AUDIENCE,
    PURPOSE,
    Audience,
    MaxTokens,
    Purpose,
    Temperature,
    Thinking,
    chosen_sampling,
    options,
)
from homeward.cli.render import plain, stderr, write_raw
from homeward.cli.text_input import Question, given
from homeward.cli.unlock import opened


def ask(
    context: typer.Context,
    question: Question = None,
    *,
    personalize: Annotated[
        bool, typer.Option(help="Personalize the reply with what is known about you.")
    ] = True,
    incognito: Annotated[bool, typer.Option("--incognito", help="Store nothing of this.")] = False,
    audience: Audience = AUDIENCE,
    purpose: Purpose = PURPOSE,
    image: Annotated[
        list[Path] | None, typer.Option(help="An image to show the model (repeatable).")
    ] = None,
    why: Annotated[
        bool,
        typer.Option(
            "--why", help="Print on standard error what the reply used and what was withheld."
        ),
    ] = False,
    max_tokens: MaxTokens = None,
    temperature: Temperature = None,
    thinking: Thinking = 0,
) -> None:
    """Answer one question on standard output."""
    asked = given(question)
    with opened(options(context)) as assistant:
        conversation = assistant.conversation(
            incognito=incognito, use_context=UseContext(audience, purpose)
        )
        sampling = chosen_sampling(
            assistant, temperature=temperature, max_tokens=max_tokens, thinking=thinking
        )
        with conversation.ask(
            asked, sampling=sampling, personalize=personalize, images=image or ()
        ) as reply:
            _write(reply)
        if reply.dropped_turns:
            stderr().print(
                f"{reply.dropped_turns} oldest turns did not fit the context and were left out"
            )
        found = sources_table(assistant.profile, reply.sources) if why else None
        if found is not None:
            stderr().print(found)
        if not reply.complete:
            raise typer.Exit(INTERRUPTED)


def _write(reply: Reply) -> None:
    with stopping(reply):
        thoughts = stderr()
        for thought in reply.thinking:
            thoughts.print(plain(thought, style="dim"), end="", soft_wrap=True)
        if reply.thought_so_far:
            thoughts.print()
        for piece in reply:
            write_raw(piece)
    write_raw("\n")
