"""`homeward ask`: one question, its answer on standard output."""

from pathlib import Path
from typing import Annotated

import typer

from homeward import Moment, Reply, Sampling
from homeward.cli.errors import INTERRUPTED
from homeward.cli.given import Question, given
from homeward.cli.interrupt import stopping
from homeward.cli.options import (
    AUDIENCE,
    PURPOSE,
    TEMPERATURE,
    Audience,
    Purpose,
    Temperature,
    options,
)
from homeward.cli.render import stderr, write_raw
from homeward.cli.unlock import opened
from homeward.cli.why import sources_table


def ask(
    context: typer.Context,
    question: Question = None,
    *,
    personalize: Annotated[bool, typer.Option(help="Use what is known about the person.")] = True,
    incognito: Annotated[bool, typer.Option("--incognito", help="Keep nothing.")] = False,
    audience: Audience = AUDIENCE,
    purpose: Purpose = PURPOSE,
    image: Annotated[
        list[Path] | None, typer.Option(help="An image to be looked at; may be given again.")
    ] = None,
    why: Annotated[
        bool, typer.Option("--why", help="Show on standard error what was used and withheld.")
    ] = False,
    max_tokens: Annotated[
        int, typer.Option(min=1, help="The reply ends here at the latest.")
    ] = Sampling().max_tokens,
    temperature: Temperature = TEMPERATURE,
) -> None:
    """Answer one question on standard output."""
    asked = given(question)
    with opened(options(context)) as assistant:
        conversation = assistant.conversation(incognito=incognito, moment=Moment(audience, purpose))
        sampling = Sampling(temperature=temperature, max_tokens=max_tokens)
        with conversation.ask(
            asked, sampling=sampling, personalize=personalize, images=image or ()
        ) as reply:
            _write(reply)
        if reply.dropped_turns:
            stderr().print(f"{reply.dropped_turns} oldest turns were left out")
        found = sources_table(assistant.profile, reply.sources) if why else None
        if found is not None:
            stderr().print(found)
        if not reply.complete:
            raise typer.Exit(INTERRUPTED)


def _write(reply: Reply) -> None:
    with stopping(reply):
        for piece in reply:
            write_raw(piece)
    write_raw("\n")
