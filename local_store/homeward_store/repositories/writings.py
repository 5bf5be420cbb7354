"""Stores writings: texts that the person gave, for style or for knowledge."""

from datetime import datetime

from homeward_store.consent.consent import Clock, Permit
from homeward_store.database.database import Database, Row
from homeward_store.records import (
    Origin,
    Writing,
    WritingId,
    checked,
    from_micros,
    to_micros,
)
from homeward_store.repositories.rows import Rows
from homeward_store.typed import doors

_WRITINGS = "SELECT id, text, title, origin, written_at, added_at FROM writing"


@doors
class Writings:
    """Stores and reads the writings of one profile."""

    def __init__(self, database: Database, *, clock: Clock, permit: Permit) -> None:
        self._database = database
        self._clock = clock
        self._rows = Rows(database, permit, select=_WRITINGS, record=_writing)

    def add(
        self,
        text: str,
        *,
        title: str | None = None,
        origin: Origin = Origin.PERSON,
        written_at: datetime | None = None,
    ) -> Writing:
        """Keep a text as it is."""
        writing = self._database.insert(
            "INSERT INTO writing(text, title, origin, written_at, added_at) VALUES(?, ?, ?, ?, ?)",
            (
                checked(text),
                None if title is None else checked(title),
                Origin(origin).value,
                None if written_at is None else to_micros(written_at),
                to_micros(self._clock()),
            ),
        )
        return self._rows.just_added(writing)

    def get(self, writing: WritingId) -> Writing | None:
        """One writing."""
        return self._rows.get(writing)

    def all(self) -> list[Writing]:
        """Every writing, in the order in which they were added."""
        return self._rows.all()


def _writing(row: Row) -> Writing:
    writing, text, title, origin, written_at, added_at = row
    return Writing(
        id=WritingId(writing),
        text=text,
        title=title,
        origin=Origin(origin),
        written_at=None if written_at is None else from_micros(written_at),
        added_at=from_micros(added_at),
    )
