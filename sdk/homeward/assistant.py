"""
`homeward.open` returns an `Assistant`: everything that an app can ask for.

Opening a profile loads no model: the embedder is loaded by the first recall, the language model by
the first question.
"""

import secrets
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Self

from homeward.composition import Composition
from homeward.concurrency.lazy import lazy_property
from homeward.conversation.conversation import Conversation
from homeward.conversation.exchange import brought
from homeward.conversation.feedback import Feedback
from homeward.conversation.reply import Reply
from homeward.conversation.sources import Sources, sources_of
from homeward.events import Events
from homeward.federation import Federation
from homeward.importing import Report, Taken, silent
from homeward.importing.reading.unicode_input import Bytes
from homeward.learning.controls import Controls
from homeward.learning.soft_prompt_store import SavedSoftPrompt, TrainingResult
from homeward.memory.embedder_choice import EmbedderChoice
from homeward.memory.fact_extraction import ExtractionResult, extract_facts
from homeward.memory.recall import Match
from homeward.memory.review import MemorySettings, Review
from homeward.memory.unremembered import Original, Remembered
from homeward.model_traits import ModelTraits
from homeward.personalization.attributes import PersonAttributes
from homeward.personalization.bias_audit import Audit
from homeward.personalization.taste_in_use import TasteService
from homeward.policy.admission import Gate
from homeward.policy.gate import UseContext
from homeward.policy.rules import RuleStore
from homeward.ports import Embedder, ModelInfo
from homeward.prompting.prompt import SYSTEM_TEXT
from homeward.sampling import Sampling
from homeward.settings import ModelLoaders, Settings
from homeward.text.limits import WRITING
from homeward.tools import Call, Toolbox
from homeward.tools.toolbox import Confirm, nobody
from homeward_store import (
    Choice,
    ChoiceSource,
    Memory,
    MemoryId,
    Origin,
    Profile,
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

    @property
    def attributes(self) -> PersonAttributes:
        """The person's attributes by key, as a mutable mapping."""
        return self._wiring.attributes

    @property
    def rules(self) -> RuleStore:
        """The person's rules: what may be used in which use context. They can be edited."""
        return self._wiring.rules

    @property
    def gate(self) -> Gate:
        """The gate, which decides on every surface whether something may be used."""
        return self._wiring.gate

    @property
    def wishes(self) -> MemorySettings:
        """The memory settings: denied topics, and whether memories wait for review."""
        return self._wiring.wishes

    @lazy_property
    def review(self) -> Review:
        """The review queue: memories that wait for the person's approval."""
        return Review(self.profile.memories, self._wiring.remembering)

    @property
    def taste(self) -> TasteService:
        """The taste model: weights learned from choices, their trial and their uses."""
        return self._wiring.taste

    @lazy_property
    def feedback(self) -> Feedback:
        """Feedback on replies: thumbs, edits and copies. Each is stored as a choice."""
        return Feedback(self.profile, self.prefer, lambda: self._wiring.conversations)

    @lazy_property
    def audit(self) -> Audit:
        """The bias audit: would another person get other answers?"""
        return Audit(
            self.profile, self.embedder, lambda: self._wiring.parts_in(UseContext()), self.gate
        )

    @property
    def federation(self) -> Federation:
        """Federated tasks. Nothing leaves the device until the person joins one."""
        return self._wiring.federation

    def load(self) -> None:
        """Load both models now instead of when they are first needed."""
        _ = self.embedder, self._wiring.parts

    @property
    def model(self) -> ModelInfo:
        """A description of the language model in use. Loads the model."""
        return self._wiring.parts.model.info

    @property
    def traits(self) -> ModelTraits:
        """
        How the language model is talked to, and how its replies are drawn. Loads no model.

        Example:
            me.ask("Tell me a story.", sampling=replace(me.traits.sampling, temperature=0.9))
        """
        return self._wiring.traits

    @property
    def loaded_model(self) -> ModelInfo | None:
        """The same without loading it; None where nothing has needed it yet."""
        return self._wiring.loaded

    @property
    def embedder(self) -> Embedder:
        """The embedder that recall compares meanings with. Loads it."""
        return self._wiring.embedder

    @property
    def embedding(self) -> EmbedderChoice:
        """Which embedder the person chose for their memories, and changing it."""
        return self._wiring.embedding

    def ask(
        self,
        question: str,
        *,
        sampling: Sampling | None = None,
        personalize: bool = True,
        images: Sequence[Path] = (),
    ) -> Reply:
        """Answer in the assistant's own conversation. Raises what `Conversation.ask` raises."""
        return self._own.ask(question, sampling=sampling, personalize=personalize, images=images)

    @lazy_property
    def tools(self) -> Toolbox:
        """The app's functions that the assistant may call; register them here."""
        return Toolbox()

    def ask_with_tools(
        self, question: str, *, confirm: Confirm = nobody, sampling: Sampling | None = None
    ) -> tuple[list[Call], Reply]:
        """
        Let the model call registered tools, then answer with their results.

        `confirm` is called before each call of a tool that acts; the default declines. Results
        become memories of origin TOOL: quoted as a tool's words, here and when they are recalled.

        Raises:
            As `ask`. An exception of a tool is recorded in its `Call`, and the answer goes without.
        """
        calls = self._wiring.tool_calls(self.tools, question, self._own.use_context, confirm)
        results = [memory for call in calls for memory in call.memories]
        return calls, self._own.ask(question, sampling=sampling, including=results)

    def conversation(
        self,
        name: str | None = None,
        *,
        incognito: bool = False,
        use_context: UseContext | None = None,
        system: str = SYSTEM_TEXT,
        past: Sequence[tuple[str, str]] = (),
    ) -> Conversation:
        """
        Open a new conversation, or continue the one called `name`.

        `incognito`: the conversation may read the profile and writes nothing. `use_context`: who
        reads the replies and what for; by default the person alone. Each use context has its own
        conversation, also under the same name. `system`: the app's own text, placed before what is
        known of the person. `past`: pairs of question and reply from elsewhere; the model sees them
        and they are not recorded. Pairs from another use context, and pairs that the rules deny in
        this one, are left out; so are pairs that no stored turn says, unless the person alone reads
        the replies, in a chat. A pair from this use context keeps its sources, for `forget` and for
        `why`.
        """
        use_context = use_context or UseContext()
        admits = self.gate.asked(None, use_context).admits_text
        make = partial(
            Conversation,
            name=name or secrets.token_hex(8),
            incognito=incognito,
            use_context=use_context,
            system=system,
            past=brought(past, self.profile.turns, use_context, admits=admits),
        )
        return self._wiring.open_conversation(make, use_context)

    def remember(self, text: str) -> Remembered:
        """
        Store `text` word for word as a note, and make memories of it.

        Sentences with a secret or a denied topic, known ones, and a note that is not to be kept
        become no memory: the result's `unremembered` says which and why. Others' words stay theirs.

        Raises:
            InvalidText: the text contains NUL or a lone surrogate. InvalidArgument: it is too long.
        """
        return self._wiring.intake.note(text)

    def write(
        self,
        text: str,
        *,
        title: str | None = None,
        origin: Origin = Origin.PERSON,
        use_context: UseContext | None = None,
    ) -> Remembered:
        """
        Store a text that the person wrote, for style and for knowledge; return its memories.

        `use_context`: the use context of the program that gives the text, if it is not the person.
        Memories that this program may not see do not count as known already: the returned count
        would reveal them.
        """
        visible = None if use_context is None else self.gate.asked(None, use_context).admits
        take = self._wiring.intake.writing
        return take(WRITING.check(text), title=title, origin=origin, visible=visible)

    def unremembered(self, *, limit: int | None = None) -> list[Original]:
        """Return what did not become memories as a whole, newest first; it is never quoted."""
        return self._wiring.intake.unremembered(limit=limit)

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
        Store that the person preferred one reply to another.

        `turn`: the turn of the reply; by default the turn that has this reply. If a reply was built
        on the words of a document, tool or model, or repeats them, its origin is theirs: it is
        quoted as such and never trained on.

        Raises:
            InvalidValue: `chosen` and `rejected` are equal. InvalidText: a text cannot be stored.
        """
        return self._wiring.intake.choice(prompt, chosen, rejected, source=source, turn=turn)

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
        Import a ChatGPT or Claude export, plain text, Markdown, a mailbox or an image.

        Exchanges of another assistant become turns, in conversations of their own; documents
        become writings of lower trust. `mine`: the person wrote them. `text`: an image's caption or
        recognized text; without it, a language model that reads images describes the image, and the
        words count as the model's. An import that was killed resumes when started again. Importing
        a file again adds nothing and restores nothing that was forgotten, unless `again`.

        Guarantees:
            The file is read to its end before anything is written.

        Raises:
            CannotRead, UnknownFormat, ImportCorrupt: nothing was added.
            CannotSee: an image without `text`, and the model has no projector.
            ImageError: an image without `text` that the projector cannot read.
            ModelCorrupt, UnsupportedModel: the projector cannot be used with this model.
        """
        origin, caption = Origin.PERSON if mine else Origin.DOCUMENT, self._wiring.caption
        return self._wiring.intake.file(
            path, origin=origin, text=text, caption=caption, again=again, report=report
        )

    def import_stream(
        self,
        file: Bytes,
        *,
        name: str = "standard input",
        mine: bool = False,
        again: bool = False,
        report: Report = silent,
    ) -> Taken:
        """
        Import what comes through a pipe, as `import_file` does; its content tells the format.

        It is read once, into a file of the profile's folder that has no name, encrypted under a key
        that lies in memory only; the file is gone when this returns, and with the process. Images
        are not read from a pipe. `name` is what reports and titles call it.

        Raises:
            As `import_file`. CannotRead: it is longer than 4 GiB. StoreFull: there is no room.
        """
        origin = Origin.PERSON if mine else Origin.DOCUMENT
        return self._wiring.intake.stream(
            file, name=name, origin=origin, again=again, report=report
        )

    def import_records(self, path: Path, *, seal: Seal) -> int:
        """
        Add the records of another profile's export, all or none; return their number.

        Guarantees:
            Attributes without tags get the tags of their words, as if they were set here.

        Raises:
            As `Profile.import_records`.
        """
        return self._wiring.intake.records(path, seal=seal)

    def derive_facts(self) -> ExtractionResult:
        """
        Let the language model extract facts from the turns since the last call.

        A model has to pass a self-test first, which runs once. Every fact quotes words of its turn,
        and the quote is checked. A fact is stored as the assistant's words.
        """
        parts = self._wiring.parts
        return extract_facts(self.profile, parts.remembering, parts.model, parts.prompts)

    def learn(self, controls: Controls | None = None) -> TrainingResult:
        """
        Train a soft prompt on writings and choices, try it, and use it if it wins its trial.

        Training takes minutes of one thread; `controls` pauses, stops and watches it. After a stop
        or a kill, the next call resumes it. Open conversations use the result from then on.

        Raises:
            ConsentRequired: there is no consent to learn from writings. Without consent for
            choices, training leaves choices out.
            TooLittleToLearn: fewer than 24 texts. UnsupportedModel: no gradient for this model.
            SourceForgotten: a text was forgotten meanwhile. The result is discarded; call again to
            train on the remaining texts.
        """
        return self._wiring.learned_style.train(controls or Controls())

    @property
    def learned(self) -> SavedSoftPrompt | None:
        """The soft prompt trained for the language model in use, whether on or off; None: none."""
        return self._wiring.learned_style.current

    @property
    def learned_for_all_models(self) -> list[SavedSoftPrompt]:
        """The soft prompts trained for any language model; each works only with its own model."""
        return self._wiring.learned_style.all()

    def switch_learned(self, *, on: bool) -> SavedSoftPrompt | None:
        """
        Switch the trained soft prompt on or off, whatever its trial showed; None: there is none.

        Raises:
            ConsentRequired: `on`, and there is no consent to learn from what it was trained on.
        """
        return self._wiring.learned_style.switch(on=on)

    def recall(self, question: str, *, use_context: UseContext | None = None) -> list[Match]:
        """
        Return the memories that would be quoted for `question`, best first; often none.

        `use_context`: who would read the reply; by default the person alone. Memories that wait for
        the person's review are left out, and so are outdated ones unless the question is about the
        past.
        """
        admission = self.gate.asked(question, use_context or UseContext())
        return self._wiring.recall.find(
            question, limit=self._wiring.traits.quotes, admits=admission.admits
        )

    def forget(self, what: Selection | Memory | MemoryId) -> Receipt:
        """
        Erase the selected records, their sources and everything derived from them.

        Guarantees:
            As for `Profile.forget`; open conversations continue without the erased records.
        """
        match what:
            case Selection():
                selection = what
            case Memory(id=memory):
                selection = Selection(memories=(memory,))
            case _:
                selection = Selection(memories=(what,))
        return self._wiring.forget(selection)

    def why(self, turn: TurnId) -> Sources:
        """Return the remaining sources of a turn's reply, and what was withheld from it."""
        return sources_of(self.profile, turn)

    def tag(self, memory: MemoryId, *tags: str) -> None:
        """
        Replace a memory's tags, which the gate reads. A memory in review stays in review.

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
