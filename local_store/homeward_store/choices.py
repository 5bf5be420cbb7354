"""Choices: pair-wise preferences. Knows SQL, no reward."""

from homeward_store.consent import Clock, Permit
from homeward_store.database import Database, Row
from homeward_store.errors import NotFound
from homeward_store.records import (
    Choice,
    ChoiceId,
    ChoiceSource,
    TurnId,
    checked,
    from_micros,
    to_micros,
)


class Choices:
    """The choices of one profile."""

    def __init__(self, database: Database, *, clock: Clock, permit: Permit) -> None:
        self._database = database
        self._clock = clock
        self._permit = permit  # called wherever data is read

    def add(
        self,
        prompt: str,
        chosen: str,
        rejected: str,
        *,
        source: ChoiceSource = ChoiceSource.EXPLICIT,
        turn: TurnId | None = None,
    ) -> Choice:
        """
        Record that the person preferred one reply to another.

        Raises:
            ValueError: both replies are the same. NotFound: no such turn.
        """
        if chosen == rejected:
            raise ValueError("a choice needs two different replies")
        row = (
            checked(prompt),
            checked(chosen),
            checked(rejected),
            ChoiceSource(source).value,
            turn,
            to_micros(self._clock()),
        )
        with self._database.transaction():
            if turn is not None and not self._database.run(
                "SELECT 1 FROM turn WHERE id=?", (turn,)
            ):
                raise NotFound(f"turn {turn}")
            choice = self._database.insert(
                "INSERT INTO choice(prompt, chosen, rejected, source, turn, chosen_at)"
                " VALUES(?, ?, ?, ?, ?, ?)",
                row,
            )
        [added] = self._where("id = ?", choice)
        return added

    def get(self, choice: ChoiceId) -> Choice | None:
        """One choice."""
        found = self._where("id = ?", choice)
        return found[0] if found else None

    def all(self) -> list[Choice]:
        """Every choice, oldest first."""
        return self._where("1 ORDER BY id")

    def _where(self, condition: str, *values: int) -> list[Choice]:
        self._permit()
        rows = self._database.run(
            "SELECT id, prompt, chosen, rejected, source, turn, chosen_at FROM choice"  # noqa: S608
            f" WHERE {condition}",
            values,
        )
        return [_record(row) for row in rows]


def _record(row: Row) -> Choice:
    choice, prompt, chosen, rejected, source, turn, chosen_at = row
    return Choice(
        id=ChoiceId(choice),
        prompt=prompt,
        chosen=chosen,
        rejected=rejected,
        source=ChoiceSource(source),
        turn=None if turn is None else TurnId(turn),
        chosen_at=from_micros(chosen_at),
    )
