"""
What of a profile is learned from, and in which place of the prompt.

Reads the store; decides nothing about gradients.

Learned from: what the person wrote and gave, and the replies they chose, over the rejected ones
where there were two. Facts are recall's business; style is the soft prompt's.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from homeward.federation.keeping import KeptPrior
from homeward.federation.shared import name_of, origins
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
from homeward.ports import LanguageModel, Tokens
from homeward.prompting.chat_template import ChatTemplate
from homeward.prompting.prompt import system_text
from homeward.taste import strengths_in
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_store import (
    CATEGORY_OF,
    Category,
    Choice,
    ChoiceSource,
    ConsentRequired,
    Origin,
    Profile,
    Purpose,
    SourceForgotten,
    SourceKind,
    Writing,
)

VIRTUAL_TOKENS = 16
_START = (
    "Write as this person writes, with their words, their tone, their length, their spelling and"
    " their punctuation."
)
"""What virtual tokens begin as: already sensible, so that a little learning does no harm."""
_ASK = "Write the next lines in my words."  # before a writing, which answers no question
_LONGEST = 120  # tokens of a piece; pieces are what is held back and counted in a trial
_SCHEDULE = Schedule()


def train_soft_prompt(
    profile: Profile,
    language_model: LanguageModel,
    chat: ChatTemplate,
    gradient_model: Callable[[], GradientModel],
    *,
    controls: Controls | None = None,
) -> TrainingResult:
    """
    Learn a soft prompt from the profile, try it, and keep it: on if it won, off if not.

    Begins where the texts are likeliest: a neutral sentence, the shipped prior's mean, or, where a
    federation's published numbers were fetched, what others came to.

    Runs on a thread of low priority, so that a reply on another thread does not wait for it.
    Stopped half-way, it keeps a checkpoint, and teaching again goes on from there.

    Raises:
        ConsentRequired: the person does not let their writings be learned from.
        TooLittleToLearn: the profile holds too few texts.
        UnsupportedModel: there is no gradient for this model.
        SourceForgotten: a text was forgotten meanwhile. Nothing of the lesson is kept; the last
            report says so, too. The same where a consent ended, as ConsentRequired.
    """
    since = profile.erasures.count
    texts = list(training_examples(profile, language_model.tokenize, chat))
    published = KeptPrior(profile).load()
    lesson = _Lesson(profile, _sources(texts), since, controls or Controls())
    model_sha256 = language_model.info.sha256
    checkpoints = CheckpointStore(profile.blobs, model_sha256, lesson.sources, since=since)

    def work() -> TrainingOutcome:
        course = _course(gradient_model(), language_model, chat, published)
        return train_and_evaluate(
            course,
            texts,
            checkpoints=checkpoints,
            now=lambda: datetime.now(UTC),
            controls=replace(lesson.controls, report=lesson.report),
        )

    outcome = in_background(work)
    state = SavedSoftPrompt(outcome.soft, outcome.record, on=outcome.record.verdict.wins)
    if outcome.finished:
        with profile.transaction():
            lesson.require()
            SoftPromptStore(profile.blobs).keep(state, since=since)
            checkpoints.clear()
    return TrainingResult(state, outcome.finished)


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What may end a lesson: its texts were read before, and are still to be there and allowed."""

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


def _course(
    model: GradientModel,
    language_model: LanguageModel,
    chat: ChatTemplate,
    published: PublishedPrior | None,
) -> TrainingPlan:
    tokenize, shipped = language_model.tokenize, shipped_prior()
    return TrainingPlan(
        model=model,
        model_sha256=language_model.info.sha256,
        frame=PromptSlot(chat.opening + tokenize(system_text([])), chat.system_end),
        start=model.embed(tokenize(_START)[:VIRTUAL_TOKENS]),
        schedule=_SCHEDULE,
        prior=shipped if shipped.fits(model) else None,
        origins=() if published is None else origins(published),
        published="" if published is None else name_of(published),
    )


def training_examples(
    profile: Profile, tokenize: Callable[[str], Tokens], chat: ChatTemplate
) -> Iterator[Text]:
    """
    Writings in pieces, and choices where they may be learned from, oldest first.

    A kind of choice that the person lets count 0 teaches nothing, its chosen replies included. Nor
    does a reply that was made of a document's, a tool's or a model's words.

    Raises:
        ConsentRequired: the person does not let writings be learned from.
    """
    strengths = strengths_in(profile)

    def ending(text: str) -> Tokens:
        tokens = tokenize(text)
        # An end after a cut would teach to stop at that length, in the middle of a sentence.
        return tokens + chat.reply_end if len(tokens) <= _LONGEST else tokens[:_LONGEST]

    found = [*_writings(profile), *_choices(profile, strengths)]
    for _, one in sorted(found, key=lambda dated: dated[0]):
        if isinstance(one, Choice):
            context = tokenize(one.prompt) + chat.reply_start
            rejected = ending(one.rejected) if one.rejected else ()
            strength = strengths[one.source]
            yield Text(f"choice:{one.id}", context, ending(one.chosen), rejected, strength)
        else:
            context = tokenize(_ASK) + chat.reply_start
            for number, piece in enumerate(pieces(one.text, tokenize)):
                yield Text(f"writing:{one.id}#{number}", context, ending(piece))


def _writings(profile: Profile) -> Iterator[tuple[datetime, Writing | Choice]]:
    for writing in profile.reading_for(Purpose.LEARN).writings.all():
        if writing.origin is Origin.PERSON:
            yield writing.written_at or writing.added_at, writing


def _choices(
    profile: Profile, strengths: Mapping[ChoiceSource, float]
) -> Iterator[tuple[datetime, Writing | Choice]]:
    if not profile.consent.allows(Purpose.LEARN, Category.CHOICES):
        return
    for choice in profile.reading_for(Purpose.LEARN).choices.all():
        own = choice.origin is Origin.PERSON
        counts = own and choice.source is not ChoiceSource.EQUAL and strengths[choice.source] > 0
        if counts and choice.chosen:
            yield choice.chosen_at, choice


def pieces(text: str, tokenize: Callable[[str], Tokens]) -> list[str]:
    """Cut a long text at ends of lines and sentences into pieces of at most about 120 tokens."""
    found: list[str] = []
    room = 0
    for part in re.split(r"(?<=\n)|(?<=[.!?])\s+", text):
        size = len(tokenize(part))
        if not found or size > room:
            found.append("")
            room = _LONGEST
        found[-1] += part if not found[-1] or found[-1].endswith("\n") else f" {part}"
        room -= size
    return [piece.strip() for piece in found if piece.strip()]


def _sources(texts: list[Text]) -> Sources:
    names = {text.source.partition("#")[0].partition(":")[::2] for text in texts}
    return [(SourceKind(kind), int(number)) for kind, number in sorted(names)]
