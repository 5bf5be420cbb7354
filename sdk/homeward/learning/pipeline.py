"""
Trains a soft prompt on a person's texts and records its trial on held-out ones.

Texts come in by value, oldest first, with the ids that the record names. The oldest are learned
from, later ones end the learning, and the newest are the trial's: no text serves twice, and what a
held-back choice passed over is not learned from either. The result
depends on the texts, the start and the schedule alone, so learning again without a forgotten text
gives what would have been learned had it never been there.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from homeward.errors import TooLittleToLearn
from homeward.learning.controls import Controls
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.packing import TrainingExample
from homeward.learning.gradients.prompt_slot import PromptSlot
from homeward.learning.minimums import LEAST_HELD_BACK, LEAST_TEXTS
from homeward.learning.objectives import Likelihood, Mixture, Objective, Pair, Preference
from homeward.learning.paired_trial import TrialRecord, TrialVerdict, judge, judge_with_choices
from homeward.learning.soft_prompt_prior import SoftPromptPrior
from homeward.learning.stages import learn_in_stages
from homeward.learning.trainer import Checkpoints, Schedule, TrainingRun, train
from homeward.ports import SoftPrompt, Tokens, Vector

_SHARE_HELD = 0.1  # for ending the learning, and as much again for the trial

# A choice counts as much as a text: Pang et al. 2024, arXiv:2404.19733, add the chosen replies'
# likelihood a token to DPO's loss with weight 1. Without it DPO may make both replies unlikely.
_PREFERENCE = 1.0

# A coordinate's unit is what people differ by, so its rate is larger than a virtual token's.
_IN_COORDINATES = Schedule(epochs=1, patience=1, rate=0.15, pull=0.0)


@dataclass(frozen=True, slots=True)
class Text:
    """
    What the person wrote or chose, after what it answered. `source` names it in the record.

    A choice between two replies also has the one that was `rejected`, and how much it counts.
    """

    source: str
    context: Tokens
    tokens: Tokens
    rejected: Tokens = ()
    strength: float = 1.0

    @property
    def is_choice(self) -> bool:
        """Whether there is a preference to learn: replies that were cut short may be the same."""
        return bool(self.rejected) and self.rejected != self.tokens


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What is learned with: the model, the place of the soft prompt in it, and how long."""

    model: GradientModel
    model_sha256: str
    frame: PromptSlot
    start: Vector  # (virtual tokens, width); what learning is pulled toward, too
    schedule: Schedule
    prior: SoftPromptPrior | None = None  # other people's, where there is one for the model
    origins: tuple[Vector, ...] = ()  # its (48,) coordinates where others' learning came to,
    published: str = ""  # and who says so
    in_coordinates: Schedule = _IN_COORDINATES

    def origin(self, stopping: Likelihood) -> Vector | None:
        """
        The coordinates that say most of these texts: the prior's mean, or where others came to.

        None where `start` says more than any: then learning begins outside of the prior.

        Shapes:
            Returns (48,) float32.
        """
        if self.prior is None:
            return None
        origins = [np.zeros(len(self.prior.directions), np.float32), *self.origins]
        everything = range(len(stopping.examples))
        losses = [
            float(stopping.losses(self.model, soft, everything).mean())
            for soft in (self.start, *map(self.prior.soft, origins))
        ]
        best = int(np.argmin(losses))
        return origins[best - 1] if best else None


@dataclass(frozen=True, slots=True)
class TrainingOutcome:
    """A soft prompt and its record; `finished` is False while learning was stopped half-way."""

    soft: SoftPrompt
    record: TrialRecord
    finished: bool


def train_and_evaluate(
    plan: TrainingPlan,
    texts: Sequence[Text],
    *,
    checkpoints: Checkpoints,
    now: Callable[[], datetime],
    controls: Controls | None = None,
) -> TrainingOutcome:
    """
    Learn from a person's texts and choices, and try the result on the newest of them.

    Texts and chosen replies should become likelier, and chosen replies gain on rejected ones: the
    trial asks for both, as learning did.

    Raises:
        TooLittleToLearn: fewer than `LEAST_TEXTS`.
    """
    learned_on, held, tried = _split(len(texts))
    choices = [texts[i] for i in learned_on if texts[i].is_choice]
    likely, stopping = (_likelihood(plan, [texts[i] for i in part]) for part in (learned_on, held))
    objective = Mixture([(likely, 1.0), (_preference(plan, choices), _PREFERENCE)])
    origin = plan.origin(stopping)
    start, basis, learned = _learn(plan, objective, stopping, checkpoints, controls, origin=origin)
    verdict = _try(plan, learned.soft, [texts[i] for i in tried])
    record = TrialRecord(
        model_sha256=plan.model_sha256,
        soft_sha256=_sha256(learned.soft),
        start_sha256=_sha256(start),
        learned_from=tuple(texts[i].source for i in learned_on),
        held_back=tuple(texts[i].source for i in (*held, *tried)),
        curve=learned.curve,
        verdict=verdict,
        cpu_seconds=learned.cpu_seconds,
        learned_at=now().isoformat(),
        basis_sha256=basis,
        published=plan.published if any(one is origin for one in plan.origins) else "",
        preferred=tuple(choice.source for choice in choices),
    )
    return TrainingOutcome(SoftPrompt(learned.soft, record.soft_sha256), record, learned.finished)


def _learn(
    plan: TrainingPlan,
    objective: Objective,
    stopping: Likelihood,
    checkpoints: Checkpoints,
    controls: Controls | None,
    *,
    origin: Vector | None,
) -> tuple[Vector, str, TrainingRun]:
    """Where learning started, in coordinates of which prior, and what it came to."""
    if plan.prior is None or origin is None:
        learned = train(
            plan.model,
            objective,
            stopping,
            plan.start,
            schedule=plan.schedule,
            checkpoints=checkpoints,
            controls=controls,
        )
        return plan.start, "", learned
    learned = learn_in_stages(
        plan.model,
        objective,
        stopping,
        plan.prior,
        origin=origin,
        schedules=(plan.in_coordinates, plan.schedule),
        checkpoints=checkpoints,
        controls=controls,
    )
    return plan.prior.soft(origin), plan.prior.sha256, learned


def _try(plan: TrainingPlan, soft: Vector, texts: Sequence[Text]) -> TrialVerdict:
    nothing = np.empty((0, plan.start.shape[1]), np.float32)
    (off, off_chosen), (on, on_chosen) = (_losses(plan, state, texts) for state in (nothing, soft))
    return judge_with_choices(judge(off, on), judge(off_chosen, on_chosen))


def _losses(plan: TrainingPlan, soft: Vector, texts: Sequence[Text]) -> tuple[Vector, Vector]:
    """Each text's loss a token, and the same with its choice's loss, as both are learned."""
    alone = _likelihood(plan, texts).losses(plan.model, soft, range(len(texts)))
    chosen = [number for number, text in enumerate(texts) if text.is_choice]
    both = alone.copy()
    if chosen:
        preferred = _preference(plan, [texts[number] for number in chosen])
        losses = preferred.losses(plan.model, soft, range(len(chosen)))
        both[chosen] += np.float32(_PREFERENCE) * losses
    return alone, both


def _split(count: int) -> tuple[range, range, range]:
    held = max(LEAST_HELD_BACK, round(count * _SHARE_HELD))
    first = count - 2 * held
    if count < LEAST_TEXTS:
        raise TooLittleToLearn(f"training needs at least {LEAST_TEXTS} texts, got {count}")
    return range(first), range(first, first + held), range(first + held, count)


def _likelihood(plan: TrainingPlan, texts: Sequence[Text]) -> Likelihood:
    return Likelihood(plan.frame, [_example(text) for text in texts])


def _preference(plan: TrainingPlan, choices: Sequence[Text]) -> Preference:
    return Preference(plan.frame, [_pair(choice) for choice in choices])


def _example(text: Text) -> TrainingExample:
    return TrainingExample(text.context + text.tokens, start=len(text.context))


def _pair(choice: Text) -> Pair:
    rejected = TrainingExample(choice.context + choice.rejected, start=len(choice.context))
    return Pair(_example(choice), rejected, choice.strength)


def _sha256(vectors: Vector) -> str:
    return hashlib.sha256(np.ascontiguousarray(vectors, "<f4").tobytes()).hexdigest()
