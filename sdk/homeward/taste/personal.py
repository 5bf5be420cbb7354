"""
Fits one person's taste to their profile; no other module of this package reads the store.

Choices are read for the purpose of learning, so a withdrawn consent ends it. Measuring a reply
takes milliseconds of embedding, so measurements are kept, encrypted and bound to their choices.
"""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from homeward.errors import InvalidArgument
from homeward.learning.paired_trial import TrialVerdict, judge
from homeward.taste.comparisons import STRENGTHS, difference, weigh
from homeward.taste.draft_selection import pick
from homeward.taste.examples import Examples
from homeward.taste.explanation import Learned, explain
from homeward.taste.features import SETTINGS, Features, declared
from homeward.taste.groups import Group, blend
from homeward.taste.posterior import Comparisons, Posterior, fit, held_back_losses
from homeward.taste.questions import TuningPair, most_informative
from homeward.taste.weight_prior import Floats, WeightPrior
from homeward_store import (
    Category,
    Choice,
    ChoiceId,
    ChoiceSource,
    Origin,
    Pick,
    Profile,
    Purpose,
    SourceForgotten,
    SourceKind,
)
from homeward_store.typed import doors

MEASURES_KIND = "taste-measures"
TAG = "taste"  # of attributes that hold a weight; the gate never quotes them to the model
_LEARNED = "as learned"
_COUNTS = f"{TAG} counts: "  # before a kind of choice
_TO_SHOW = frozenset({ChoiceSource.EXPLICIT, ChoiceSource.EDIT})  # those that become memories
_CHUNK = 64  # choices a file: forgetting one measures at most these anew


@dataclass(frozen=True, slots=True, eq=False)
class Taste:
    """Fitted weights, and the choices behind them."""

    posterior: Posterior
    data: Comparisons
    published: str = ""  # the federation's numbers that it began at, where it did

    def explain(self) -> list[Learned]:
        """Every weight in words, with the choices that it was learned from."""
        return explain(self.posterior, self.data)

    def verdict(self) -> TrialVerdict:
        """Judge whether taste predicts the person's newest choices better than no taste."""
        return judge(*held_back_losses(self.data, self.posterior.prior))


def strengths_in(
    profile: Profile, usual: Mapping[ChoiceSource, float] = STRENGTHS
) -> dict[ChoiceSource, float]:
    """Return how much one choice of each kind counts: as the person said, or else as usual."""
    set_by_person = {
        source: float(found.value)
        for source in ChoiceSource
        if (found := profile.attributes.get(f"{_COUNTS}{source.value}"))
        and isinstance(found.value, (int, float))
    }
    return {**usual, **set_by_person}


@doors
class PersonalTaste:
    """Learns from the choices of one profile; asks, picks and explains with what it learned."""

    def __init__(
        self,
        profile: Profile,
        features: Features,
        *,
        groups: Callable[[WeightPrior], Sequence[Group]] | None = None,
        strengths: Mapping[ChoiceSource, float] = STRENGTHS,
    ) -> None:
        """Take what others' choices say of a new person from `groups`, given a stranger's prior."""
        self._profile = profile
        self._features = features
        self.stranger = features.stranger()
        self._groups = groups
        self._strengths = strengths
        self._measured: dict[int, Floats] = {}
        self._pairs: dict[TuningPair, Floats] = {}
        self._last: Posterior | None = None

    def choices(self) -> list[Choice]:
        """
        Return what may be learned from, oldest first.

        Raises:
            ConsentRequired: the person does not let choices be learned from.
        """
        return self._profile.reading_for(Purpose.LEARN).choices.all()

    @property
    def permitted(self) -> bool:
        """Whether the person lets choices be learned from, at this moment."""
        return self._profile.consent.allows(Purpose.LEARN, Category.CHOICES)

    def learn(self, *, before: ChoiceId | None = None) -> Taste:
        """
        Fit all choices there are now, or those older than `before`.

        Weights that the person set stay as they are.

        Guarantees:
            The same whatever was learned before: a forgotten choice leaves no trace.

        Raises:
            ConsentRequired: the person does not let choices be learned from.
        """
        choices = self.choices()
        if before is not None:
            choices = [one for one in choices if one.id < before]
        data = self.comparisons(choices)
        overruled = self.overruled()
        groups = self._groups(self.stranger) if self._groups else ()
        prior = self._start(groups, data).pinned(overruled)
        learned = fit(data, prior, start=None if overruled else self._last)
        self._last = None if overruled else learned
        return Taste(learned, data, groups[0].published if groups else "")

    def examples(self, taste: Taste) -> Examples:
        """Return the pairs that `taste` was learned from, to choose in-context examples from."""
        known = set(taste.data.ids)
        own = [one for one in self.choices() if one.id in known and _is_to_show(one)]
        rows = [self._measured[one.id] for one in own]
        differences = np.array(rows).reshape(len(own), len(self._features.names))
        # The model will read them: a consent to learn from choices is not one to answer with them.
        memories = self._profile.reading_for(Purpose.ANSWER).memories
        return Examples(
            taste.posterior,
            own,
            differences,
            self._features.embedder,
            lambda choice: memories.of(SourceKind.CHOICE, choice.id),
        )

    def log_odds(self, taste: Taste, prompt: str, first: str, second: str) -> float:
        """Return how much likelier the person is to prefer the first reply, as log odds."""
        rows = self._features.of(prompt, [first, second])
        [likely] = taste.posterior.probability((rows[0] - rows[1])[None, :])
        return float(np.log(likely) - np.log1p(-likely))

    def comparisons(self, choices: Sequence[Choice]) -> Comparisons:
        """Measure choices, which the caller may read for what it needs them for."""
        dims = len(self._features.names)
        return weigh(choices, self._differences(choices), dims=dims, strengths=self.strengths())

    def _start(self, groups: Sequence[Group], data: Comparisons) -> WeightPrior:
        start = blend(groups, data) if groups else self.stranger
        return declared(start, self._declared())

    def _declared(self) -> dict[str, str]:
        """Return the settings of style that the person made, where they may be learned from."""
        if not self._profile.consent.allows(Purpose.LEARN, Category.ATTRIBUTES):
            return {}
        attributes = self._profile.reading_for(Purpose.LEARN).attributes
        found = [attributes.get(key) for key in SETTINGS]
        return {one.key: str(one.value) for one in found if one and one.origin is Origin.PERSON}

    def overrule(self, name: str, weight: float) -> None:
        """
        Set a weight by the person's word, until `trust_choices`.

        Raises:
            InvalidArgument: no weight is called `name`, or it is not a finite number.
        """
        if name not in self._features.names:
            raise InvalidArgument(f"no weight is called {name!r}")
        if not math.isfinite(weight):
            raise InvalidArgument(f"the weight of {name!r} is a finite number, not {weight}")
        self._profile.attributes.set(f"{TAG}: {name}", float(weight), tags=(TAG,))

    def trust_choices(self, name: str) -> bool:
        """Undo `overrule`; returns whether there was anything to undo."""
        if name not in self.overruled():
            return False
        self._profile.attributes.set(f"{TAG}: {name}", _LEARNED, tags=(TAG,))
        return True

    def overruled(self) -> dict[str, float]:
        """Return the weights that the person set."""
        return {
            name: float(found.value)
            for name in self._features.names
            if (found := self._profile.attributes.get(f"{TAG}: {name}"))
            and isinstance(found.value, (int, float))
        }

    def count(self, source: ChoiceSource, strength: float) -> None:
        """
        Say how much one choice of a kind counts, for good; 0 switches the kind off.

        Raises:
            InvalidArgument: not between 0 and 1.
        """
        if not 0 <= strength <= 1:
            raise InvalidArgument(f"a choice's strength must lie between 0 and 1, not {strength}")
        key = f"{_COUNTS}{ChoiceSource(source).value}"
        self._profile.attributes.set(key, float(strength), tags=(TAG,))

    def strengths(self) -> dict[ChoiceSource, float]:
        """Return how much one choice of each kind counts."""
        return strengths_in(self._profile, self._strengths)

    def next_question(self, taste: Taste, pairs: Sequence[TuningPair]) -> int:
        """Return the position of the pair whose answer is expected to tell most."""
        return most_informative(taste.posterior, self._between(pairs))

    def pick(self, taste: Taste, prompt: str, drafts: Sequence[str]) -> Pick:
        """Choose the draft that the person would like; the first one, where it is not sure."""
        return pick(taste.posterior, self._features.of(prompt, drafts))

    def _between(self, pairs: Sequence[TuningPair]) -> Floats:
        for pair in pairs:
            if pair not in self._pairs:
                first, second = self._features.of(pair.prompt, [pair.first, pair.second])
                self._pairs[pair] = first - second
        rows = [self._pairs[pair] for pair in pairs]
        return np.array(rows).reshape(len(pairs), len(self._features.names))

    def _differences(self, choices: Sequence[Choice]) -> list[Floats]:
        present = {choice.id for choice in choices}
        self._measured = {at: row for at, row in self._measured.items() if at in present}
        for number in sorted({choice.id // _CHUNK for choice in choices}):
            chunk = [choice for choice in choices if choice.id // _CHUNK == number]
            if any(choice.id not in self._measured for choice in chunk):
                # A chunk that still grows would be written anew with each choice.
                self._measure(chunk, number, keep=chunk[-1].id != choices[-1].id)
        return [self._measured[choice.id] for choice in choices]

    def _measure(self, chunk: Sequence[Choice], number: int, *, keep: bool) -> None:
        key = self._features.sha256 + number.to_bytes(8, "big")
        stored = self._profile.blobs.get(MEASURES_KIND, key) if keep else None
        if stored is not None:
            rows = np.load(io.BytesIO(stored), allow_pickle=False)
            if len(rows) == len(chunk):
                self._measured |= {one.id: row for one, row in zip(chunk, rows, strict=True)}
                return
        for choice in chunk:
            if choice.id not in self._measured:
                self._measured[choice.id] = difference(choice, self._features)
        if keep:
            buffer = io.BytesIO()
            np.save(buffer, np.stack([self._measured[one.id] for one in chunk]))
            sources = [(SourceKind.CHOICE, int(one.id)) for one in chunk]
            with suppress(SourceForgotten):  # meanwhile: the next reading measures what is left
                self._profile.blobs.put(MEASURES_KIND, key, buffer.getvalue(), sources=sources)


def _is_to_show(choice: Choice) -> bool:
    """Return whether a pair may stand in a prompt as what was asked and said: nobody else's."""
    return choice.source in _TO_SHOW and choice.origin is Origin.PERSON
