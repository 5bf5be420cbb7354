"""
Records on the ledger what each other program may do and what it did.

Knows names, abilities and outcomes; reads no data. An entry holds kinds and numbers, never content,
because the ledger outlives what was forgotten. A name is what a program says of itself.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from homeward_store.consent.ledger import Ledger, LedgerEntry
from homeward_store.database.database import Database
from homeward_store.errors import InvalidValue
from homeward_store.records import checked, to_micros
from homeward_store.typed import doors

_GRANT, _ACCESS = "client", "access"
LONGEST_NAME = 100  # characters; it is shown in a terminal


class Ability(StrEnum):
    """An action that a client can be permitted."""

    RECALL = "recall"
    REMEMBER = "remember"
    FORGET = "forget"
    WHY = "why"


class RequestOutcome(StrEnum):
    """The outcome of a client's request."""

    DONE = "done"
    NOT_GRANTED = "not granted"
    TOO_OFTEN = "too often"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Client:
    """The person's decision about one program. An empty `may` means that it was withdrawn."""

    name: str
    audience: str  # before whom its answers are read: the gate goes by it
    may: frozenset[Ability]
    at: datetime


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """One request of a client."""

    client: str
    ability: Ability
    outcome: RequestOutcome
    memories: tuple[int, ...]  # numbers of what it was shown, added or took away
    at: datetime


@doors
class Clients:
    """Stores what other programs may do with one profile, and what they did."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger

    def grant(self, name: str, *may: Ability, audience: str, shown: str) -> Client:
        """
        Record what a client may do from now on, in place of what it could before.

        `shown` are the words that the person agreed to, of which the hash is kept.

        Raises:
            InvalidValue: the name or the audience is empty or too long, or nothing is granted.
        """
        if not may:
            raise InvalidValue("a grant names at least one ability")
        return self._decide(name, frozenset(may), audience, shown)

    def withdraw(self, name: str) -> Client:
        """
        Record that a client may do nothing any more. It takes effect with its next request.

        Raises:
            InvalidValue: the name is empty or too long.
        """
        return self._decide(name, frozenset(), self._audience(name), "")

    def find(self, name: str) -> Client | None:
        """
        What was decided about a client; None where the person was never asked.

        Raises:
            RollbackDetected: the decision may be one that was taken back.
        """
        self._ledger.verify_end()
        entry = self._ledger.latest(_GRANT, client=name)
        return None if entry is None else self._client(entry)

    def all(self) -> list[Client]:
        """Every client that was decided about, by name."""
        newest = {entry.body["client"]: entry for entry in self._ledger.entries(_GRANT)}
        return [self._client(newest[name]) for name in sorted(newest)]

    def record(
        self, name: str, ability: Ability, outcome: RequestOutcome, *, memories: Sequence[int] = ()
    ) -> None:
        """
        Enter one request and what became of it.

        Raises:
            InvalidValue: the name is empty or too long.
        """
        body = {
            "client": _checked(name),
            "ability": Ability(ability).value,
            "outcome": RequestOutcome(outcome).value,
            "memories": list(memories),
        }
        self._ledger.append(_ACCESS, body)

    def accesses(self, *, limit: int = 100) -> list[AccessRecord]:
        """The newest requests of all clients, newest first."""
        return [_access(entry) for entry in self._ledger.entries(_ACCESS)[: -limit - 1 : -1]]

    def count(
        self,
        name: str,
        ability: Ability,
        *outcomes: RequestOutcome,
        since: datetime,
        until: datetime,
    ) -> int:
        """
        Count the requests of one kind that a client has made from `since` to `until`.

        Requests after `until` exist where the clock was set back; they must not block for months.
        """
        marks = ",".join("?" * len(outcomes))
        [(number,)] = self._database.run(
            "SELECT count(*) FROM ledger WHERE kind = ? AND at BETWEEN ? AND ?"  # noqa: S608
            " AND json_extract(body, '$.client') = ? AND json_extract(body, '$.ability') = ?"
            f" AND json_extract(body, '$.outcome') IN ({marks})",
            (_ACCESS, to_micros(since), to_micros(until), name, Ability(ability).value, *outcomes),
        )
        return int(number)

    def _decide(self, name: str, may: frozenset[Ability], audience: str, shown: str) -> Client:
        body = {
            "client": _checked(name),
            "audience": _checked(audience),
            "may": sorted(Ability(one).value for one in may),
            "text_sha256": hashlib.sha256(shown.encode()).hexdigest(),
        }
        return self._client(self._ledger.append(_GRANT, body))

    def _client(self, entry: LedgerEntry) -> Client:
        body, stands = entry.body, self._ledger.stands(entry)
        may = frozenset(Ability(one) for one in body["may"]) if stands else frozenset[Ability]()
        return Client(name=body["client"], audience=body["audience"], may=may, at=entry.at)

    def _audience(self, name: str) -> str:
        entry = self._ledger.latest(_GRANT, client=name)
        return "nobody" if entry is None else str(entry.body["audience"])


def _checked(name: str) -> str:
    if not 0 < len(name.strip()) <= LONGEST_NAME or not name.isprintable():
        raise InvalidValue(f"a client's name has 1 to {LONGEST_NAME} printable characters")
    return checked(name)


def _access(entry: LedgerEntry) -> AccessRecord:
    body = entry.body
    return AccessRecord(
        client=body["client"],
        ability=Ability(body["ability"]),
        outcome=RequestOutcome(body["outcome"]),
        memories=tuple(body["memories"]),
        at=entry.at,
    )
