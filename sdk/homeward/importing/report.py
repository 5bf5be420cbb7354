"""Says how far an import has come, and at its end what was taken in and what was not."""

from collections.abc import Callable
from dataclasses import dataclass

from homeward.importing.items import LeftOut
from homeward.memory.unremembered import Reason


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import has come."""

    done: int  # items, those that were known included
    total: int | None  # None while the file is read for the first time


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import added, and what it left out."""

    exchanges: int
    documents: int
    memories: int
    known: int  # items that had been imported before
    left_out: tuple[LeftOut, ...] = ()  # where each stands, and why: the first 1,000 of them
    left_out_count: int = 0  # all of them
    unremembered: tuple[tuple[Reason, int], ...] = ()  # stretches that became no memory, and why

    @property
    def warning(self) -> str | None:
        """Why nothing was taken in, where nothing was and nothing was known already; else None."""
        if self.exchanges or self.documents or self.known:
            return None
        if not self.left_out_count:
            return "Nothing was taken in: the file holds no messages and no text."
        reasons = ", ".join(dict.fromkeys(one.why for one in self.left_out[:_REASONS]))
        return f"Nothing was taken in: items left out: {self.left_out_count} ({reasons})."


_REASONS = 3  # that a warning names

Report = Callable[[ImportProgress], None]
"""
Is told how far an import has come, between two batches.

While it does not return, the import pauses; what it raises ends the import. What was added until
then is whole, and the import goes on there when it is started again.
"""


def silent(_: ImportProgress) -> None:
    """Report to nobody."""
