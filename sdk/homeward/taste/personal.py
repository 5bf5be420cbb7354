"""
One person's taste, over their profile: the only module of this package that reads the store.

Choices are read for the purpose of learning, so a withdrawn consent ends it. Measuring a reply
takes milliseconds of embedding, so measurements are kept, encrypted and bound to their choices.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from homeward.learning.trial import Verdict, judge
from homeward.taste.evidence import STRENGTHS, difference, weigh
from homeward.taste.explanation import Learned, explain
from homeward.taste.features import Features
from homeward.taste.holdout import held_back_losses
from homeward.taste.picking import Pick, pick
from homeward.taste.posterior import Comparisons, Posterior, fit
from homeward.taste.prior import Floats, Prior
from homeward.taste.questions import teaches_most
from homeward.taste.tuning import TuningPair
from homeward_store import Choice, ChoiceSource, Profile, Purpose, SourceKind

MEASURES_KIND = "taste-measures"
_CHUNK = 64  # choices a file: forgetting one measures at most these anew


@dataclass(frozen=True, slots=True, eq=False)
class Taste:
    """What was learned, and from what."""

    posterior: Posterior
    data: Comparisons

    def explain(self) -> list[Learned]:
        """Every weight in words, with the choices that taught it."""
        return explain(self.posterior, self.data)

    def verdict(self) -> Verdict:
        """Judge whether taste predicts the person's newest choices better than no taste."""
        return judge(*held_back_losses(self.data, self.posterior.prior))


class PersonalTaste:
    """Learns from the choices of one profile; asks, picks and explains with what it learned."""

    def __init__(
        self,
        profile: Profile,
        features: Features,
        *,
        prior: Prior | None = None,
        strengths: Mapping[ChoiceSource, float] = STRENGTHS,
    ) -> None:
        self._profile = profile
        self._features = features
        self._prior = prior or features.stranger()
        self._strengths = strengths
        self._measured: dict[int, Floats] = {}
        self._last: Posterior | None = None

    def learn(self, overruled: Mapping[str, float] | None = None) -> Taste:
        """
        Fit all choices there are now; `overruled` are weights that the person set.

        Guarantees:
            The same whatever was learned before: a forgotten choice leaves no trace.

        Raises:
            ConsentRequired: the person does not let choices be learned from.
        """
        choices = self._profile.reading_for(Purpose.LEARN).choices.all()
        differences = self._differences(choices)
        dims = len(self._features.names)
        data = weigh(choices, differences, dims=dims, strengths=self._strengths)
        prior = self._prior.pinned(overruled or {})
        start = self._last if self._last is not None and not overruled else None
        learned = fit(data, prior, start=start)
        self._last = None if overruled else learned
        return Taste(learned, data)

    def next_question(self, taste: Taste, pairs: Sequence[TuningPair]) -> int:
        """Return the position of the pair whose answer would teach most."""
        return teaches_most(taste.posterior, self._between(pairs))

    def pick(self, taste: Taste, prompt: str, drafts: Sequence[str]) -> Pick:
        """Choose the draft that the person would like; the first one, where it is not sure."""
        return pick(taste.posterior, self._features.of(prompt, drafts))

    def _between(self, pairs: Sequence[TuningPair]) -> Floats:
        rows = [self._features.of(pair.prompt, [pair.first, pair.second]) for pair in pairs]
        return np.array([first - second for first, second in rows]).reshape(len(pairs), -1)

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
            self._profile.blobs.put(MEASURES_KIND, key, buffer.getvalue(), sources=sources)
