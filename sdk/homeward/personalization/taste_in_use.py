"""
Runs the trial of taste with a language model, and applies what won.

A model reads a reply in the trial as it would in a private conversation: after the person's
attributes, settings of style and soft prompt. Only memories are left out.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Event

from homeward.conversation.components import ConversationComponents
from homeward.conversation.prompt_selection import prefix_content
from homeward.policy.gate import UseContext
from homeward.ports import Session
from homeward.prompting.prompt_content import PromptContent
from homeward.taste import (
    Example,
    Features,
    Group,
    PersonalTaste,
    TasteInUse,
    TasteTrial,
    TasteTrials,
    WeightPrior,
    try_taste,
)
from homeward_store import Category, Profile, Purpose
from homeward_store.typed import doors

_LONGEST = 120  # tokens of a reply: as many as learning by gradient reads


@doors
class TasteService(PersonalTaste):
    """A person's taste that can be tried with the model in use, and used where it wins."""

    def __init__(
        self,
        profile: Profile,
        features: Features,
        *,
        groups: Callable[[WeightPrior], Sequence[Group]],
        answering: Callable[[], ConversationComponents],
        changed: Callable[[], None],
    ) -> None:
        super().__init__(profile, features, groups=groups)
        self._answering = answering
        self._changed = changed  # called where another use begins or ends
        self._trials = TasteTrials(profile.blobs)

    def trial(
        self,
        *,
        report: Callable[[int, int], None] = lambda _done, _all: None,
        cancel: Event | None = None,
    ) -> TasteTrial:
        """
        Try taste on the person's newest choices, and use it for replies where it wins.

        Two uses are tried: examples of what they chose, shown to the model, and several drafts of
        which taste picks one. Takes seconds a choice; `report` gets (choices done, of how many).

        Raises:
            ConsentRequired: choices may not be learned from. TooFewChoices: fewer than 16 choices
            between two replies. Cancelled: `cancel` was set; what was in use stays so.
        SourceForgotten: a choice was forgotten meanwhile; nothing was decided.
        """
        answering = self._answering()
        with answering.model.session() as session:
            trial = try_taste(
                self,
                TrialReader(session, answering),
                model_sha256=answering.model.info.sha256,
                now=lambda: datetime.now(UTC),
                report=report,
                cancel=cancel,
            )
        with self._profile.transaction():
            self._profile.consent.require(Purpose.LEARN, Category.CHOICES)  # it may have ended
            self._trials.keep(trial)
        self._changed()
        return trial

    @property
    def last_trial(self) -> TasteTrial | None:
        """The last trial with the language model in use, and what is used since."""
        return self._trials.find(self._answering().model.info.sha256)

    def switch(self, *, examples: bool, drafts: bool) -> TasteTrial | None:
        """
        Use taste for replies, or do not, whatever its trial said; None where none was held.

        Raises:
            ConsentRequired: it is to be used, and choices may not be learned from.
        """
        with self._profile.transaction():
            trial = self.last_trial
            if trial is None:
                return None
            if examples or drafts:
                self._profile.consent.require(Purpose.LEARN, Category.CHOICES)
            trial = self._trials.switch(trial, examples=examples, drafts=drafts)
        self._changed()
        return trial

    def in_use(self, model_sha256: str) -> TasteInUse | None:
        """Return what won its trial with this model, fitted to the choices so far."""
        trial = self._trials.find(model_sha256)
        if trial is None or not (trial.use_examples or trial.use_drafts) or not self.permitted:
            return None
        taste = self.learn()
        pool = self.examples(taste) if trial.use_examples else None
        return TasteInUse(self, taste, pool, trial.use_drafts)


class TrialReader:
    """`taste.trial.Reader` on a session."""

    def __init__(self, session: Session, answering: ConversationComponents) -> None:
        self._session = session
        self._answering = answering

    def reads(self, asked: str, replied: str, examples: Sequence[Example]) -> float:
        """Return the log probability of a reply's beginning, in nats."""
        parts = self._answering
        # Without memories: among them is the very choice that is tried.
        known = parts.knowledge.about(
            asked,
            use_context=UseContext(),
            count=lambda text: len(parts.model.tokenize(text)),
            recall=False,
        )
        content = PromptContent(
            asked, prefix_content(known, parts.soft_prompt, examples), quotes=known.quotes
        )
        target = parts.prompts.content(replied)[:_LONGEST]
        prompt = parts.prompts.build(content)
        return float(self._session.log_probabilities(prompt.segments, target).sum())

    def beginning(self, replied: str) -> str:
        """Return what a draft of this reply would be."""
        model = self._answering.model
        return model.detokenize(model.tokenize(replied)[: self._answering.drafting.ahead])
