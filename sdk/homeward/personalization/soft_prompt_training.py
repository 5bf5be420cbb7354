"""
Training a soft prompt on what the person wrote and chose, in its place of the prompt.

Reads and writes the store; decides nothing about gradients.

The virtual tokens are trained in the prompt of a person of whom nothing else is known: an attribute
that was before the model's eyes would be in what is learned, and forgetting it would take all that.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from homeward.federation.exchanged_numbers import name_of, origins
from homeward.federation.storage import KeptPrior
from homeward.learning.background import in_background
from homeward.learning.controls import Controls, TrainingProgress
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.prompt_slot import PromptSlot
from homeward.learning.pipeline import Text, TrainingOutcome, TrainingPlan, train_and_evaluate
from homeward.learning.soft_prompt_prior import shipped_prior
from homeward.learning.soft_prompt_store import (
    CheckpointStore,
    SavedSoftPrompt,
    SoftPromptStore,
    Sources,
    TrainingResult,
)
from homeward.learning.trainer import Schedule
from homeward.personalization.training_examples import training_examples
from homeward.policy.secrets import contains_secret
from homeward.ports import LanguageModel
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.prompting.prompt_content import PrefixContent
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_store import (
    CATEGORY_OF,
    ConsentRequired,
    Profile,
    Purpose,
    SourceForgotten,
    SourceKind,
)

VIRTUAL_TOKENS = 16
_START = (
    "Write as this person writes, with their words, their tone, their length, their spelling and"
    " their punctuation."
)
"""What virtual tokens begin as: already sensible, so that a little learning does no harm."""
TRAINED_IN = PrefixContent()
"""What stands around the virtual tokens while they learn."""
_SCHEDULE = Schedule()


def train_soft_prompt(
    profile: Profile,
    language_model: LanguageModel,
    prompts: PromptBuilder,
    gradient_model: Callable[[], GradientModel],
    *,
    refused: Callable[[str], object] = contains_secret,
    controls: Controls | None = None,
) -> TrainingResult:
    """
    Train a soft prompt on the profile, try it, and keep it: on if it won, off if not.

    What `refused` names a reason for is left out: what may be no memory is not learned either.
    Begins where the texts are likeliest: a neutral sentence, the shipped prior's mean, or, where a
    federation's published numbers were fetched, what others came to.

    Runs on a thread of low priority, so that a reply on another thread does not wait for it.
    Stopped half-way, it keeps a checkpoint, from which the next training continues.

    Raises:
        ConsentRequired: the person does not let their writings be learned from.
        TooLittleToLearn: the profile holds too few texts.
        UnsupportedModel: there is no gradient for this model.
        SourceForgotten: a text was forgotten meanwhile. Nothing of the training is kept; the last
            report says so, too. The same where a consent ended, as ConsentRequired.

    Source:
        Lester, Al-Rfou and Constant 2021, arXiv:2104.08691 (prompt tuning); what is added to it is
        in docs/adr, 0501 to 0508.
    """
    since = profile.erasures.count
    texts = list(training_examples(profile, language_model.tokenize, prompts, refused=refused))
    published = KeptPrior(profile).load()
    conditions = _StopConditions(profile, _sources(texts), since, controls or Controls())
    model_sha256 = language_model.info.sha256
    checkpoints = CheckpointStore(profile.blobs, model_sha256, conditions.sources, since=since)

    def work() -> TrainingOutcome:
        plan = _plan(gradient_model(), language_model, prompts, published)
        return train_and_evaluate(
            plan,
            texts,
            checkpoints=checkpoints,
            now=lambda: datetime.now(UTC),
            controls=replace(conditions.controls, report=conditions.report),
        )

    outcome = in_background(work)
    state = SavedSoftPrompt(outcome.soft, outcome.record, on=outcome.record.verdict.wins)
    if outcome.finished:
        with profile.transaction():
            conditions.require()
            SoftPromptStore(profile.blobs).keep(state, since=since)
            checkpoints.clear()
    return TrainingResult(state, outcome.finished)


@dataclass(frozen=True, slots=True)
class _StopConditions:
    """Checks that the texts that training read before are still there and still allowed."""

    profile: Profile
    sources: Sources
    since: int
    controls: Controls

    def report(self, progress: TrainingProgress) -> None:
        """Tell the caller of a step, or that it was the last one."""
        self.controls.report(progress)
        try:
            self.require()
        except (SourceForgotten, ConsentRequired) as over:
            self.controls.report(replace(progress, ended=str(over)))
            raise

    def require(self) -> None:
        """Raise where a text was forgotten, or may not be learned from any more."""
        with self.profile.transaction():
            self.profile.erasures.require_whole(self.sources, since=self.since)
            for category in {CATEGORY_OF[kind] for kind, _ in self.sources}:
                self.profile.consent.require(Purpose.LEARN, category)


def _plan(
    model: GradientModel,
    language_model: LanguageModel,
    prompts: PromptBuilder,
    published: PublishedPrior | None,
) -> TrainingPlan:
    tokenize, shipped = language_model.tokenize, shipped_prior()
    return TrainingPlan(
        model=model,
        model_sha256=language_model.info.sha256,
        frame=PromptSlot(*prompts.around_soft_prompt(TRAINED_IN)),
        start=model.embed(tokenize(_START)[:VIRTUAL_TOKENS]),
        schedule=_SCHEDULE,
        prior=shipped if shipped.fits(model) else None,
        origins=() if published is None else origins(published),
        published="" if published is None else name_of(published),
    )


def _sources(texts: list[Text]) -> Sources:
    names = {text.source.partition("#")[0].partition(":")[::2] for text in texts}
    return [(SourceKind(kind), int(number)) for kind, number in sorted(names)]
