"""
Defines training objectives for soft prompts: losses of single items, and their gradients.

An objective holds its items; the learner picks which of them a step sees. Losses are in nats.
Knows the gradient model, nothing of optimizers, stores or people.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from homeward.learning.gradients.gradient import GradientModel, Pass
from homeward.learning.gradients.packing import TrainingExample
from homeward.learning.gradients.prompt_slot import PromptSlot
from homeward.ports import Vector


class Objective(Protocol):
    """Items with a loss each."""

    @property
    def sizes(self) -> Sequence[int]:
        """Tokens that each item takes in a step."""
        ...

    @property
    def weights(self) -> Sequence[float]:
        """How much each item counts."""
        ...

    def losses(self, model: GradientModel, soft: Vector, items: Sequence[int]) -> Vector:
        """
        Loss of each item, (len(items),): for choosing and for trials.

        Shapes:
            soft: (k, width) float32. Returns (len(items),) float32, in nats.
        """
        ...

    def step(
        self, model: GradientModel, soft: Vector, items: Sequence[int]
    ) -> tuple[float, Vector]:
        """
        Mean loss over the items, and its gradient at `soft`, (k, width).

        Shapes:
            soft: (k, width) float32. Returns the mean loss, in nats, and (k, width) float32.
        """
        ...


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The person's own texts should be likely: mean loss of a scored token."""

    frame: PromptSlot
    examples: Sequence[TrainingExample]

    @property
    def sizes(self) -> Sequence[int]:
        """Tokens of each text."""
        return [len(example.tokens) for example in self.examples]

    @property
    def weights(self) -> Sequence[float]:
        """A text counts by its length alone."""
        return [1.0] * len(self.examples)

    def losses(self, model: GradientModel, soft: Vector, items: Sequence[int]) -> Vector:
        """
        Mean loss of a token, for each text.

        Shapes:
            soft: (k, width) float32. Returns (len(items),) float32, in nats a token.
        """
        run = _run(self, model, soft, items, learn=False)
        return -_per_item(run, run.log_probabilities()) / _counts(run, len(items))

    def step(
        self, model: GradientModel, soft: Vector, items: Sequence[int]
    ) -> tuple[float, Vector]:
        """
        Mean over all tokens of the items, so that long texts weigh more than short ones.

        Shapes:
            soft: (k, width) float32. Returns the mean loss, in nats, and (k, width) float32.
        """
        run = _run(self, model, soft, items, learn=True)
        count = len(run.packed.targets)
        scored = run.backward(np.full(count, -1 / count, np.float32))
        loss = float(-scored.log_probabilities.mean())
        return loss, self.frame.inside(scored.gradient, len(soft))


_RUN_AT_ONCE = 16  # examples; a long context is read once for all of them


@dataclass(frozen=True, slots=True)
class SoftTargets:
    """
    A teacher's soft targets at each scored token of an example.

    Shapes:
        tokens: (scored, k) int64; probabilities: (scored, k), rows sum to 1.
    """

    example: TrainingExample
    tokens: NDArray[np.int64]
    probabilities: Vector


@dataclass(frozen=True, slots=True)
class Distillation:
    """
    The soft prompt should make the model say what a longer context makes it say.

    Source:
        Snell, Klein and Zhong 2022, arXiv:2209.15189; here with the teacher's top k tokens.
    """

    frame: PromptSlot
    targets: Sequence[SoftTargets]

    @property
    def examples(self) -> Sequence[TrainingExample]:
        """The texts that are trained on."""
        return [target.example for target in self.targets]

    @property
    def sizes(self) -> Sequence[int]:
        """Tokens of each text."""
        return [len(target.example.tokens) for target in self.targets]

    @property
    def weights(self) -> Sequence[float]:
        """A text counts by its length alone."""
        return [1.0] * len(self.targets)

    def losses(self, model: GradientModel, soft: Vector, items: Sequence[int]) -> Vector:
        """
        Cross-entropy to the teacher, mean over a text's tokens.

        Shapes:
            soft: (k, width) float32. Returns (len(items),) float32, in nats a token.
        """
        run = _run(self, model, soft, items, learn=False)
        tokens, probabilities = self._soft_targets(items)
        logged = run.score(tokens)
        return -_per_item(run, (logged * probabilities).sum(axis=1)) / _counts(run, len(items))

    def step(
        self, model: GradientModel, soft: Vector, items: Sequence[int]
    ) -> tuple[float, Vector]:
        """
        Mean cross-entropy over all tokens of the items.

        Shapes:
            soft: (k, width) float32. Returns the mean loss, in nats, and (k, width) float32.
        """
        run = _run(self, model, soft, items, learn=True)
        tokens, probabilities = self._soft_targets(items)
        weights = -probabilities / np.float32(len(tokens))
        scored = run.backward(weights, tokens)
        loss = float((scored.log_probabilities * weights).sum())
        return loss, self.frame.inside(scored.gradient, len(soft))

    def _soft_targets(self, items: Sequence[int]) -> tuple[NDArray[np.int64], Vector]:
        chosen = [self.targets[item] for item in items]
        return (
            np.concatenate([target.tokens for target in chosen]),
            np.concatenate([target.probabilities for target in chosen]),
        )


def soft_targets(
    model: GradientModel, context: Vector, examples: Sequence[TrainingExample], *, k: int = 16
) -> list[SoftTargets]:
    """What the model says after `context`, embeddings of (tokens, width): its k likeliest."""
    targets = []
    for start in range(0, len(examples), _RUN_AT_ONCE):
        some = examples[start : start + _RUN_AT_ONCE]
        run = model.run(context, some, learn=False)
        tokens, logged = run.likeliest(k)
        p = np.exp(logged)
        p /= p.sum(axis=1, keepdims=True)
        for number, example in enumerate(some):
            own = run.packed.owners == number
            targets.append(SoftTargets(example, tokens[own], p[own]))
    return targets


@dataclass(frozen=True, slots=True)
class Pair:
    """A choice: two replies to one prompt, and how much the choice counts."""

    chosen: TrainingExample
    rejected: TrainingExample
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Preference:
    """
    Chosen replies should gain on rejected ones, compared with the model without soft prompt.

    What that model gives a pair is computed when the pair is first met, so that it counts toward
    a budget; and of each pair alone, so that it is the same, bit for bit, in whichever step.

    Source:
        Rafailov et al. 2023, arXiv:2305.18290 (DPO); the reference is the unprompted model.
    """

    frame: PromptSlot
    pairs: Sequence[Pair]
    beta: float = 0.1
    _references: dict[int, float] = field(default_factory=dict, init=False, repr=False)

    @property
    def sizes(self) -> Sequence[int]:
        """Tokens of both replies."""
        return [len(pair.chosen.tokens) + len(pair.rejected.tokens) for pair in self.pairs]

    @property
    def weights(self) -> Sequence[float]:
        """The strengths of the choices."""
        return [pair.strength for pair in self.pairs]

    def losses(self, model: GradientModel, soft: Vector, items: Sequence[int]) -> Vector:
        """
        -log of the probability that the soft prompt gives to each choice, times its strength.

        Shapes:
            soft: (k, width) float32. Returns (len(items),) float32, in nats.
        """
        margins, _ = self._margins(model, soft, items, learn=False)
        return self._strengths(items) * np.logaddexp(0, -margins)

    def step(
        self, model: GradientModel, soft: Vector, items: Sequence[int]
    ) -> tuple[float, Vector]:
        """
        Mean over the pairs, each times its strength.

        Shapes:
            soft: (k, width) float32. Returns the mean loss, in nats, and (k, width) float32.
        """
        margins, run = self._margins(model, soft, items, learn=True)
        strengths = self._strengths(items)
        # d/dm of log(1 + exp(-m)) is -1 / (1 + exp(m)); the two replies pull opposite ways.
        pull = -self.beta * strengths / (1 + np.exp(margins)) / len(items)
        sign = np.where(run.packed.owners % 2 == 0, 1, -1)
        scored = run.backward((pull[run.packed.owners // 2] * sign).astype(np.float32))
        loss = float((strengths * np.logaddexp(0, -margins)).mean())
        return loss, self.frame.inside(scored.gradient, len(soft))

    def log_ratios(
        self, model: GradientModel, soft: Vector, items: Sequence[int], *, learn: bool = False
    ) -> tuple[Vector, Pass]:
        """
        Log-probability of each chosen reply less that of the rejected one, and the run.

        Shapes:
            soft: (k, width) float32. Returns (len(items),), in nats.
        """
        replies = [
            reply
            for item in items
            for reply in (self.pairs[item].chosen, self.pairs[item].rejected)
        ]
        run = model.run(self.frame.around(model, soft), replies, learn=learn)
        sums = _per_item(run, run.log_probabilities(), 2 * len(items))
        return sums[0::2] - sums[1::2], run

    def _margins(
        self, model: GradientModel, soft: Vector, items: Sequence[int], *, learn: bool
    ) -> tuple[Vector, Pass]:
        references = np.array([self._reference(model, item) for item in items], np.float32)
        ratios, run = self.log_ratios(model, soft, items, learn=learn)
        return np.float32(self.beta) * (ratios - references), run

    def _reference(self, model: GradientModel, item: int) -> float:
        if item not in self._references:
            nothing = np.empty((0, model.architecture.width), np.float32)
            [ratio], _ = self.log_ratios(model, nothing, [item])
            self._references[item] = float(ratio)
        return self._references[item]

    def _strengths(self, items: Sequence[int]) -> Vector:
        return np.array([self.pairs[item].strength for item in items], np.float32)


@dataclass(frozen=True, slots=True)
class Mixture:
    """Several objectives, each with its weight; an item belongs to one of them."""

    parts: Sequence[tuple[Objective, float]]

    @property
    def sizes(self) -> Sequence[int]:
        """Tokens of all items, one objective's after the other's."""
        return [size for part, _ in self.parts for size in part.sizes]

    @property
    def weights(self) -> Sequence[float]:
        """Each item's own weight times its objective's."""
        return [weight * own for part, weight in self.parts for own in part.weights]

    def losses(self, model: GradientModel, soft: Vector, items: Sequence[int]) -> Vector:
        """
        Each item's loss times its objective's weight.

        Shapes:
            soft: (k, width) float32. Returns (len(items),) float32, in nats.
        """
        out = np.empty(len(items), np.float32)
        for (part, weight), (places, inner) in zip(self.parts, self._split(items), strict=True):
            if inner:
                out[places] = np.float32(weight) * part.losses(model, soft, inner)
        return out

    def step(
        self, model: GradientModel, soft: Vector, items: Sequence[int]
    ) -> tuple[float, Vector]:
        """
        The weighted mean over all items.

        Shapes:
            soft: (k, width) float32. Returns the mean loss, in nats, and (k, width) float32.
        """
        total, gradient = 0.0, np.zeros_like(soft)
        for (part, weight), (_, inner) in zip(self.parts, self._split(items), strict=True):
            if inner:
                share = weight * len(inner) / len(items)
                loss, slope = part.step(model, soft, inner)
                total += share * loss
                gradient += np.float32(share) * slope
        return total, gradient

    def _split(self, items: Sequence[int]) -> list[tuple[list[int], list[int]]]:
        """Per objective: places in `items`, and the objective's own numbers of them."""
        bounds = np.cumsum([0, *(len(part.sizes) for part, _ in self.parts)])
        which = np.searchsorted(bounds, items, side="right") - 1
        return [
            (
                [place for place, w in enumerate(which) if w == part],
                [
                    int(item - bounds[part])
                    for item, w in zip(items, which, strict=True)
                    if w == part
                ],
            )
            for part in range(len(self.parts))
        ]


def _run(
    objective: Likelihood | Distillation,
    model: GradientModel,
    soft: Vector,
    items: Sequence[int],
    *,
    learn: bool,
) -> Pass:
    examples = objective.examples
    prefix = objective.frame.around(model, soft)
    return model.run(prefix, [examples[item] for item in items], learn=learn)


def _per_item(run: Pass, values: Vector, count: int | None = None) -> Vector:
    length = int(run.packed.owners.max()) + 1 if count is None else count
    return np.bincount(run.packed.owners, values, minlength=length).astype(np.float32)


def _counts(run: Pass, count: int) -> Vector:
    return np.bincount(run.packed.owners, minlength=count).astype(np.float32)
