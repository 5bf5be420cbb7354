"""
Defines the values that the store takes and returns: frozen, checked, without behaviour.

Records know nothing of SQL. Times are aware UTC datetimes; the database keeps whole microseconds.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NewType

import numpy as np
from numpy.typing import NDArray

from homeward_store.errors import InvalidText, InvalidValue
from homeward_store.typed import doors

AttributeId = NewType("AttributeId", int)
TurnId = NewType("TurnId", int)
WritingId = NewType("WritingId", int)
ChoiceId = NewType("ChoiceId", int)
NoteId = NewType("NoteId", int)
MemoryId = NewType("MemoryId", int)
BlobId = NewType("BlobId", int)

Vector = NDArray[np.float32]
AttributeValue = str | int | float | bool | tuple[str, ...]

PRIVATE = "private"
"""The audience of a conversation that nobody but the person reads."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Origin(StrEnum):
    """The origin of a text, which decides how far it is trusted."""

    PERSON = "person"
    ASSISTANT = "assistant"
    DOCUMENT = "document"
    TOOL = "tool"


class SourceKind(StrEnum):
    """A kind of record that a memory or a derived blob was made from."""

    ATTRIBUTE = "attribute"
    TURN = "turn"
    WRITING = "writing"
    CHOICE = "choice"
    NOTE = "note"
    MEMORY = "memory"


Source = tuple[SourceKind, int]


class ChoiceSource(StrEnum):
    """How the person expressed a preference."""

    EXPLICIT = "explicit"  # picked one of two
    EDIT = "edit"  # rewrote a reply
    RETRY = "retry"  # asked again and kept the second reply
    RATING = "rating"  # marked a reply good or bad; the other text is empty
    ACCEPT = "accept"  # copied or used a reply; the other text is empty
    EQUAL = "equal"  # found neither reply better: which is `chosen` means nothing


@dataclass(frozen=True, slots=True)
class Span:
    """
    A stretch of a source's text, in characters: text[start:end].

    A turn's text is `Turn.text`: what was asked, a newline, what was replied.
    """

    kind: SourceKind
    id: int
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise InvalidValue(f"a span cannot run from {self.start} to {self.end}")


@dataclass(frozen=True, slots=True)
class Used:
    """
    A record that a reply was built on: attribute, memory, earlier turn, or choice as an example.

    A reply that had an earlier reply before its eyes is built on all that that one was built on.
    """

    kind: SourceKind
    id: int


class LearnedKind(StrEnum):
    """A state trained on a person's records; it does not quote them."""

    STYLE = "style"  # a soft prompt
    TASTE = "taste"  # what they like in a reply


@dataclass(frozen=True, slots=True)
class Pick:
    """The draft to show, and how likely the person prefers it to the first one."""

    index: int
    probability: float
    of: int = 1  # how many drafts there were


@dataclass(frozen=True, slots=True)
class LearnedUse:
    """
    Learned state that a reply was made with.

    `counts`: of how many records of each kind it was learned. `prior`: where that began, if others'
    published numbers were used. `pick`: which of several drafts it chose, if there were some.
    """

    kind: LearnedKind
    sha256: str | None  # None: erased since, because a record that it was learned from was
    counts: tuple[tuple[SourceKind, int], ...]
    prior: str = ""
    pick: Pick | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """One attribute or memory that was withheld from a reply, and the rule that withheld it."""

    kind: SourceKind
    id: int | None  # None: everything of this kind
    rule: str


@dataclass(frozen=True, slots=True)
class Space:
    """Where vectors can be compared: one encoder (weights, tokenizer, precision), one length."""

    encoder_sha256: str  # hex
    dims: int

    def __post_init__(self) -> None:
        if len(self.encoder_sha256) != 64 or not set(self.encoder_sha256) <= set(
            "0123456789abcdef"
        ):
            raise InvalidValue("encoder_sha256 must be 64 lower-case hex digits")
        if not 1 <= self.dims <= 8192:
            raise InvalidValue(f"a vector has 1 to 8192 dimensions, not {self.dims}")


@doors
@dataclass(frozen=True, slots=True)
class UseContext:
    """Who reads a conversation and what it is for; it stays the same for the whole conversation."""

    audience: str = PRIVATE
    purpose: str = "chat"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A static fact about the person. Setting a key again keeps the older value as history."""

    id: AttributeId
    key: str
    value: AttributeValue
    origin: Origin
    tags: tuple[str, ...]
    learned_at: datetime
    valid_from: datetime
    valid_until: datetime | None  # None: still true
    superseded_by: AttributeId | None


@dataclass(frozen=True, slots=True)
class Turn:
    """
    One exchange. `replied` is empty and `complete` false until the reply has been finished.

    `attached`: the names of files that came with the question.
    """

    id: TurnId
    conversation: str
    asked: str
    replied: str
    complete: bool
    model: str
    asked_at: datetime
    replied_at: datetime | None
    used: tuple[Used, ...]
    withheld: tuple[Withheld, ...] = ()
    attached: tuple[str, ...] = ()
    use_context: UseContext = UseContext()  # of the conversation
    learned: tuple[LearnedUse, ...] = ()

    @property
    def text(self) -> str:
        """The text that the character positions of this turn's spans refer to."""
        return f"{self.asked}\n{self.replied}"


@dataclass(frozen=True, slots=True)
class Writing:
    """A text that the person gave, for style or for knowledge."""

    id: WritingId
    text: str
    title: str | None
    origin: Origin
    written_at: datetime | None
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """
    A pair-wise preference.

    `origin`: whose words `chosen` is made of, of several the least trusted one. What is not the
    person's own is not learned from.
    """

    id: ChoiceId
    prompt: str
    chosen: str
    rejected: str
    source: ChoiceSource
    turn: TurnId | None
    chosen_at: datetime
    origin: Origin = Origin.PERSON


@dataclass(frozen=True, slots=True)
class Note:
    """A text that the person asked to remember, stored word for word."""

    id: NoteId
    text: str
    noted_at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class MemoryDraft:
    """
    A memory before it is stored.

    `context` is text that stood before it, such as the previous turn: it is indexed with a lower
    weight and never shown as the memory. `context_source` says where it was taken from, so that
    forgetting that source also removes it here.

    Shapes:
        vector: (space.dims,) float32, unit length.
    """

    text: str
    source: Span
    said_at: datetime
    context: str = ""
    context_source: Span | None = None
    vector: Vector | None = None
    space: Space | None = None
    tags: tuple[str, ...] = ()
    origin: Origin = Origin.PERSON
    valid_from: datetime | None = None  # None: since `said_at`
    valid_until: datetime | None = None  # None: still true

    def __post_init__(self) -> None:
        if bool(self.context) != (self.context_source is not None):
            raise InvalidValue("context and context_source are given together, or neither")
        if (self.vector is None) != (self.space is None):
            raise InvalidValue("vector and space are given together, or neither")


@dataclass(frozen=True, slots=True)
class Memory:
    """A span of a turn, writing or note that recall can return."""

    id: MemoryId
    text: str
    source: Span
    context: str
    context_source: Span | None
    said_at: datetime
    learned_at: datetime
    valid_from: datetime
    valid_until: datetime | None
    superseded_by: MemoryId | None
    origin: Origin
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A memory that a search found; a higher score is better, within one search only."""

    memory: MemoryId
    score: float


@doors
@dataclass(frozen=True, slots=True)
class Scope:
    """A filter on the memories that a search may return. The default admits all."""

    tagged: tuple[str, ...] = ()  # carries at least one of these; empty: any
    untagged: tuple[str, ...] = ()  # carries none of these
    since: datetime | None = None  # said at or after
    until: datetime | None = None  # said before
    current: bool = False  # leaves out what was superseded or is no longer valid
    conversation: str | None = None  # said in this conversation
    origins: tuple[Origin, ...] = ()  # comes from one of these; empty: any

    @property
    def is_everything(self) -> bool:
        """Whether no memory is left out."""
        return self == Scope()


def checked(text: str) -> str:
    """
    The text itself, if it can be stored exactly as it is.

    Raises:
        InvalidText: it holds a NUL, at which C strings end, or a lone surrogate, which has no
            UTF-8 form. Control, bidirectional and emoji characters are kept as they are.
    """
    position = text.find("\0")
    if position >= 0:
        raise InvalidText(f"NUL at character {position}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidText(f"lone surrogate at character {error.start}") from None
    return text


def to_micros(time: datetime) -> int:
    """
    Whole microseconds since 1970, UTC.

    Raises:
        InvalidValue: the datetime has no time zone, so it names no point in time.
    """
    if time.tzinfo is None:
        raise InvalidValue("a datetime needs a time zone")
    return (time - _EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """Return the UTC time that `to_micros` counted."""
    return _EPOCH + timedelta(microseconds=micros)


def checked_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """
    The tags sorted, each once.

    Raises:
        InvalidValue: a tag is empty. InvalidText: a tag cannot be stored.
    """
    if not all(tags):
        raise InvalidValue("a tag must not be empty")
    return tuple(sorted({checked(tag) for tag in tags}))
