"""What was chosen on the command line before the command's own name. Opens nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from homeward import Sampling, UseContext

DEFAULT_PERSON = "me"

Audience = Annotated[
    str, typer.Option(help="Who reads it, such as work: `homeward rules` say what they are told.")
]
Purpose = Annotated[str, typer.Option(help="What it is for, such as mail.")]
AUDIENCE, PURPOSE = UseContext().audience, UseContext().purpose
Tags = Annotated[list[str] | None, typer.Argument(help="In place of those there are; or none.")]
AddTags = Annotated[list[str] | None, typer.Option("--add", help="One tag more; may be repeated.")]
RemoveTags = Annotated[
    list[str] | None, typer.Option("--remove", help="One tag less; may be repeated.")
]

Temperature = Annotated[
    float, typer.Option(min=0.0, max=2.0, help="0: always the likeliest word. Higher: freer.")
]
TEMPERATURE = Sampling().temperature


@dataclass(frozen=True, slots=True)
class Options:
    """The root options, in every command's reach."""

    person: str
    home: Path
    keychain: bool
    model: str | None
    threads: int | None

    def of(self, person: str | None) -> "Options":
        """These options for `person`, where a command was given one."""
        if person is None:
            return self
        return Options(person, self.home, self.keychain, self.model, self.threads)


def retagged(
    there: Iterable[str], tags: list[str] | None, add: list[str] | None, remove: list[str] | None
) -> list[str]:
    """
    Return the tags that are asked for: all anew, or those that are there with a few changed.

    Raises:
        ValueError: both at once.
    """
    if not add and not remove:
        return tags or []
    if tags:
        raise ValueError("either name all tags, or change some by --add and --remove")
    return sorted({*there, *(add or ())} - set(remove or ()))


def options(context: typer.Context) -> Options:
    """Return what the root command put into the context."""
    chosen = context.find_object(Options)
    if chosen is None:
        raise RuntimeError("a command ran without the root command")
    return chosen
