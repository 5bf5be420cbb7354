"""Stores turns: questions and replies, by conversation."""

import json
from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType

from homeward_store.consent.consent import Clock, Permit
from homeward_store.database.database import Database, Row, Value
from homeward_store.errors import NotFound
from homeward_store.records import (
    SourceKind,
    Turn,
    TurnId,
    UseContext,
    Used,
    Withheld,
    checked,
    from_micros,
    to_micros,
)
from homeward_store.repositories import learned_states
from homeward_store.repositories.erased_since import gone
from homeward_store.typed import doors

_SELECT = """
    SELECT turn.id, conversation.name, asked, replied, complete, model, asked_at, replied_at,
        attached, audience, purpose
    FROM turn JOIN conversation ON conversation.id = turn.conversation
"""
PRIVATELY = UseContext()
_WHITE = " \t\r\n"


@doors
class Turns:
    """
    Stores and reads the turns of one profile.

    Raises:
        ConsentRequired: the data is read for a purpose, as from `Profile.reading_for`, and there is
            no consent for it (any more).
    """

    def __init__(self, database: Database, *, clock: Clock, permit: Permit) -> None:
        self._database = database
        self._clock = clock
        self._permit = permit  # called wherever data is read

    def begin(
        self,
        conversation: str,
        asked: str,
        *,
        model: str,
        attached: Sequence[str] = (),
        use_context: UseContext = PRIVATELY,
    ) -> Turn:
        """
        Record the question, and the names of what came with it, before the reply is generated.

        Each `use_context` has a conversation of its own under the same name.

        Guarantees:
            When this returns, the question is on the disk: a kill in mid-reply does not lose it.
        """
        key = tuple(map(checked, (conversation, use_context.audience, use_context.purpose)))
        now, names = to_micros(self._clock()), json.dumps([checked(name) for name in attached])
        with self._database.transaction():
            self._database.run(
                "INSERT INTO conversation(name, audience, purpose) VALUES(?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                key,
            )
            turn = self._database.insert(
                "INSERT INTO turn(conversation, asked, model, asked_at, attached)"
                " SELECT id, ?, ?, ?, ? FROM conversation"
                " WHERE (name, audience, purpose) = (?, ?, ?)",
                (checked(asked), checked(model), now, names, *key),
            )
        return self._one(TurnId(turn))

    def record(
        self, conversation: str, asked: str, replied: str, *, model: str, asked_at: datetime
    ) -> Turn:
        """Record an exchange that took place elsewhere, and when it did."""
        with self._database.transaction():
            turn = self.begin(conversation, asked, model=model)
            then = to_micros(asked_at)
            self._database.run(
                "UPDATE turn SET replied = ?, complete = 1, asked_at = ?, replied_at = ?"
                " WHERE id = ?",
                (checked(replied), then, then, turn.id),
            )
        return self._one(turn.id)

    def finish(
        self,
        turn: TurnId,
        replied: str,
        *,
        complete: bool,
        used: Sequence[Used] = (),
        withheld: Sequence[Withheld] = (),
        learned: learned_states.Uses = MappingProxyType({}),
    ) -> Turn:
        """
        Record the reply, what it was built on and what it was denied, in place of an earlier one.

        `learned`: the learned states that it was made with, each with what it was learned from.

        Guarantees:
            A reply is kept only while all that it was built on is there: else its turn stays empty.

        Raises:
            NotFound: no such turn; it may have been forgotten while the reply was generated.
        """
        with self._database.transaction():
            if gone(self._database, [(one.kind, one.id) for one in used]):
                replied, complete = "", False
            self._reply(turn, replied, complete=complete)
            self._replace(turn, used, withheld)
            learned_states.record(self._database, turn, learned)
        return self._one(turn)

    def settle(self, turn: TurnId, replied: str) -> Turn:
        """
        Replace a reply by the person's own version. Its sources stay the same.

        Raises:
            NotFound: no such turn.
        """
        self._reply(turn, replied, complete=True)
        return self._one(turn)

    def _reply(self, turn: TurnId, replied: str, *, complete: bool) -> None:
        changed = self._database.run(
            "UPDATE turn SET replied = ?, complete = ?, replied_at = ? WHERE id = ? RETURNING id",
            (checked(replied), int(complete), to_micros(self._clock()), turn),
        )
        if not changed:
            raise NotFound(f"there is no turn {turn}")

    def _replace(self, turn: TurnId, used: Sequence[Used], withheld: Sequence[Withheld]) -> None:
        for table in ("turn_used", "turn_withheld"):
            self._database.run(f"DELETE FROM {table} WHERE turn = ?", (turn,))  # noqa: S608
        self._database.run_many(
            "INSERT INTO turn_used(turn, place, kind, used) VALUES(?, ?, ?, ?)",
            [(turn, place, one.kind.value, one.id) for place, one in enumerate(used)],
        )
        self._database.run_many(
            "INSERT INTO turn_withheld(turn, place, kind, item, rule) VALUES(?, ?, ?, ?, ?)",
            [
                (turn, place, one.kind.value, one.id, checked(one.rule))
                for place, one in enumerate(withheld)
            ],
        )

    def get(self, turn: TurnId) -> Turn | None:
        """One turn."""
        found = self._read("WHERE turn.id = ?", turn)
        return found[0] if found else None

    def conversation(self, name: str, *, use_context: UseContext | None = None) -> list[Turn]:
        """
        The turns of one conversation, oldest first.

        None: of every conversation of this name, whoever read it. That is for the person to see.
        """
        if use_context is None:
            return self._read("WHERE conversation.name = ? ORDER BY turn.id", name)
        return self._read(
            "WHERE (name, audience, purpose) = (?, ?, ?) ORDER BY turn.id",
            name,
            use_context.audience,
            use_context.purpose,
        )

    def latest(self, limit: int, *, use_context: UseContext | None = None) -> list[Turn]:
        """The newest turns of all conversations, or of those in one use context, newest first."""
        if use_context is None:
            return self._read("ORDER BY turn.id DESC LIMIT ?", limit)
        return self._read(
            "WHERE (audience, purpose) = (?, ?) ORDER BY turn.id DESC LIMIT ?",
            use_context.audience,
            use_context.purpose,
            limit,
        )

    def replied_with(self, replied: str, *, asked: str | None = None) -> list[Turn]:
        """
        Return the turns with this reply and question, oldest first, of every use context.

        White space at the ends is ignored. Without `asked`, any question matches.
        """
        tail, values = "WHERE trim(replied, ?) = ?", [_WHITE, replied.strip(_WHITE)]
        if asked is not None:
            tail += " AND trim(asked, ?) = ?"
            values += [_WHITE, asked.strip(_WHITE)]
        return self._read(f"{tail} ORDER BY turn.id", *values)

    def conversations(self) -> list[str]:
        """The names of conversations that have turns, the most recently used first."""
        self._permit()
        rows = self._database.run(
            "SELECT name FROM conversation JOIN turn ON turn.conversation = conversation.id"
            " GROUP BY name ORDER BY max(turn.id) DESC"
        )
        return [name for (name,) in rows]

    def count(self) -> int:
        """How many turns there are."""
        self._permit()
        [(number,)] = self._database.run("SELECT count(*) FROM turn")
        return int(number)

    def _one(self, turn: TurnId) -> Turn:
        [found] = self._read("WHERE turn.id = ?", turn)
        return found

    def _read(self, tail: str, *values: Value) -> list[Turn]:
        self._permit()
        rows = self._database.run(f"{_SELECT} {tail}", values)
        return [self._record(row) for row in rows]

    def _record(self, row: Row) -> Turn:
        turn, conversation, asked, replied, complete, model, asked_at, replied_at, *rest = row
        attached, audience, purpose = rest
        used = self._database.run(
            "SELECT kind, used FROM turn_used WHERE turn = ? ORDER BY place", (turn,)
        )
        withheld = self._database.run(
            "SELECT kind, item, rule FROM turn_withheld WHERE turn = ? ORDER BY place", (turn,)
        )
        return Turn(
            id=TurnId(turn),
            conversation=conversation,
            asked=asked,
            replied=replied,
            complete=bool(complete),
            model=model,
            asked_at=from_micros(asked_at),
            replied_at=None if replied_at is None else from_micros(replied_at),
            used=tuple(Used(SourceKind(kind), number) for kind, number in used),
            withheld=tuple(
                Withheld(SourceKind(kind), number, rule) for kind, number, rule in withheld
            ),
            attached=tuple(json.loads(attached)),
            use_context=UseContext(audience, purpose),
            learned=learned_states.of(self._database, TurnId(turn)),
        )
