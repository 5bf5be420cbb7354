"""
Tries taste on the person's newest choices: is it worth using for their replies?

Two uses are tried, one on top of the other, so that best of n is never worse than in-context
examples alone: examples against nothing, then choosing among drafts against whichever won. A loss
is the chance of taking the reply that the person rejected: a half, where nothing is known. It is
bounded, so that one slip of theirs does not outweigh ten clear choices.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from threading import Event
from typing import Protocol

import numpy as np

from homeward.errors import Cancelled, TooFewChoices
from homeward.learning.minimums import LEAST_HELD_BACK
from homeward.learning.paired_trial import TrialVerdict, judge, newest
from homeward.ports import Vector
from homeward.taste.examples import Example
from homeward.taste.personal import PersonalTaste
from homeward.taste.posterior import sigmoid
from homeward.taste.weight_prior import Floats
from homeward_store import BlobCorrupt, Choice, ChoiceSource, SourceKind
from homeward_store.repositories.blobs import Blobs

KIND = "taste-trial"
# Choices between two replies: as many to learn from as to be tried on.
LEAST = 2 * LEAST_HELD_BACK
# choices between two replies: eight to learn from, eight to be tried on
_SHARE, _MOST_HELD = 0.3, 32  # four readings of each held-back choice by the model
_BETA = 0.1  # as for learning from choices by gradient: log odds for a nat of the model's own

_BETWEEN_TWO = frozenset({ChoiceSource.EXPLICIT, ChoiceSource.EDIT, ChoiceSource.RETRY})


class Reader(Protocol):
    """Says how likely a model finds a reply after examples: its log probability in nats."""

    def reads(self, asked: str, replied: str, examples: Sequence[Example]) -> float:
        """Return the log probability of the whole reply."""
        ...

    def beginning(self, replied: str) -> str:
        """Return the part of a reply that a draft would have."""
        ...


@dataclass(frozen=True, slots=True)
class TasteTrial:
    """What was tried, how it went, and what is used because of it, or by the person's word."""

    model_sha256: str
    tried_at: str  # ISO 8601, UTC
    learned_from: tuple[int, ...]  # choices
    held_back: tuple[int, ...]
    examples: TrialVerdict  # in-context examples, against none
    drafts: TrialVerdict  # choosing among drafts, against what won before it
    use_examples: bool
    use_drafts: bool

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "TasteTrial":
        """The trial that `to_json` wrote."""
        content = json.loads(text)
        verdicts = {name: TrialVerdict(**content[name]) for name in ("examples", "drafts")}
        lists = {name: tuple(content[name]) for name in ("learned_from", "held_back")}
        return cls(**content | lists | verdicts)


def try_taste(
    personal: PersonalTaste,
    reader: Reader,
    *,
    model_sha256: str,
    now: Callable[[], datetime],
    report: Callable[[int, int], None] = lambda _done, _all: None,
    cancel: Event | None = None,
) -> TasteTrial:
    """
    Try both uses on the newest choices, with a taste that was learned from the older ones.

    Raises:
        ConsentRequired: choices may not be learned from. TooFewChoices: fewer than LEAST choices
        between two replies. Cancelled: `cancel` was set; nothing was decided.
    """
    between = [one for one in personal.choices() if _is_between_two(one)]
    if len(between) < LEAST:
        raise TooFewChoices(
            f"a trial needs at least {LEAST} choices between two replies, got {len(between)}"
        )
    _, last = newest(len(between), _SHARE)
    held = [between[at] for at in last][-_MOST_HELD:]
    taste = personal.learn(before=held[0].id)
    pool = personal.examples(taste)
    rewards, odds = list[float](), list[float]()
    for done, choice in enumerate(held):
        if cancel is not None and cancel.is_set():
            raise Cancelled(f"cancelled after {done} of {len(held)} choices")
        report(done, len(held))
        rewards.append(_reward(reader, choice, pool.about(choice.prompt)))
        heads = [reader.beginning(text) for text in (choice.chosen, choice.rejected)]
        odds.append(personal.log_odds(taste, choice.prompt, *heads))
    report(len(held), len(held))
    examples, drafts = nested(np.array(rewards), np.array(odds))
    return TasteTrial(
        model_sha256,
        now().isoformat(timespec="seconds"),
        tuple(sorted(set(taste.data.ids))),
        tuple(choice.id for choice in held),
        examples,
        drafts,
        use_examples=examples.wins,
        use_drafts=drafts.wins,
    )


def nested(rewards: Floats, odds: Floats) -> tuple[TrialVerdict, TrialVerdict]:
    """
    Judge examples against nothing, then drafts against whichever of these won.

    Shapes:
        rewards: (items,), log odds of each choice by the model with examples against without.
        odds: (items,), by taste.

    Source:
        Rafailov et al. 2023, arXiv:2305.18290: a model's own reward is its log ratio times beta.
    """
    nothing = np.zeros_like(rewards)
    examples = judge(_losses(nothing), _losses(rewards))
    before = rewards if examples.wins else nothing
    return examples, judge(_losses(before), _losses(before + odds))


class TasteTrials:
    """The trials of one profile; forgetting a choice shreds those that it was part of."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def find(self, model_sha256: str) -> TasteTrial | None:
        """The last trial with this very model."""
        try:
            data = self._blobs.get(KIND, bytes.fromhex(model_sha256))
        except BlobCorrupt:
            return None  # trying again is always right
        return None if data is None else TasteTrial.from_json(data.decode())

    def all(self) -> list[TasteTrial]:
        """The last trial with each model."""
        found = (self.find(key.hex()) for key in self._blobs.keys(KIND))
        return [trial for trial in found if trial is not None]

    def keep(self, trial: TasteTrial) -> None:
        """
        Keep a trial, in place of an older one with the same model.

        Raises:
            SourceForgotten: a choice of it was forgotten.
        """
        sources = [(SourceKind.CHOICE, one) for one in (*trial.learned_from, *trial.held_back)]
        key = bytes.fromhex(trial.model_sha256)
        self._blobs.put(KIND, key, trial.to_json().encode(), sources=sources)

    def switch(self, trial: TasteTrial, *, examples: bool, drafts: bool) -> TasteTrial:
        """Use either, or keep it unused, whatever the trial said."""
        switched = replace(trial, use_examples=examples, use_drafts=drafts)
        self.keep(switched)
        return switched

    def remove_stale(self) -> None:
        """Remove what was decided on forgotten choices."""
        for one in self._blobs.stale(KIND):
            self._blobs.remove(one.kind, one.cache_key)


def _is_between_two(choice: Choice) -> bool:
    return choice.source in _BETWEEN_TWO and bool(choice.chosen and choice.rejected)


def _reward(reader: Reader, choice: Choice, shown: Sequence[Example]) -> float:
    if not shown:
        return 0.0
    gains = [
        reader.reads(choice.prompt, text, shown) - reader.reads(choice.prompt, text, ())
        for text in (choice.chosen, choice.rejected)
    ]
    return _BETA * (gains[0] - gains[1])


def _losses(log_odds: Floats) -> Vector:
    return sigmoid(-log_odds).astype(np.float32)
