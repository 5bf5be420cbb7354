"""Finds what follows from a language model's kind, in the table `model_traits.toml`. Pure."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from homeward.errors import InvalidArgument
from homeward.sampling import Sampling
from homeward_store.typed import typed

Condition = Callable[["ModelKind", Any], bool]

_CONDITIONS: dict[str, Condition] = {
    "architecture": lambda kind, wanted: kind.architecture in wanted,
    "tokenizer": lambda kind, wanted: kind.tokenizer in wanted,
    "width_from": lambda kind, least: kind.width >= least,
    "width_below": lambda kind, most: kind.width < most,
    "context_below": lambda kind, most: kind.context < most,
    "has_template": lambda kind, wanted: kind.has_template is wanted,
}
_TABLE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class ModelKind:
    """What a model's traits follow from; all of it stands in the head of its file."""

    architecture: str
    tokenizer: str = ""  # `tokenizer.ggml.pre`: tells families of one architecture apart
    width: int = 0  # numbers of an embedding
    context: int = 4096  # tokens that it reads at once
    has_template: bool = True  # False: a base model, which was never taught to take turns


@dataclass(frozen=True, slots=True)
class ModelTraits:
    """
    How a model is talked to, and what it can be trusted with.

    Raises:
        InvalidArgument: a number is negative.
    """

    # Memories that stand beside a question, at most: SmolLM2-135M answers 9 of 12 with two, 5 with
    # three (docs/log.md).
    quotes: int = 2
    quote_tokens: int = 350  # of all of them; beyond it small models lose the question
    # Memories are put with their dates: SmolLM2-135M answers 7 of 12 questions with and 10 without.
    dates: bool = False
    demonstration: bool = True  # it is shown how a quote is used
    exchanges: int = 1  # earlier ones that it is shown, at most; the 135M goes astray over more
    reads_facts: bool = True  # it may take the self-test for reading facts out of texts
    sampling: Sampling = field(default_factory=Sampling)  # how a reply is drawn
    thinking_sampling: Sampling | None = None  # the same after a thought; None: no otherwise

    def __post_init__(self) -> None:
        for name in ("quotes", "quote_tokens", "exchanges"):
            if (value := getattr(self, name)) < 0:
                raise InvalidArgument(f"{name}={value} must not be negative")

    @typed
    def sampling_for(self, thinking: int) -> Sampling:
        """How a reply is drawn that may be thought about for `thinking` tokens."""
        own = (self.thinking_sampling if thinking else None) or self.sampling
        return replace(own, thinking=thinking)


Adjust = Callable[[ModelTraits], ModelTraits]


def as_in_table(traits: ModelTraits) -> ModelTraits:
    """Leave the traits of a model as the table has them."""
    return traits


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: whom it is about, where its numbers are from, and the numbers."""

    source: str
    about: Mapping[str, Any]
    changes: Mapping[str, Any]

    def matches(self, kind: ModelKind) -> bool:
        """Whether `kind` meets every condition of the row."""
        return all(_CONDITIONS[name](kind, value) for name, value in self.about.items())

    def applied(self, traits: ModelTraits) -> ModelTraits:
        """Return `traits` with what the row says in their place."""
        changes = dict(self.changes)
        for name in ("sampling", "thinking_sampling"):
            if name in changes:
                drawn = getattr(traits, name) or traits.sampling
                changes[name] = replace(drawn, **changes[name])
        return replace(traits, **changes)


def traits_of(kind: ModelKind) -> ModelTraits:
    """Return the traits of a kind of model: every row that matches says its part, in order."""
    traits = ModelTraits()
    for row in rows():
        if row.matches(kind):
            traits = row.applied(traits)
    return traits


@cache
def rows() -> tuple[Row, ...]:
    """Return the rows of the table."""
    known = {one.name for one in fields(ModelTraits)}
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["row"]
    return tuple(
        Row(
            source=one["source"],
            about=one.get("about", {}),
            changes={name: value for name, value in one.items() if name in known},
        )
        for one in table
    )
