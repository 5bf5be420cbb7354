"""Writings and notes: texts that the person gave. Knows SQL, no spans."""

from datetime import datetime

from homeward_store.consent import Clock, Permit
from homeward_store.database import Database, Row
from homeward_store.records import (
    Note,
    NoteId,
    Origin,
    Writing,
    WritingId,
    checked,
    from_micros,
    to_micros,
)


class Writings:
    """The writings of one profile."""

    def __init__(self, database: Database, *, clock: Clock, permit: Permit) -> None:
        self._database = database
        self._clock = clock
        self._permit = permit  # called wherever data is read

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
        [added] = self._where("id = ?", writing)
        return added

    def get(self, writing: WritingId) -> Writing | None:
        """One writing."""
        found = self._where("id = ?", writing)
        return found[0] if found else None

    def all(self) -> list[Writing]:
        """Every writing, in the order in which they were added."""
        return self._where("1 ORDER BY id")

    def _where(self, condition: str, *values: int) -> list[Writing]:
        self._permit()
        rows = self._database.run(
            "SELECT id, text, title, origin, written_at, added_at FROM writing"  # noqa: S608
            f" WHERE {condition}",
            values,
        )
        return [_writing(row) for row in rows]


class Notes:
    """What the person asked to be remembered, word for word."""

    def __init__(self, database: Database, *, clock: Clock, permit: Permit) -> None:
        self._database = database
        self._clock = clock
        self._permit = permit  # called wherever data is read

    def add(self, text: str) -> Note:
        """Keep a note."""
        note = self._database.insert(
            "INSERT INTO note(text, noted_at) VALUES(?, ?)",
            (checked(text), to_micros(self._clock())),
        )
        [added] = self._where("id = ?", note)
        return added

    def get(self, note: NoteId) -> Note | None:
        """One note."""
        found = self._where("id = ?", note)
        return found[0] if found else None

    def all(self) -> list[Note]:
        """Every note, oldest first."""
        return self._where("1 ORDER BY id")

    def _where(self, condition: str, *values: int) -> list[Note]:
        self._permit()
        rows = self._database.run(
            f"SELECT id, text, noted_at FROM note WHERE {condition}",  # noqa: S608
            values,
        )
        return [Note(NoteId(note), text, from_micros(at)) for note, text, at in rows]


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
