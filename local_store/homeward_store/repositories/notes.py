"""Stores notes: texts that the person asked to remember, word for word."""

from homeward_store.consent.consent import Clock, Permit
from homeward_store.database.database import Database, Row
from homeward_store.records import Note, NoteId, checked, from_micros, to_micros
from homeward_store.repositories.rows import Rows
from homeward_store.typed import doors

_NOTES = "SELECT id, text, noted_at FROM note"


@doors
class Notes:
    """Stores and reads the notes of one profile."""

    def __init__(self, database: Database, *, clock: Clock, permit: Permit) -> None:
        self._database = database
        self._clock = clock
        self._rows = Rows(database, permit, select=_NOTES, record=_note)

    def add(self, text: str) -> Note:
        """Keep a note."""
        note = self._database.insert(
            "INSERT INTO note(text, noted_at) VALUES(?, ?)",
            (checked(text), to_micros(self._clock())),
        )
        return self._rows.just_added(note)

    def get(self, note: NoteId) -> Note | None:
        """One note."""
        return self._rows.get(note)

    def all(self) -> list[Note]:
        """Every note, oldest first."""
        return self._rows.all()


def _note(row: Row) -> Note:
    note, text, noted_at = row
    return Note(NoteId(note), text, from_micros(noted_at))
