"""Returns the uses of taste that are on: those that won their trial or were switched on."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from homeward.taste.examples import Example, Examples
from homeward.taste.personal import PersonalTaste, Taste
from homeward_store import ConsentRequired, LearnedKind, LearnedUse, Pick, Source, SourceKind


@dataclass(frozen=True, slots=True, eq=False)
class TasteInUse:
    """A taste as it was learned, and the uses that are on; an ended consent ends them at once."""

    personal: PersonalTaste
    taste: Taste
    pool: Examples | None  # None: no examples
    drafts: bool

    def examples(
        self, question: str, *, permitted: Callable[[Example], bool]
    ) -> tuple[Example, ...]:
        """Return what the model is shown before a conversation that begins with `question`."""
        if self.pool is None or not self.personal.permitted:
            return ()
        try:
            return self.pool.about(question, permitted=permitted)
        except ConsentRequired:
            return ()  # memories may not be used to answer

    @property
    def drafting(self) -> bool:
        """Whether several drafts are worth their time."""
        return self.drafts and self.personal.permitted

    def use(self, pick: Pick | None = None) -> tuple[LearnedUse, list[Source]]:
        """Return what a reply says of the taste that made it, and what that was learned from."""
        choices = sorted(set(self.taste.data.ids))
        state = hashlib.sha256(self.taste.posterior.mean.astype("<f8").tobytes())
        state.update(json.dumps([self.taste.published, choices]).encode())
        use = LearnedUse(
            LearnedKind.TASTE,
            state.hexdigest(),
            ((SourceKind.CHOICE, len(choices)),),
            self.taste.published,
            pick,
        )
        return use, [(SourceKind.CHOICE, choice) for choice in choices]

    def pick(self, question: str, drafts: Sequence[str]) -> Pick:
        """Choose the draft that the person would like; the first one, where it is not sure."""
        return self.personal.pick(self.taste, question, drafts)
