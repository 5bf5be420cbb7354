"""
Plans what to forget, and everything that has to go with it.

Sources take their memories along, and memories their sources: a memory whose note or turn stayed
could be made again from it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from homeward_store.database.database import Database, Value
from homeward_store.erasure.passages import Passages, passages_of
from homeward_store.erasure.record_texts import texts
from homeward_store.erasure.repeated_sentences import Places, said_again
from homeward_store.records import (
    AttributeId,
    ChoiceId,
    MemoryId,
    NoteId,
    SourceKind,
    Span,
    TurnId,
    WritingId,
    to_micros,
)
from homeward_store.typed import doors
from homeward_store.words import folding, topics
from homeward_store.words.sentences import ENDS

_SENTENCE = re.compile(rf"[^\n{ENDS}]+[{ENDS}]*")
_QUESTION = re.compile(r"[?？؟]")  # noqa: RUF001
_STATEMENT = 3  # words; "ok thanks" is said by everybody
AT_ONCE = 500  # ids in one statement; SQLite allows 32,766 parameters


@doors
@dataclass(frozen=True, slots=True)
class Selection:
    """
    A selection of records to forget: everything that any of its fields names.

    A memory takes its note, turn or choice with it; of a writing, only its span is blacked out.
    A reply that was built on a memory or an attribute, or on a reply that was, is emptied, however
    it words that; the question stays. A key takes all of its history.

    What is named by an id is forgotten wherever its words were said: the same sentence in another
    note, question, choice or reply goes as well, and is blacked out in other writings. A time or a
    conversation says when or where, so the same words from elsewhere stay. A topic names them all.
    Of `passages` the words are blacked out where they were taken from, with every reply that was
    built on them; what else was said there stays, and so do the same words elsewhere.
    """

    attributes: tuple[AttributeId, ...] = ()
    keys: tuple[str, ...] = ()
    turns: tuple[TurnId, ...] = ()
    conversations: tuple[str, ...] = ()
    writings: tuple[WritingId, ...] = ()
    choices: tuple[ChoiceId, ...] = ()
    notes: tuple[NoteId, ...] = ()
    memories: tuple[MemoryId, ...] = ()
    passages: tuple[MemoryId, ...] = ()  # memories with their own words alone, see below
    topic: str = ""  # every record that holds all of these words, names and titles included
    since: datetime | None = None  # said, written, noted or learned at or after
    until: datetime | None = None  # … and before
    everything: bool = False  # and what the person decided: settings, rules, denied topics


@dataclass(frozen=True, slots=True)
class Plan:
    """The records that an erasure would take. Showing it to the person changes nothing."""

    attributes: frozenset[int]
    turns: frozenset[int]
    writings: frozenset[int]
    choices: frozenset[int]
    notes: frozenset[int]
    memories: frozenset[int]
    redactions: frozenset[Span]  # of records that stay
    titles: frozenset[int]  # writings that stay, without their titles
    replies: frozenset[int]  # turns that stay, without the reply that was built on what goes
    settings: frozenset[str]

    def of(self, kind: SourceKind) -> frozenset[int]:
        """The ids of one kind."""
        ids: frozenset[int] = getattr(self, _PLURALS[kind])
        return ids

    def changed(self) -> dict[SourceKind, set[int]]:
        """The ids of each kind that go, and of those that something is taken out of."""
        changed = {kind: set(self.of(kind)) for kind in SourceKind}
        changed[SourceKind.TURN] |= self.replies
        for span in self.redactions:
            changed[span.kind].add(span.id)
        return changed

    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many records of each kind, those with none left out."""
        numbers = [(kind.value, len(self.of(kind))) for kind in SourceKind]
        numbers += [
            ("redaction", len(self.redactions)),
            ("reply", len(self.replies)),
            ("setting", len(self.settings)),
            ("title", len(self.titles)),
        ]
        return tuple(sorted((kind, number) for kind, number in numbers if number))


_PLURALS = {
    SourceKind.ATTRIBUTE: "attributes",
    SourceKind.TURN: "turns",
    SourceKind.WRITING: "writings",
    SourceKind.CHOICE: "choices",
    SourceKind.NOTE: "notes",
    SourceKind.MEMORY: "memories",
}

Taken = dict[SourceKind, set[int]]

_TIME_COLUMNS = {
    SourceKind.ATTRIBUTE: "learned_at",
    SourceKind.TURN: "asked_at",
    SourceKind.WRITING: "ifnull(written_at, added_at)",
    SourceKind.CHOICE: "chosen_at",
    SourceKind.NOTE: "noted_at",
    SourceKind.MEMORY: "said_at",
}


def plan(database: Database, selection: Selection) -> Plan:
    """Everything that forgetting `selection` takes, followed to the end in both directions."""
    taken = {kind: set(_named(database, kind, selection)) for kind in SourceKind}
    again = said_again(database, _sentences(database, selection))
    for kind, ids in again.ids.items():
        taken[kind] |= ids
    alone = passages_of(database, selection.passages)
    taken[SourceKind.MEMORY] |= alone.memories
    for kind, number in alone.records:
        taken[kind].add(number)
    replies = again.replies | {one.id for one in alone.spans if one.kind is SourceKind.TURN}
    of_replies = set(alone.memories)  # memories that go without taking their source along
    before = -1
    while (now := len(replies) + sum(map(len, taken.values()))) > before:
        before = now
        _follow(database, taken, replies, of_replies)
    return Plan(
        **{_PLURALS[kind]: frozenset(ids) for kind, ids in taken.items()},
        redactions=_redactions(database, taken, again, alone),
        titles=frozenset(again.titles - taken[SourceKind.WRITING]),
        replies=frozenset(replies - taken[SourceKind.TURN]),
        settings=frozenset(_settings(database) if selection.everything else ()),
    )


def _settings(database: Database) -> Iterator[str]:
    yield from (key for (key,) in database.run("SELECT key FROM setting"))


def _sentences(database: Database, selection: Selection) -> Iterator[str]:
    """
    Yield what is forgotten wherever it was said: what the named records say.

    Not only what became a memory: a secret, a denied topic and what was not to be kept did not.
    """
    yield from _statements(database, SourceKind.TURN, "asked", selection.turns)
    yield from _statements(database, SourceKind.WRITING, "text", selection.writings)
    memories = set[int](selection.memories)
    for kind in (SourceKind.TURN, SourceKind.NOTE, SourceKind.CHOICE, SourceKind.WRITING):
        named = set(getattr(selection, _PLURALS[kind]))
        memories.update(_linked(database, "id", kind, "source_id", named))
    for table, ids in (("memory", memories), ("note", selection.notes)):
        for marks, some in batches(sorted(ids)):
            rows = database.run(f"SELECT text FROM {table} WHERE id IN ({marks})", some)  # noqa: S608
            yield from (text for (text,) in rows)


def _statements(
    database: Database, kind: SourceKind, column: str, ids: Sequence[int]
) -> Iterator[str]:
    """Yield the sentences of records, but for questions and what anybody says."""
    for marks, some in batches(sorted(ids)):
        rows = database.run(
            f"SELECT {column} FROM {kind.value} WHERE id IN ({marks})",  # noqa: S608
            some,
        )
        for (text,) in rows:
            for sentence in _SENTENCE.findall(text):
                phrase = folding.phrase(sentence)
                is_telling = folding.runs_on(phrase) or len(phrase.split()) >= _STATEMENT
                if is_telling and not _QUESTION.search(sentence):
                    yield sentence


def _follow(database: Database, taken: Taken, replies: set[int], of_replies: set[int]) -> None:
    """Add what is one step away from what is taken already."""
    memories = taken[SourceKind.MEMORY]
    for kind in (SourceKind.TURN, SourceKind.NOTE, SourceKind.CHOICE):
        taken[kind].update(_linked(database, "source_id", kind, "id", memories - of_replies))
    for kind in (SourceKind.TURN, SourceKind.NOTE, SourceKind.CHOICE, SourceKind.WRITING):
        memories.update(_linked(database, "id", kind, "source_id", taken[kind]))
    replies.update(_built_on_records(database, taken))
    replies.update(_built_on_turns(database, taken[SourceKind.TURN] | replies))
    of_replies.update(_spans_in_replies(database, replies))
    memories.update(of_replies)
    gone = sorted(taken[SourceKind.TURN] | replies)
    taken[SourceKind.CHOICE].update(_in(database, "choice", "turn", gone))


def _spans_in_replies(database: Database, turns: set[int]) -> Iterator[int]:
    for marks, some in batches(sorted(turns)):
        rows = database.run(
            "SELECT memory.id FROM memory JOIN turn ON turn.id = source_id"  # noqa: S608
            f" WHERE source_kind = 'turn' AND source_id IN ({marks})"
            " AND source_end > length(asked)",
            some,
        )
        yield from (memory for (memory,) in rows)


def _built_on_records(database: Database, taken: Taken) -> Iterator[int]:
    """Turns whose replies were built on what is taken, whether or not they name it."""
    for kind in (SourceKind.ATTRIBUTE, SourceKind.MEMORY, SourceKind.CHOICE):
        for marks, some in batches(sorted(taken[kind])):
            found = f"SELECT turn FROM turn_used WHERE kind = ? AND used IN ({marks})"  # noqa: S608
            yield from (turn for (turn,) in database.run(found, (kind.value, *some)))


def _built_on_turns(database: Database, turns: set[int]) -> Iterator[int]:
    """Turns whose replies had one of these before their eyes, or one that had, and so on."""
    for marks, some in batches(sorted(turns)):
        rows = database.run(
            "WITH RECURSIVE built(turn) AS ("  # noqa: S608
            f" SELECT turn FROM turn_used WHERE kind = 'turn' AND used IN ({marks})"
            " UNION SELECT later.turn FROM turn_used AS later"
            " JOIN built ON later.kind = 'turn' AND later.used = built.turn"
            ") SELECT turn FROM built",
            some,
        )
        yield from (turn for (turn,) in rows)


def batches(ids: Sequence[Value]) -> Iterator[tuple[str, Sequence[Value]]]:
    """Ids a few hundred at a time, each with its parameter marks."""
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        yield ",".join("?" * len(some)), some


def _named(database: Database, kind: SourceKind, selection: Selection) -> Iterator[int]:
    table = kind.value
    if selection.everything:
        yield from _where(database, table, "1")
    yield from _in(database, table, "id", getattr(selection, _PLURALS[kind]))
    if selection.since is not None or selection.until is not None:
        yield from _between(database, kind, selection.since, selection.until)
    if topic := topics.parse_topic(selection.topic):
        held = ((number, " ".join(parts.values())) for number, parts in texts(database, kind))
        yield from (number for number, text in held if topics.names(text, topic))
    if kind is SourceKind.ATTRIBUTE:
        yield from _in(database, table, "key", selection.keys)
    if kind is SourceKind.TURN:
        for name in selection.conversations:
            in_it = "conversation IN (SELECT id FROM conversation WHERE name = ?)"
            yield from _where(database, table, in_it, name)


def _between(
    database: Database, kind: SourceKind, since: datetime | None, until: datetime | None
) -> list[int]:
    first = -(2**63) if since is None else to_micros(since)
    end = 2**63 - 1 if until is None else to_micros(until)
    column = _TIME_COLUMNS[kind]
    return _where(database, kind.value, f"{column} >= ? AND {column} < ?", first, end)


def _linked(
    database: Database, column: str, source: SourceKind, key: str, ids: set[int]
) -> Iterator[int]:
    for marks, some in batches(sorted(ids)):
        condition = f"source_kind = ? AND {key} IN ({marks})"
        rows = database.run(
            f"SELECT {column} FROM memory WHERE {condition}",  # noqa: S608
            (source.value, *some),
        )
        yield from (number for (number,) in rows)


def _redactions(
    database: Database, taken: Taken, again: Places, alone: Passages
) -> frozenset[Span]:
    spans = alone.spans | {Span(SourceKind.WRITING, *place) for place in again.spans}
    for marks, some in batches(sorted(taken[SourceKind.MEMORY])):
        rows = database.run(
            "SELECT source_id, source_start, source_end FROM memory"  # noqa: S608
            f" WHERE source_kind = 'writing' AND id IN ({marks})",
            some,
        )
        spans.update(Span(SourceKind.WRITING, *row) for row in rows)
    return frozenset(span for span in spans if span.id not in taken[span.kind])


def _in(database: Database, table: str, column: str, values: Sequence[Value]) -> Iterator[int]:
    for marks, some in batches(values):
        yield from _where(database, table, f"{column} IN ({marks})", *some)


def _where(database: Database, table: str, condition: str, *values: Value) -> list[int]:
    rows = database.run(f"SELECT id FROM {table} WHERE {condition}", values)  # noqa: S608
    return [number for (number,) in rows]
