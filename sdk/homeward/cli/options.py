"""What was chosen on the command line before the command's own name. Opens nothing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from homeward import Sampling

DEFAULT_PERSON = "me"

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


def options(context: typer.Context) -> Options:
    """Return what the root command put into the context."""
    chosen = context.find_object(Options)
    if chosen is None:
        raise RuntimeError("a command ran without the root command")
    return chosen
