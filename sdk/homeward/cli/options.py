"""Holds the options that every command has, which stand before its name. Opens nothing."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

import homeward
from homeward import Assistant, ProfileMissing, Sampling, UseContext
from homeward.engine_settings import EngineSettings
from homeward.errors import InvalidArgument

_NEW_PERSON = "me"

Audience = Annotated[
    str, typer.Option(help="Who reads the reply, such as work; your `homeward rules` apply.")
]
Purpose = Annotated[str, typer.Option(help="What the reply is for, such as mail.")]
AUDIENCE, PURPOSE = UseContext().audience, UseContext().purpose
Tags = Annotated[
    list[str] | None, typer.Argument(help="Tags that replace the present ones (repeatable).")
]
AddTags = Annotated[list[str] | None, typer.Option("--add", help="A tag to add (repeatable).")]
RemoveTags = Annotated[
    list[str] | None, typer.Option("--remove", help="A tag to remove (repeatable).")
]

Temperature = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        max=2.0,
        help="0 always takes the likeliest token; higher values vary more. By default what suits "
        "the model.",
    ),
]
MaxTokens = Annotated[
    int | None,
    typer.Option(
        min=1, help="The most tokens that a reply may have; by default what suits the model."
    ),
]
Thinking = Annotated[
    int,
    typer.Option(
        min=0,
        help="Let the model think for at most so many tokens before it replies. Its thoughts are "
        "shown dimmed and never stored. Models that cannot think ignore it.",
    ),
]


@dataclass(frozen=True, slots=True)
class Options:
    """The root options, in every command's reach."""

    named: str | None  # whose profile, if the command line says it
    home: Path
    keychain: bool
    model: str | None
    engine: EngineSettings

    def of(self, person: str | None) -> "Options":
        """These options for `person`, if a command was given a name."""
        return self if person is None else replace(self, named=person)

    def of_new(self, person: str | None) -> "Options":
        """These options for a profile that is to be made; it never gets another one's name."""
        return self.of(person or self.named or _NEW_PERSON)

    @property
    def person(self) -> str:
        """
        The person whose profile to use: the named one, else the only one.

        Raises:
            ProfileMissing: there is none. InvalidArgument: there are several, and none was named.
        """
        if self.named is not None:
            return self.named
        people = homeward.people(self.home)
        if not people:
            raise ProfileMissing(f"there is no profile in {self.home}")
        if len(people) > 1:
            raise InvalidArgument(
                f"there are {len(people)} profiles: {', '.join(people)}; "
                f"name one, such as `homeward -p {shlex.quote(people[0])} chat`"
            )
        return people[0]


def chosen_sampling(
    assistant: Assistant,
    *,
    temperature: float | None,
    thinking: int,
    max_tokens: int | None = None,
) -> Sampling:
    """Return how replies are drawn: as suits the model, but for what the person chose."""
    own = assistant.traits.sampling_for(thinking)
    return replace(
        own,
        temperature=own.temperature if temperature is None else temperature,
        max_tokens=own.max_tokens if max_tokens is None else max_tokens,
    )


def retagged(
    there: Iterable[str], tags: list[str] | None, add: list[str] | None, remove: list[str] | None
) -> list[str]:
    """
    Return the tags that are asked for: all anew, or those that are there with a few changed.

    Raises:
        InvalidArgument: both at once.
    """
    if not add and not remove:
        return tags or []
    if tags:
        raise InvalidArgument("give either all tags, or --add and --remove, not both")
    return sorted({*there, *(add or ())} - set(remove or ()))


def options(context: typer.Context) -> Options:
    """Return what the root command put into the context."""
    chosen = context.find_object(Options)
    if chosen is None:
        raise RuntimeError("a command ran without the root command")
    return chosen
