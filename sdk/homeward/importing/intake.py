"""
Imports items into a profile: reads all of them once, then writes them in batches.

A batch is one transaction with the digests of what is in it. Killed between two batches, or
interrupted in one, an import goes on where it was when it is started again; finished, it adds
nothing more.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from homeward.importing.items import Document, ImportedExchange, Item, LeftOut
from homeward.memory.unremembered import Reason, Remembered
from homeward.memory.writer import MemoryWriter
from homeward_store import Origin, Profile, Turn

BATCH = 16  # items; what a kill loses, and how long the profile is kept from others


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import has come."""

    done: int  # items, those that were known included
    total: int | None  # None while the file is read for the first time


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import added."""

    exchanges: int
    documents: int
    memories: int
    known: int  # items that had been imported before
    left_out: tuple[str, ...] = ()  # items over a bound: where each stands, and why
    unremembered: tuple[tuple[Reason, int], ...] = ()  # stretches that became no memory, and why


Report = Callable[[ImportProgress], None]


def silent(_: ImportProgress) -> None:
    """Report to nobody."""


def take_in(
    profile: Profile,
    remembering: MemoryWriter,
    items: Callable[[], Iterable[Item]],
    *,
    origin: Origin = Origin.DOCUMENT,
    again: bool = False,
    report: Report = silent,
) -> Taken:
    """
    Add what `items` yields; it is called twice, and the first time nothing is written.

    `origin` is that of documents which do not name theirs. `again` also adds what was imported
    before, and forgotten since.

    Raises:
        Whatever `items` raises the first time: the profile is then as it was.
    """
    total = 0
    for total, _ in enumerate(items(), 1):
        report(ImportProgress(total, None))
    intake = _Intake(profile, remembering, origin)
    waiting, done, left_out = iter(items()), 0, list[str]()
    while read := list(islice(waiting, BATCH)):
        left_out += [item.what for item in read if isinstance(item, LeftOut)]
        batch = [item for item in read if not isinstance(item, LeftOut)]
        seen = set() if again else profile.imported.seen([item.digest for item in batch])
        fresh = [item for item in batch if item.digest not in seen]
        with profile.transaction():
            intake.add(fresh)
            profile.imported.mark([item.digest for item in fresh])
        done += len(read)
        report(ImportProgress(done, total))
    known = done - intake.added - len(left_out)
    return Taken(
        intake.exchanges,
        intake.documents,
        intake.memories,
        known,
        tuple(left_out),
        tuple(sorted(intake.unremembered.items())),
    )


class _Intake:
    """Writes items, and counts them."""

    def __init__(self, profile: Profile, remembering: MemoryWriter, origin: Origin) -> None:
        self._profile, self._remembering, self._origin = profile, remembering, origin
        self._last: Turn | None = None
        self.exchanges = self.documents = self.memories = 0
        self.unremembered = Counter[Reason]()

    @property
    def added(self) -> int:
        return self.exchanges + self.documents

    def add(self, items: list[ImportedExchange | Document]) -> None:
        for item in items:
            match item:
                case ImportedExchange():
                    self._exchange(item)
                case Document():
                    self._document(item)

    def _exchange(self, item: ImportedExchange) -> None:
        previous = self._previous(item.conversation)
        self._last = self._profile.turns.record(
            item.conversation,
            item.asked,
            item.replied,
            model=item.model,
            asked_at=item.asked_at,
        )
        self._count(self._remembering.turn(self._last, previous=previous))
        self.exchanges += 1

    def _previous(self, conversation: str) -> Turn | None:
        if self._last is not None and self._last.conversation == conversation:
            return self._last
        return next(reversed(self._profile.turns.conversation(conversation)), None)

    def _document(self, item: Document) -> None:
        writing = self._profile.writings.add(
            item.text,
            title=item.title,
            origin=item.origin or self._origin,
            written_at=item.written_at,
        )
        self._count(self._remembering.writing(writing))
        self.documents += 1

    def _count(self, made: Remembered) -> None:
        self.memories += len(made)
        self.unremembered.update(one.reason for one in made.unremembered)
