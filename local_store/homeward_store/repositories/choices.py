"""Stores choices: pair-wise preferences between replies."""

from homeward_store.consent.consent import Clock, Permit
from homeward_store.database.database import Database, Row
from homeward_store.errors import InvalidValue, NotFound
from homeward_store.records import (
    Choice,
    ChoiceId,
    ChoiceSource,
    Origin,
    TurnId,
    checked,
    from_micros,
    to_micros,
)
from homeward_store.repositories.rows import Rows
from homeward_store.typed import doors

_SELECT = "SELECT id, prompt, chosen, rejected, source, turn, chosen_at, origin FROM choice"


@doors
class Choices:
    """Stores and reads the choices of one profile."""

    def __init__(self, database: Database, *, clock: Clock, permit: Permit) -> None:
        self._database = database
        self._clock = clock
        self._rows = Rows(database, permit, select=_SELECT, record=_record)

    def add(
        self,
        prompt: str,
        chosen: str,
        rejected: str,
        *,
        source: ChoiceSource = ChoiceSource.EXPLICIT,
        turn: TurnId | None = None,
        origin: Origin = Origin.PERSON,
    ) -> Choice:
        """
        Record that the person preferred one reply to another; `origin`: see `CompletionChoice`.

        Raises:
            InvalidValue: both replies are the same. NotFound: no such turn.
        """
        if chosen == rejected:
            raise InvalidValue("a choice needs two different replies")
        row = (
            checked(prompt),
            checked(chosen),
            checked(rejected),
            ChoiceSource(source).value,
            turn,
            to_micros(self._clock()),
            Origin(origin).value,
        )
        with self._database.transaction():
            if turn is not None and not self._database.run(
                "SELECT 1 FROM turn WHERE id=?", (turn,)
            ):
                raise NotFound(f"there is no turn {turn}")
            choice = self._database.insert(
                "INSERT INTO choice(prompt, chosen, rejected, source, turn, chosen_at, origin)"
                " VALUES(?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        return self._rows.just_added(choice)

    def get(self, choice: ChoiceId) -> Choice | None:
        """One choice."""
        return self._rows.get(choice)

    def all(self) -> list[Choice]:
        """Every choice, oldest first."""
        return self._rows.all()


def _record(row: Row) -> Choice:
    choice, prompt, chosen, rejected, source, turn, chosen_at, origin = row
    return Choice(
        id=ChoiceId(choice),
        prompt=prompt,
        chosen=chosen,
        rejected=rejected,
        source=ChoiceSource(source),
        turn=None if turn is None else TurnId(turn),
        chosen_at=from_micros(chosen_at),
        origin=Origin(origin),
    )
