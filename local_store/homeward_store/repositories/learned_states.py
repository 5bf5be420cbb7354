"""
Stores which learned states made which replies, and whether those states are gone.

Holds no text and no weight. Knows SQL; what a state is, the SDK knows.
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from homeward_store.database.database import Database
from homeward_store.records import (
    LearnedKind,
    LearnedUse,
    Pick,
    Source,
    SourceKind,
    TurnId,
    checked,
)

Uses = Mapping[LearnedUse, Iterable[Source]]
"""Learned states, each with the records that it was learned from."""


def record(database: Database, turn: TurnId, uses: Uses) -> None:
    """Record the learned states that a turn's reply used, replacing an earlier record."""
    database.run("DELETE FROM turn_learned WHERE turn = ?", (turn,))
    for place, (use, sources) in enumerate(uses.items()):
        pick = use.pick
        drafts = (None, None, None) if pick is None else (pick.index, pick.of, pick.probability)
        database.run(
            "INSERT INTO turn_learned(turn, place, learned, draft, drafts, probability)"
            " VALUES(?, ?, ?, ?, ?, ?)",
            (turn, place, _state(database, use, sources), *drafts),
        )


def of(database: Database, turn: TurnId) -> tuple[LearnedUse, ...]:
    """Return what a turn's reply was made with."""
    rows = database.run(
        "SELECT kind, sha256, counts, prior, draft, drafts, probability FROM turn_learned"
        " JOIN learned ON learned.id = turn_learned.learned WHERE turn = ? ORDER BY place",
        (turn,),
    )
    return tuple(
        LearnedUse(
            LearnedKind(kind),
            sha256,
            tuple((SourceKind(name), number) for name, number in json.loads(counts).items()),
            prior,
            None if draft is None else Pick(draft, probability, drafts),
        )
        for kind, sha256, counts, prior, draft, drafts, probability in rows
    )


def erase(database: Database, kind: SourceKind, gone: Iterable[int]) -> None:
    """
    Take the names of states that were learned from these records, and all that led back to them.

    A state's hash could tell whoever has its other sources whether a guessed text was the last.
    """
    for _, first, last in _runs((kind, number) for number in gone):
        found = database.run(
            "SELECT DISTINCT learned FROM learned_from"
            " WHERE source_kind = ? AND first <= ? AND last >= ?",
            (kind.value, last, first),
        )
        database.run_many("UPDATE learned SET sha256 = NULL WHERE id = ?", found)
        database.run_many("DELETE FROM learned_from WHERE learned = ?", found)


def sweep(database: Database) -> None:
    """Remove states that no reply was made with."""
    database.run("DELETE FROM learned WHERE id NOT IN (SELECT learned FROM turn_learned)")


def _state(database: Database, use: LearnedUse, sources: Iterable[Source]) -> int:
    found = database.run("SELECT id FROM learned WHERE sha256 = ?", (use.sha256,))
    if found:
        return int(found[0][0])
    counts = json.dumps({kind.value: number for kind, number in use.counts})
    state = database.insert(
        "INSERT INTO learned(kind, sha256, counts, prior) VALUES(?, ?, ?, ?)",
        (use.kind.value, use.sha256, counts, checked(use.prior)),
    )
    database.run_many(
        "INSERT INTO learned_from(learned, source_kind, first, last) VALUES(?, ?, ?, ?)",
        [(state, kind.value, first, last) for kind, first, last in _runs(sources)],
    )
    return state


def _runs(sources: Iterable[Source]) -> Iterator[tuple[SourceKind, int, int]]:
    """Ids that follow each other, as one: (kind, first, last)."""
    run: tuple[SourceKind, int, int] | None = None
    for kind, number in sorted(set(sources)):
        if run is not None and run[0] is kind and run[2] + 1 == number:
            run = (kind, run[1], number)
            continue
        if run is not None:
            yield run
        run = (kind, number, number)
    if run is not None:
        yield run
