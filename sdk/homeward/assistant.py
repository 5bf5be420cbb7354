"""
`homeward.open`: one object that knows the person, and what an app may ask of it.

Opening a profile loads no model: the embedder is loaded by the first recall, the language model by
the first question.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Self

from homeward.composition import Composition
from homeward.concurrency.lazy import lazy_property
from homeward.conversation.conversation import Conversation
from homeward.conversation.exchange import Exchange, recorded, turns_that_said
from homeward.conversation.feedback import Feedback
from homeward.conversation.reply import Reply
from homeward.conversation.sources import Sources, sources_of
from homeward.events import Events, Forgotten, TrialDecided
from homeward.federation import Federation
from homeward.importing import Report, Taken, items_of, silent, take_in
from homeward.learning.controls import Controls
from homeward.learning.soft_prompt_store import (
    SavedSoftPrompt,
    SoftPromptStore,
    TrainingResult,
    categories_of,
)
from homeward.memory.fact_extraction import ExtractionResult, extract_facts
from homeward.memory.recall import Match
from homeward.memory.review import MemorySettings, Review
from homeward.memory.unremembered import Original, Remembered, originals
from homeward.personalization.attributes import PersonAttributes
from homeward.personalization.bias_audit import Audit
from homeward.personalization.choice_origin import standing_of, turn_of
from homeward.personalization.taste_in_use import TasteService
from homeward.personalization.training_events import publishing_progress
from homeward.policy.admission import Gate
from homeward.policy.gate import UseContext
from homeward.policy.rules import RuleStore
from homeward.ports import Embedder, ModelInfo, Sampling
from homeward.prompting.prompt import SYSTEM_TEXT
from homeward.settings import ModelLoaders, Settings
from homeward.tools import Call, Toolbox
from homeward.tools.toolbox import Confirm, nobody
from homeward_store import (
    AttributeId,
    Choice,
    ChoiceSource,
    Memory,
    MemoryId,
    Origin,
    Profile,
    Purpose,
    Receipt,
    Selection,
    TurnId,
)
from homeward_store.archive.sealed_file import Seal
from homeward_store.typed import doors


@doors
class Assistant:
    """
    A local assistant that knows one person.

    `ask` continues one conversation for as long as the assistant is open; `conversation` opens
    others. Close it, or use it in a `with`, so that the profile is free for others.
    """

    def __init__(
        self, profile: Profile, loaders: ModelLoaders, settings: Settings | None = None
    ) -> None:
        self.profile = profile
        self.events = Events()
        self._wiring = Composition(profile, loaders, settings or Settings(), self.events)
        self.lock = self._wiring.lock

    @lazy_property
    def attributes(self) -> PersonAttributes:
        """What is true of the person, by key."""
        return PersonAttributes(
            self.profile.attributes, self._wiring.sensitivity, self._forget_attributes
        )

    @property
    def rules(self) -> RuleStore:
        """What may be used in which moment; the person may edit it."""
        return self._wiring.rules

    @property
    def gate(self) -> Gate:
        """What decides whether something may be used, for every surface."""
        return self._wiring.gate

    @property
    def wishes(self) -> MemorySettings:
        """How the person wants to be remembered."""
        return self._wiring.wishes

    @lazy_property
    def review(self) -> Review:
        """The memories that wait until the person has seen them."""
        return Review(self.profile.memories, self._wiring.remembering)

    @property
    def taste(self) -> TasteService:
        """What the person likes in a reply, learned from their choices, and what it is used for."""
        return self._wiring.taste

    @lazy_property
    def feedback(self) -> Feedback:
        """What the person makes of replies: a thumb, a better version, a copy."""
        return Feedback(self.profile, self.prefer, lambda: self._wiring.conversations)

    @lazy_property
    def audit(self) -> Audit:
        """Whether somebody else would be told something else."""
        return Audit(
            self.profile, self.embedder, lambda: self._wiring.parts_in(UseContext()), self.gate
        )

    @property
    def federation(self) -> Federation:
        """What may be learned with others. Nothing is, until the person joins a task."""
        return self._wiring.federation

    def load(self) -> None:
        """Load both models now instead of when they are first needed."""
        _ = self.embedder, self._wiring.parts

    @property
    def model(self) -> ModelInfo:
        """The language model in use; loads it."""
        return self._wiring.parts.model.info

    @property
    def embedder(self) -> Embedder:
        """What recall compares meanings with; loads it."""
        return self._wiring.embedder

    def ask(
        self,
        question: str,
        *,
        sampling: Sampling | None = None,
        personalize: bool = True,
        images: Sequence[Path] = (),
    ) -> Reply:
        """Answer within the assistant's own conversation; see `Conversation.ask`."""
        return self._own.ask(question, sampling=sampling, personalize=personalize, images=images)

    @lazy_property
    def tools(self) -> Toolbox:
        """The app's functions that the assistant may call; register them here."""
        return Toolbox()

    def ask_with_tools(
        self, question: str, *, confirm: Confirm = nobody, sampling: Sampling | None = None
    ) -> tuple[list[Call], Reply]:
        """
        Let the model call registered tools, then answer with what they gave.

        `confirm` is asked before each call of a tool that acts; by default nobody says yes. Results
        become memories of origin TOOL: quoted as a tool's words, here and when they are recalled.

        Raises:
            As `ask`. What a tool raises is in its `Call`, and the answer goes on without it.
        """
        admission = self.gate.asked(question, self._own.moment)
        calls = list(
            self.tools.calls(
                self._wiring.parts.model,
                self._wiring.parts.prompts,
                question,
                keep=self._keep_result,
                admits=admission.admits,
                confirm=confirm,
            )
        )
        results = [memory for call in calls for memory in call.memories]
        return calls, self._own.ask(question, sampling=sampling, including=results)

    def conversation(
        self,
        name: str | None = None,
        *,
        incognito: bool = False,
        moment: UseContext | None = None,
        system: str = SYSTEM_TEXT,
        past: Sequence[tuple[str, str]] = (),
    ) -> Conversation:
        """
        Open a conversation: a new one, or the one called `name` where it was left.

        `incognito`: it reads what it may and writes nothing. `moment`: who reads the replies and
        what for; by default the person alone. Another moment has another conversation, of the same
        name too. `system`: the app's own words before what is known of the person. `past`:
        questions and replies from elsewhere that it goes on after; they are shown to the model and
        not recorded. What was said in another moment, or may not be used in this one, is left out;
        what was said here stands on what it stood on, for `forget` and for `why`.
        """
        moment = moment or UseContext()
        taken_up = [self._taken_up(*one, moment) for one in past]
        make = partial(
            Conversation,
            name=name or secrets.token_hex(8),
            incognito=incognito,
            moment=moment,
            system=system,
            past=[one for one in taken_up if one is not None],
        )
        return self._wiring.open_conversation(make, moment)

    def remember(self, text: str) -> Remembered:
        """
        Keep `text` word for word, as something the person wants to be known.

        A secret, a denied topic and what is known already become no memory: the note that holds
        them stays, as the person asked, and `Remembered.unremembered` says so.
        """
        with self.profile.transaction():
            return self._wiring.remembering.note(self.profile.notes.add(text))

    def write(
        self,
        text: str,
        *,
        title: str | None = None,
        origin: Origin = Origin.PERSON,
        moment: UseContext | None = None,
    ) -> Remembered:
        """
        Keep a text that the person wrote, for style and for knowledge; return what came of it.

        `moment`: who gives it, where another program does. What may not be told there does not
        count as known already, or the answer would tell it.
        """
        visible = None if moment is None else self.gate.asked(None, moment).admits
        with self.profile.transaction():
            writing = self.profile.writings.add(text, title=title, origin=origin)
            return self._wiring.remembering.writing(writing, visible=visible)

    def unremembered(self, *, limit: int | None = None) -> list[Original]:
        """
        Return the notes, writings and questions of which not all became memories, newest first.

        They are kept where the person gave them, and quoted to nobody; `forget` erases them.
        """
        return originals(self.profile, self._wiring.remembering.refused, limit=limit)

    def prefer(
        self,
        prompt: str,
        *,
        chosen: str,
        rejected: str,
        source: ChoiceSource = ChoiceSource.EXPLICIT,
        turn: TurnId | None = None,
    ) -> Choice:
        """
        Keep that the person preferred one reply to another.

        `turn`: whose reply it was; left out, it is the one that said it. A reply that was built on
        a document's, a tool's or a model's words, or repeats them, stays theirs: quoted as such,
        and never learned from.
        """
        if turn is None:
            turn = turn_of(self.profile, prompt, chosen, rejected)
        standing = standing_of(self.profile, chosen, rejected, turn=turn)
        with self.profile.transaction():
            choice = self.profile.choices.add(
                prompt, chosen, rejected, source=source, turn=turn, origin=standing.origin
            )
            self._wiring.remembering.choice(choice, tags=standing.tags)
        self._wiring.reload_learned_state()
        return choice

    def import_file(
        self,
        path: Path,
        *,
        mine: bool = False,
        text: str | None = None,
        again: bool = False,
        report: Report = silent,
    ) -> Taken:
        """
        Take in a ChatGPT or Claude export, plain text, Markdown, a mailbox, or what an image says.

        Exchanges of another assistant become turns, in conversations of their own; documents
        become writings of lower trust. `mine`: the person wrote them. `text`: an image's caption,
        or what was read in it; without it the language model describes the image, if it can see,
        and these are its words, whoever imports them. Started again after a kill it goes on; the
        same file again adds nothing, nor does it bring back what was forgotten, unless `again`.

        Guarantees:
            The file is read to its end before anything is written.

        Raises:
            CannotRead, UnknownFormat, ImportCorrupt: nothing was added.
            CannotSee: an image without `text`, and the model has no projector.
            ModelCorrupt, UnsupportedModel: the projector cannot be used with this model.
        """
        caption = cache(self._wiring.caption)  # items are read twice, an image is described once
        return take_in(
            self.profile,
            self._wiring.remembering,
            lambda: items_of(path, text=text, caption=caption),
            origin=Origin.PERSON if mine else Origin.DOCUMENT,
            again=again,
            report=report,
        )

    def import_records(self, path: Path, *, seal: Seal) -> int:
        """
        Add the records of another profile's export, all or none; return how many.

        Guarantees:
            Attributes that came without a tag carry those of their words, as if they were set here.

        Raises:
            As `Profile.import_records`.
        """
        stored = self.profile.attributes
        with self.profile.transaction():
            before = {one.id for one in stored.all()}
            count = self.profile.import_records(path, seal=seal)
            for one in stored.all():
                if one.id not in before and not one.tags:
                    self.attributes.tag_by_words(one.key)
        return count

    def derive_facts(self) -> ExtractionResult:
        """
        Let the language model read facts out of what was said since the last time.

        A model is asked only if it has passed a self-test, which is taken once. Every fact quotes
        words of its turn, which are checked; it is kept as the assistant's words.
        """
        parts = self._wiring.parts
        return extract_facts(self.profile, parts.remembering, parts.model, parts.prompts)

    def learn(self, controls: Controls | None = None) -> TrainingResult:
        """
        Learn a soft prompt from writings and choices, try it, and use it if it wins.

        Takes minutes of one thread; `controls` pauses, ends and watches it. Called again after it
        was ended, or killed, it goes on where it was. Conversations go on with what was learned.

        Raises:
            ConsentRequired: the person did not grant learning from writings. Without a grant for
                choices, these are left out.
            TooLittleToLearn: fewer than 24 texts. UnsupportedModel: no gradient for this model.
            SourceForgotten: a text was forgotten meanwhile. Nothing of the lesson is kept; learning
            again learns from what is left.
        """
        parts = self._wiring.parts
        with publishing_progress(controls or Controls(), self.events) as told:
            taught = self._wiring.loaders.teach(parts, told)
        self._wiring.reload_learned_state()
        if taught.finished:
            verdict = taught.state.record.verdict
            self.events.publish(TrialDecided(taught.state.on, verdict.gain, verdict.items))
        return taught

    @property
    def learned(self) -> SavedSoftPrompt | None:
        """What was learned for the language model in use, on or off."""
        return SoftPromptStore(self.profile.blobs).find(self._wiring.parts.model.info.sha256)

    @property
    def learned_for_all_models(self) -> list[SavedSoftPrompt]:
        """What was learned for any language model; each is used with its own model alone."""
        return SoftPromptStore(self.profile.blobs).all()

    def switch_learned(self, *, on: bool) -> SavedSoftPrompt | None:
        """
        Use what was learned, or keep it unused, whatever its trial said.

        Raises:
            ConsentRequired: it is to be used, and what it came from may not be learned from.
        """
        with self.profile.transaction():  # so that nothing of it is forgotten in between
            state = self.learned
            if state is None:
                return None
            for category in categories_of(state.record):
                if on:
                    self.profile.consent.require(Purpose.LEARN, category)
            state = SoftPromptStore(self.profile.blobs).switch(state, on=on)
        self._wiring.reload_learned_state()
        return state

    def recall(self, question: str, *, moment: UseContext | None = None) -> list[Match]:
        """
        Return what would be quoted for `question`, best first; often nothing.

        `moment`: who would read the reply; by default the person alone. What waits for the person's
        review, or is no longer true where the question is not about the past, is not quoted.
        """
        admission = self.gate.asked(question, moment or UseContext())
        return self._wiring.recall.find(question, admits=admission.admits)

    def forget(self, what: Selection | Memory | MemoryId) -> Receipt:
        """
        Erase what was selected, where it came from and what was derived from it.

        Guarantees:
            As for `Profile.forget`; open conversations go on without it.
        """
        match what:
            case Selection():
                selection = what
            case Memory(id=memory):
                selection = Selection(memories=(memory,))
            case _:
                selection = Selection(memories=(what,))
        receipt = self._wiring.forget(selection)
        self.events.publish(Forgotten(receipt.id, receipt.erased))
        return receipt

    def why(self, turn: TurnId) -> Sources:
        """Return what a turn's reply was built on, as far as it is still there, and denied."""
        return sources_of(self.profile, turn)

    def tag(self, memory: MemoryId, *tags: str) -> None:
        """
        Replace the tags that the gate reads on a memory. One that waits for review waits on.

        Raises:
            NotFound: there is no such memory.
        """
        self.review.retag(memory, tags)

    def close(self) -> None:
        """End conversations, free the models, close the profile. Closing twice is fine."""
        self._wiring.close()
        self.profile.close()
        self.events.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @lazy_property
    def _own(self) -> Conversation:
        return self.conversation()

    def _taken_up(self, asked: str, replied: str, moment: UseContext) -> Exchange | None:
        """Return an exchange from elsewhere, as it is recorded if it was here; None: not to be."""
        turns = self.profile.turns
        said = turns_that_said(turns, asked, replied)
        here = [turn for turn in said if turn.moment == moment]
        if said and not here:
            return None
        if not self.gate.asked(None, moment).admits_text(f"{asked}\n{replied}"):
            return None
        known = recorded(here[-1], (), get=turns.get) if here else Exchange(asked, replied)
        return replace(known, elsewhere=True)

    def _keep_result(self, tool: str, result: str) -> list[Memory]:
        """Return the memories of a tool's result; an equal one that there is stands for it."""
        made = self.write(result, title=tool, origin=Origin.TOOL) if result.strip() else ()
        if made:
            return list(made)
        hits = self.profile.memories.match(result, limit=3)
        found = self.profile.memories.get([hit.memory for hit in hits])
        return [one for one in found if one.origin is Origin.TOOL and one.text == result.strip()]

    def _forget_attributes(self, ids: list[AttributeId]) -> Receipt:
        return self.forget(Selection(attributes=tuple(ids)))
