"""
`homeward.open`: one object that knows the person. The one place that wires the parts together.

Opening a profile loads no model: the embedder is loaded by the first recall, the language model by
the first question.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self
from weakref import WeakSet

from homeward.attributes import PersonAttributes
from homeward.chat_format import ChatFormat, chat_format
from homeward.conversation import Conversation, Parts
from homeward.errors import CannotSee, UnsupportedModel
from homeward.federation import Federation
from homeward.gate import DEFAULT_RULES, Moment, Rule
from homeward.importing import IMAGES, Item, Report, Taken, image, items_of, silent, take_in
from homeward.knowledge import Knowledge
from homeward.learned import LearnedState, LearnedStates, Taught
from homeward.learning.controls import Controls
from homeward.ports import Embedder, LanguageModel, ModelInfo, Sampling
from homeward.prefix_cache import KIND as PREFIX_KIND
from homeward.prompt import SYSTEM_TEXT, can_use_dates
from homeward.recall import DEFAULT, Recall, Recalled, RecallProfile
from homeward.remembering import Remembering
from homeward.reply import Reply, Sources
from homeward.reviewing import Review, Wishes
from homeward.rules import Rules
from homeward.taste import PersonalTaste, features_for
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
    RecoveryCode,
    Selection,
    SourceKind,
    TurnId,
)

Teach = Callable[[Profile, LanguageModel, ChatFormat, Controls], Taught]


def _cannot_teach(*_: object) -> Taught:
    raise UnsupportedModel("this language model came without weights to learn through")


@dataclass(frozen=True, slots=True)
class Loaders:
    """How to get the two models, when they are first needed."""

    language_model: Callable[[], LanguageModel]
    embedder: Callable[[], Embedder]
    teach: Teach = _cannot_teach
    sight: Callable[[], str] = lambda: "the language model has no projector"  # why it sees nothing


@dataclass(frozen=True, slots=True)
class Settings:
    """What an app may choose for its assistant."""

    recall: RecallProfile = DEFAULT
    rules: Sequence[Rule] = DEFAULT_RULES  # until the person edits them
    dates: bool | None = (
        None  # memories are put with their dates; None: where the model can use them
    )
    denied_topics: Sequence[str] = ()  # words; what names one of them is never remembered
    threads: int | None = None  # for the language model; None: as many as the engine thinks best


class Assistant:
    """
    A local assistant that knows one person.

    `ask` continues one conversation for as long as the assistant is open; `conversation` opens
    others. Close it, or use it in a `with`, so that the profile is free for others.
    """

    def __init__(
        self, profile: Profile, loaders: Loaders, settings: Settings | None = None
    ) -> None:
        self.profile = profile
        self._loaders = loaders
        self._settings = settings or Settings()
        self._conversations: WeakSet[Conversation] = WeakSet()  # a dropped one frees its cache

    @cached_property
    def attributes(self) -> PersonAttributes:
        """What is true of the person, by key."""
        return PersonAttributes(self.profile.attributes, self._forget_attributes)

    @cached_property
    def rules(self) -> Rules:
        """What may be used in which moment; the person may edit it."""
        return Rules(self.profile.settings, self._settings.rules)

    @cached_property
    def wishes(self) -> Wishes:
        """How the person wants to be remembered."""
        return Wishes(self.profile.settings, denied=self._settings.denied_topics)

    @cached_property
    def review(self) -> Review:
        """The memories that wait until the person has seen them."""
        return Review(self.profile.memories, self._remembering)

    @cached_property
    def taste(self) -> PersonalTaste:
        """What the person likes in a reply, learned from their choices."""
        features = features_for(self.embedder)
        return PersonalTaste(self.profile, features, groups=self.federation.groups)

    @cached_property
    def federation(self) -> Federation:
        """What may be learned with others. Nothing is, until the person joins a task."""
        return Federation(self.profile, lambda: self.taste)

    def load(self) -> None:
        """Load both models now instead of when they are first needed."""
        _ = self.embedder, self._parts

    @property
    def model(self) -> ModelInfo:
        """The language model in use; loads it."""
        return self._parts.model.info

    @cached_property
    def embedder(self) -> Embedder:
        """What recall compares meanings with; loads it."""
        return self._loaders.embedder()

    def ask(
        self, question: str, *, sampling: Sampling | None = None, personalize: bool = True
    ) -> Reply:
        """Answer within the assistant's own conversation; see `Conversation.ask`."""
        return self._own.ask(question, sampling=sampling, personalize=personalize)

    def conversation(
        self,
        name: str | None = None,
        *,
        incognito: bool = False,
        moment: Moment | None = None,
        system: str = SYSTEM_TEXT,
        past: Sequence[tuple[str, str]] = (),
    ) -> Conversation:
        """
        Open a conversation: a new one, or the one called `name` where it was left.

        `incognito`: it reads what it may and writes nothing. `moment`: who reads the replies and
        what for; by default the person alone. `system`: the app's own words before what is known
        of the person. `past`: questions and replies from elsewhere that it goes on after; they are
        shown to the model and not recorded.
        """
        opened = Conversation(
            self._parts,
            name=name or secrets.token_hex(8),
            incognito=incognito,
            moment=moment,
            system=system,
            past=past,
        )
        self._conversations.add(opened)
        return opened

    def remember(self, text: str) -> list[Memory]:
        """Keep `text` word for word, as something the person wants to be known."""
        with self.profile.transaction():
            return self._remembering.note(self.profile.notes.add(text))

    def write(
        self, text: str, *, title: str | None = None, origin: Origin = Origin.PERSON
    ) -> list[Memory]:
        """Keep a text that the person wrote, for style and for knowledge."""
        with self.profile.transaction():
            writing = self.profile.writings.add(text, title=title, origin=origin)
            return self._remembering.writing(writing)

    def prefer(
        self,
        prompt: str,
        *,
        chosen: str,
        rejected: str,
        source: ChoiceSource = ChoiceSource.EXPLICIT,
        turn: TurnId | None = None,
    ) -> Choice:
        """Keep that the person preferred one reply to another."""
        with self.profile.transaction():
            choice = self.profile.choices.add(prompt, chosen, rejected, source=source, turn=turn)
            self._remembering.choice(choice)
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
        or what was read in it. Started again after a kill it goes on; the same file again adds
        nothing, nor does it bring back what was forgotten, unless `again`.

        Guarantees:
            The file is read to its end before anything is written.

        Raises:
            CannotRead, UnknownFormat, ImportCorrupt: nothing was added.
            CannotSee: an image without `text`, and the model has no projector.
        """
        return take_in(
            self.profile,
            self._remembering,
            self._items_of(path, text),
            origin=Origin.PERSON if mine else Origin.DOCUMENT,
            again=again,
            report=report,
        )

    def learn(self, controls: Controls | None = None) -> Taught:
        """
        Learn a soft prompt from writings and chosen replies, try it, and use it if it wins.

        Takes minutes of one thread; `controls` pauses, ends and watches it. Called again after it
        was ended, or killed, it goes on where it was. Conversations go on with what was learned.

        Raises:
            ConsentRequired: the person did not grant learning from writings and choices.
            TooLittleToLearn: fewer than 24 texts. UnsupportedModel: no gradient for this model.
        """
        parts = self._parts
        taught = self._loaders.teach(self.profile, parts.model, parts.chat, controls or Controls())
        self._use_learned()
        return taught

    @property
    def learned(self) -> LearnedState | None:
        """What was learned for the language model in use, on or off."""
        return LearnedStates(self.profile.blobs).find(self._parts.model.info.sha256)

    def switch_learned(self, *, on: bool) -> LearnedState | None:
        """Use what was learned, or keep it unused, whatever its trial said."""
        state = self.learned
        if state is not None:
            state = replace(state, on=on)
            LearnedStates(self.profile.blobs).keep(state)
            self._use_learned()
        return state

    def recall(self, question: str) -> list[Recalled]:
        """Return what would be quoted for `question`, best first, before the gate."""
        return self._recall.find(question)

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
        for conversation in self._conversations:
            conversation.close()
        receipt = self.profile.forget(selection)
        if LearnedStates(self.profile.blobs).remove_stale():
            # Snapshots hold the virtual tokens' keys and values: they go with them.
            self.profile.blobs.trim(PREFIX_KIND, max_bytes=0)
            self._use_learned()
        for stale in self.profile.blobs.stale(PREFIX_KIND):
            self.profile.blobs.remove(stale.kind, stale.cache_key)  # made anew when next needed
        for conversation in self._conversations:
            conversation.reload()
        return receipt

    def why(self, turn: TurnId) -> Sources:
        """Return what a turn's reply was built on, as far as it is still there, and denied."""
        record = self.profile.turns.get(turn)
        if record is None:
            return Sources()
        attributes = [
            self.profile.attributes.by_id(AttributeId(one.id))
            for one in record.used
            if one.kind is SourceKind.ATTRIBUTE
        ]
        memories = [MemoryId(one.id) for one in record.used if one.kind is SourceKind.MEMORY]
        return Sources(
            tuple(filter(None, attributes)),
            tuple(self.profile.memories.get(memories)),
            record.withheld,
        )

    def tag(self, memory: MemoryId, *tags: str) -> None:
        """
        Replace the tags that the gate reads on a memory.

        Raises:
            NotFound: there is no such memory.
        """
        self.profile.memories.retag(memory, tags)

    def close(self) -> None:
        """End conversations, free the models, close the profile. Closing twice is fine."""
        for conversation in self._conversations:
            conversation.close()
        self._conversations.clear()
        if "_parts" in self.__dict__:
            self._parts.model.close()
            del self.__dict__["_parts"]
        self.profile.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _items_of(self, path: Path, text: str | None) -> Callable[[], Iterable[Item]]:
        if path.suffix.lower() not in IMAGES:
            return lambda: items_of(path)
        if text is None:
            raise CannotSee(f"{path.name}: {self._loaders.sight()}")
        return lambda: image(path, text)

    @cached_property
    def _own(self) -> Conversation:
        return self.conversation()

    @cached_property
    def _recall(self) -> Recall:
        memories = self.profile.reading_for(Purpose.ANSWER).memories
        return Recall(memories, self.embedder, self._settings.recall)

    @cached_property
    def _remembering(self) -> Remembering:
        return Remembering(
            self.profile.memories,
            self._recall,
            denied_topics=self.wishes.denied_topics,
            review=self.wishes.review,
        )

    @cached_property
    def _parts(self) -> Parts:
        model = self._loaders.language_model()
        attributes = self.profile.reading_for(Purpose.ANSWER).attributes
        return Parts(
            profile=self.profile,
            model=model,
            chat=chat_format(model),
            knowledge=Knowledge(attributes, self._recall, self.rules.all, dated=self._dated(model)),
            remembering=self._remembering,
            soft_prompt=LearnedStates(self.profile.blobs).in_use(model.info.sha256),
        )

    def _dated(self, model: LanguageModel) -> bool:
        wanted = self._settings.dates
        return can_use_dates(model.info) if wanted is None else wanted

    def _use_learned(self) -> None:
        """Let open conversations and later ones answer with what is learned now."""
        if "_parts" not in self.__dict__:
            return
        soft = LearnedStates(self.profile.blobs).in_use(self._parts.model.info.sha256)
        self.__dict__["_parts"] = replace(self._parts, soft_prompt=soft)
        for conversation in self._conversations:
            conversation.adopt(self._parts)

    def _forget_attributes(self, ids: list[AttributeId]) -> Receipt:
        return self.forget(Selection(attributes=tuple(ids)))


@dataclass(frozen=True, slots=True)
class Created:
    """A new person's assistant, and the code that opens the profile when all else is lost."""

    assistant: Assistant
    recovery_code: RecoveryCode
