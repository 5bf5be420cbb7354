"""
Chooses in-context examples from the person's own questions and chosen replies.

An example is a question and the reply to it that the person chose. Only choices that became
memories are shown, so that consent and forgetting follow them as they follow memories.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from homeward.ports import Embedder, Vector
from homeward.taste.draft_selection import examples
from homeward.taste.posterior import Posterior
from homeward.taste.weight_prior import Floats
from homeward_store import Choice, Memory

MOST = 2  # two are some 150 tokens in front of every conversation
_CANDIDATES = 128  # most typical pairs, whose prompts are compared with a question
_LONGEST = 600  # characters: a manner shows in a reply's beginning


@dataclass(frozen=True, slots=True)
class Example:
    """One choice to show, with the memories that stand for it in the store."""

    choice: Choice
    memories: tuple[Memory, ...]

    @property
    def asked(self) -> str:
        """What is shown of the question."""
        return self.choice.prompt[:_LONGEST]

    @property
    def replied(self) -> str:
        """What is shown of the reply."""
        return self.choice.chosen[:_LONGEST]


@dataclass(frozen=True, eq=False)
class Examples:
    """
    Chooses examples from the person's pairs of replies.

    Shapes:
        differences: (n, d), one row a choice.
    """

    posterior: Posterior
    choices: Sequence[Choice]
    differences: Floats
    embedder: Embedder | None  # None: questions are not compared
    memories: Callable[[Choice], Sequence[Memory]]

    def about(
        self, question: str, *, permitted: Callable[[Example], bool] = lambda _: True
    ) -> tuple[Example, ...]:
        """
        Pairs whose prompt is like `question` and whose choice is typical, the best one last.

        Guarantees:
            None of a choice that the store has no memory of, or that `permitted` refuses.
        """
        if not self._typical:
            return ()
        rows = self.differences[self._typical]
        best = examples(self.posterior, rows, self._likeness(question), limit=len(rows))
        found = list[Example]()
        for at in best:
            choice = self.choices[self._typical[at]]
            example = Example(choice, tuple(self.memories(choice)))
            if example.memories and permitted(example):
                found.append(example)
            if len(found) == MOST:
                break
        return tuple(reversed(found))

    @cached_property
    def _typical(self) -> list[int]:
        """Which choices are candidates: of many, those that taste is surest of."""
        alike = np.ones(len(self.choices))
        return examples(self.posterior, self.differences, alike, limit=_CANDIDATES)

    def _likeness(self, question: str) -> Floats:
        if self.embedder is None:
            return np.ones(len(self._typical))
        [wanted] = self.embedder.embed([question])
        return np.asarray((1 + self._prompts @ wanted) / 2, dtype=np.float64)

    @cached_property
    def _prompts(self) -> Vector:
        texts = [self.choices[at].prompt for at in self._typical]
        return np.empty((0, 0), np.float32) if self.embedder is None else self.embedder.embed(texts)
