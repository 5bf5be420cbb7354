"""
Imports items into a profile: reads all of them once, then writes them in batches.

A batch is one transaction with the digests of what is in it. Killed between two batches, or
interrupted in one, an import goes on where it was when it is started again; finished, it adds
nothing more.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice

from homeward.importing.items import Document, FileRead, ImportedExchange, Item, LeftOut
from homeward.importing.report import ImportProgress, Report, Taken, silent
from homeward.memory.unremembered import Reason, Remembered
from homeward.memory.writer import MemoryWriter
from homeward_store import Origin, Profile, Source, SourceKind, Turn

BATCH = 16  # items; what a kill loses, and how long the profile is kept from others
MOST_NAMED = 1000  # of what is left out; a file with more is built, not written


Noted = Callable[[bytes, Source | None], None]
"""Is told the digest of each item, and what it became; None: it was known."""


def _nobody(_: bytes, __: Source | None) -> None: ...


def take_in(
    profile: Profile,
    remembering: MemoryWriter,
    items: Callable[[], Iterable[Item]],
    *,
    origin: Origin = Origin.DOCUMENT,
    again: bool = False,
    report: Report = silent,
    noted: Noted = _nobody,
) -> Taken:
    """
    Add what `items` yields; it is called twice, and the first time nothing is written.

    `origin` is that of documents which do not name theirs. `again` also adds what was imported
    before, and forgotten since. `noted` is called in the transaction that writes the item.

    Raises:
        Whatever `items` raises the first time: the profile is then as it was.
    """
    total = 0
    for total, _ in enumerate(items(), 1):
        report(ImportProgress(total, None))
    intake = _Intake(profile, remembering, origin, again=again, noted=noted)
    waiting, done = iter(items()), 0
    while read := list(islice(waiting, BATCH)):
        intake.add(read)
        done += len(read)
        report(ImportProgress(done, total))
    return intake.taken()


class _Intake:
    """Writes items, and counts them."""

    def __init__(
        self,
        profile: Profile,
        remembering: MemoryWriter,
        origin: Origin,
        *,
        again: bool,
        noted: Noted,
    ) -> None:
        self._profile, self._remembering = profile, remembering
        self._origin, self._again, self._noted = origin, again, noted
        self._last: Turn | None = None
        self._exchanges = self._documents = self._memories = self._known = 0
        self._unremembered = Counter[Reason]()
        self._left_out: list[LeftOut] = []
        self._left_out_count = 0

    def taken(self) -> Taken:
        """Return what was added until now."""
        return Taken(
            self._exchanges,
            self._documents,
            self._memories,
            self._known,
            tuple(self._left_out),
            self._left_out_count,
            tuple(sorted(self._unremembered.items())),
        )

    def add(self, batch: list[Item]) -> None:
        """Add what is new of a batch, in one transaction."""
        found: dict[bytes, ImportedExchange | Document | FileRead] = {}
        for item in batch:
            if isinstance(item, LeftOut):
                self._leave_out(item)
            elif item.digest in found:
                self._known += 1
            else:
                found[item.digest] = item
        seen = set() if self._again else self._profile.imported.seen(list(found))
        fresh = {digest: item for digest, item in found.items() if digest not in seen}
        self._known += len(found) - len(fresh)
        with self._profile.transaction():
            for digest, item in found.items():
                self._noted(digest, self._write(item) if digest in fresh else None)
            self._profile.imported.mark(list(fresh))

    def _leave_out(self, item: LeftOut) -> None:
        self._left_out_count += 1
        if len(self._left_out) < MOST_NAMED:
            self._left_out.append(item)

    def _write(self, item: ImportedExchange | Document | FileRead) -> Source | None:
        match item:
            case ImportedExchange():
                return self._exchange(item)
            case Document():
                return self._document(item)
            case FileRead():
                return None  # only marked

    def _exchange(self, item: ImportedExchange) -> Source:
        previous = self._previous(item.conversation)
        self._last = self._profile.turns.record(
            item.conversation,
            item.asked,
            item.replied,
            model=item.model,
            asked_at=item.asked_at,
        )
        self._count(self._remembering.turn(self._last, previous=previous))
        self._exchanges += 1
        return SourceKind.TURN, self._last.id

    def _previous(self, conversation: str) -> Turn | None:
        if self._last is not None and self._last.conversation == conversation:
            return self._last
        return next(reversed(self._profile.turns.conversation(conversation)), None)

    def _document(self, item: Document) -> Source:
        writing = self._profile.writings.add(
            item.text,
            title=item.title,
            origin=item.origin or self._origin,
            written_at=item.written_at,
        )
        self._count(self._remembering.writing(writing))
        self._documents += 1
        return SourceKind.WRITING, writing.id

    def _count(self, made: Remembered) -> None:
        self._memories += len(made)
        self._unremembered.update(one.reason for one in made.unremembered)
