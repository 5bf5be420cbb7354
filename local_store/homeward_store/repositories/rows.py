"""Reads the rows of one kind as records, under a permit."""

from collections.abc import Callable
from typing import Generic, TypeVar

from homeward_store.consent.consent import Permit
from homeward_store.database.database import Database, Row

T = TypeVar("T")


class Rows(Generic[T]):
    """
    Reads and deletes the rows of a table that has an `id`.

    Every read asks the permit first, so that a withdrawn consent ends the next one.

    Raises:
        ConsentRequired: the data is read for a purpose, as from `Profile.reading_for`, and there is
            no consent for it (any more).
    """

    def __init__(
        self, database: Database, permit: Permit, *, select: str, record: Callable[[Row], T]
    ) -> None:
        self._database = database
        self._permit = permit
        self._select = select
        self._record = record

    def get(self, number: int) -> T | None:
        """One record, or None where there is none of this id."""
        found = self._read("WHERE id = ?", number)
        return found[0] if found else None

    def just_added(self, number: int) -> T:
        """The record that the caller has inserted under this id."""
        [added] = self._read("WHERE id = ?", number)
        return added

    def all(self) -> list[T]:
        """Every record, in the order in which they were added."""
        return self._read("ORDER BY id")

    def _read(self, tail: str, *values: int) -> list[T]:
        self._permit()
        rows = self._database.run(f"{self._select} {tail}", values)
        return [self._record(row) for row in rows]
