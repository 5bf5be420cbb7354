"""
Exports the person's records as JSON Lines and imports them (docs/formats/export-v1.md).

What is derived (blobs), decided (consent) or spent stays behind: it belongs to one profile.
Imported records get new ids behind those that are there; links between them are kept.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from homeward_store.database.database import Database, Row, Value
from homeward_store.errors import SealedFileCorrupt, StoreError, StoreTooNew
from homeward_store.records import (
    ChoiceSource,
    MemoryId,
    Origin,
    SourceKind,
    Space,
    checked,
    checked_tags,
)
from homeward_store.repositories.embeddings import Embeddings

_FORMAT = "homeward-export"
_VERSION = 1
_PAGE = 500  # rows read at a time
_LARGEST = 2**53  # integers that every JSON reader keeps exact

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    type: type  # int, str, or an enumeration of strings
    optional: bool = False
    since: str = ""  # what it is in an export from before there was this column
    refers: str = ""  # the kind of record that the number names; "=" where another column says it


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    columns: tuple[_Column, ...]
    tags: bool = False


_TIME = int
_KINDS = (
    _Kind(
        "attribute",
        (
            _Column("key", str),
            _Column("value", str),  # JSON
            _Column("origin", Origin),
            _Column("learned_at", _TIME),
            _Column("valid_from", _TIME),
            _Column("valid_until", _TIME, optional=True),
            _Column("superseded_by", int, optional=True, refers="attribute"),
        ),
        tags=True,
    ),
    _Kind(
        "turn",
        (
            _Column("conversation", str),
            _Column("audience", str, since="private"),
            _Column("purpose", str, since="chat"),
            _Column("asked", str),
            _Column("replied", str),
            _Column("complete", int),
            _Column("model", str),
            _Column("asked_at", _TIME),
            _Column("replied_at", _TIME, optional=True),
        ),
    ),
    _Kind(
        "writing",
        (
            _Column("text", str),
            _Column("title", str, optional=True),
            _Column("origin", Origin),
            _Column("written_at", _TIME, optional=True),
            _Column("added_at", _TIME),
        ),
    ),
    _Kind(
        "choice",
        (
            _Column("prompt", str),
            _Column("chosen", str),
            _Column("rejected", str),
            _Column("source", ChoiceSource),
            _Column("turn", int, optional=True, refers="turn"),
            _Column("chosen_at", _TIME),
            _Column("origin", Origin, since="person"),
        ),
    ),
    _Kind("note", (_Column("text", str), _Column("noted_at", _TIME))),
    _Kind(
        "memory",
        (
            _Column("text", str),
            _Column("context", str),
            _Column("source_kind", SourceKind),
            _Column("source_id", int, refers="=source_kind"),
            _Column("source_start", int),
            _Column("source_end", int),
            _Column("context_kind", SourceKind, optional=True),
            _Column("context_id", int, optional=True, refers="=context_kind"),
            _Column("context_start", int, optional=True),
            _Column("context_end", int, optional=True),
            _Column("origin", Origin),
            _Column("said_at", _TIME),
            _Column("learned_at", _TIME),
            _Column("valid_from", _TIME),
            _Column("valid_until", _TIME, optional=True),
            _Column("superseded_by", int, optional=True, refers="memory"),
        ),
        tags=True,
    ),
)
_USABLE = frozenset({"attribute", "memory", "turn", "choice"})  # what a reply can be built on
_BY_NAME = {kind.name: kind for kind in _KINDS}


def lines(database: Database) -> Iterator[bytes]:
    """Every record as a line of JSON, after a first line that names the format."""
    count = 0
    yield _line({"format": _FORMAT, "version": _VERSION})
    for line in _records(database):
        yield _line(line)
        count += 1
    yield _line({"kind": "end", "records": count})


def import_lines(database: Database, embeddings: Embeddings, source: Iterable[bytes]) -> int:
    """
    Add the records of an export; returns how many.

    Guarantees:
        All or none: it is one transaction, which ends after the last line was found authentic.
        A current attribute that is here already is kept if it was learned later.

    Raises:
        SealedFileCorrupt: a line is not as the format says; the message names its number.
    """
    with database.transaction():
        intake = _Intake(database, embeddings)
        for number, text in enumerate(source, 1):
            try:
                intake.take(json.loads(text), number)
            except StoreTooNew:
                raise
            except (ValueError, KeyError, TypeError, RecursionError, StoreError) as error:
                name = type(error).__name__
                raise SealedFileCorrupt(f"line {number} of the export: {name}") from None
        intake.finish()
    return intake.count


class _Intake:
    """The state of one import."""

    def __init__(self, database: Database, embeddings: Embeddings) -> None:
        self._database = database
        self._embeddings = embeddings
        # Ids move up by what each table has used so far, so that links can point forward.
        used = dict[str, int](
            (name, number) for name, number in database.run("SELECT name, seq FROM sqlite_sequence")
        )
        self._offsets = {kind.name: used.get(kind.name, 0) for kind in _KINDS}
        self._ended = False
        self.count = 0

    def take(self, line: Line, number: int) -> None:
        """Add one line."""
        if number == 1:
            _check_format(line)
            return
        if self._ended:
            raise ValueError("a line after the end")
        match line["kind"]:
            case "end":
                self._ended = line["records"] == self.count
                if not self._ended:
                    raise ValueError("count")
            case "vector":
                self._take_vector(line)
            case "used":
                self._take_used(line)
            case name:
                self._take_record(_BY_NAME[name], line)
        self.count += not self._ended

    def finish(self) -> None:
        """Make sure that the end was there and that every link leads somewhere."""
        if not self._ended:
            raise SealedFileCorrupt("the export has no end")
        for kind in ("turn", "writing", "note"):
            lost = self._database.run(
                "SELECT count(*) FROM memory WHERE id > ? AND source_kind = ?"  # noqa: S608
                f" AND source_id NOT IN (SELECT id FROM {kind})",
                (self._offsets["memory"], kind),
            )
            if lost != [(0,)]:
                raise SealedFileCorrupt(f"memories of the export name no {kind}")

    def _take_record(self, kind: _Kind, line: Line) -> None:
        values = {column.name: self._value(column, line) for column in kind.columns}
        row = self._new_id(kind.name, line["id"])
        if kind.name == "attribute":
            self._reconcile(row, values)
        if kind.name == "turn":
            key = (values["conversation"], values.pop("audience"), values.pop("purpose"))
            values["conversation"] = self._conversation(key)
        names = ", ".join(("id", *values))
        marks = ", ".join("?" * (len(values) + 1))
        self._database.run(
            f"INSERT INTO {kind.name}({names}) VALUES({marks})",
            (row, *values.values()),
        )
        if kind.tags:
            self._database.run_many(
                f"INSERT INTO {kind.name}_tag({kind.name}, tag) VALUES(?, ?)",
                [(row, tag) for tag in checked_tags(tuple(line["tags"]))],
            )

    def _value(self, column: _Column, line: Line) -> Value:
        value = line.get(column.name, column.since) if column.since else line[column.name]
        if value is None and column.optional:
            return None
        if column.type is int:
            return self._number(column, line, value)
        if type(value) is not str:
            raise TypeError(column.name)
        return column.type(value).value if issubclass(column.type, StrEnum) else checked(value)

    def _number(self, column: _Column, line: Line, value: object) -> int:
        if type(value) is not int or not -_LARGEST < value < _LARGEST:
            raise TypeError(column.name)
        if not column.refers:
            return value
        kind = line[column.refers[1:]] if column.refers.startswith("=") else column.refers
        return self._new_id(kind, value)

    def _new_id(self, kind: str, number: int) -> int:
        if type(number) is not int or not 0 < number < _LARGEST:
            raise TypeError("id")
        return number + self._offsets[kind]

    def _conversation(self, key: tuple[Value, Value, Value]) -> int:
        self._database.run(
            "INSERT INTO conversation(name, audience, purpose) VALUES(?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            key,
        )
        [(number,)] = self._database.run(
            "SELECT id FROM conversation WHERE (name, audience, purpose) = (?, ?, ?)", key
        )
        return int(number)

    def _reconcile(self, row: int, values: dict[str, Value]) -> None:
        json.loads(str(values["value"]))
        if values["superseded_by"] is not None:
            return
        present = self._database.run(
            "SELECT id, learned_at, valid_from FROM attribute"
            " WHERE key = ? AND superseded_by IS NULL",
            (values["key"],),
        )
        for other, learned_at, valid_from in present:
            if learned_at > values["learned_at"]:
                values |= {"superseded_by": other, "valid_until": valid_from}
            else:
                self._database.run(
                    "UPDATE attribute SET superseded_by = ?, valid_until = ? WHERE id = ?",
                    (row, values["valid_from"], other),
                )

    def _take_vector(self, line: Line) -> None:
        vector = np.frombuffer(base64.b64decode(line["float32"], validate=True), "<f4")
        space = Space(line["encoder_sha256"], line["dims"])
        memory = MemoryId(self._new_id("memory", line["memory"]))
        self._embeddings.add(memory, vector.astype(np.float32), space)

    def _take_used(self, line: Line) -> None:
        kind = line["of"]
        if kind not in _USABLE:
            raise ValueError("of")
        row = (self._new_id("turn", line["turn"]), line["place"], kind)
        self._database.run(
            "INSERT INTO turn_used(turn, place, kind, used) VALUES(?, ?, ?, ?)",
            (*row, self._new_id(kind, line["id"])),
        )


def _records(database: Database) -> Iterator[Line]:
    for kind in _KINDS:
        columns = ", ".join(_exported(column.name) for column in kind.columns)
        names = ["id", *(column.name for column in kind.columns)]
        question = f"SELECT id, {columns} FROM {kind.name} AS this"  # noqa: S608  our own names
        for row in _paged(database, question, "id"):
            line = {"kind": kind.name, **dict(zip(names, row, strict=True))}
            if kind.tags:
                line["tags"] = _tags(database, kind.name, row[0])
            yield line
    for turn, place, of, used in database.run("SELECT turn, place, kind, used FROM turn_used"):
        yield {"kind": "used", "turn": turn, "place": place, "of": of, "id": used}
    vectors = (
        "SELECT embedding.id, memory, encoder_sha256, dims, vector FROM embedding"
        " JOIN embedding_exact USING(id) JOIN space ON space.id = embedding.space"
    )
    for _, memory, encoder, dims, exact in _paged(database, vectors, "embedding.id"):
        text = base64.b64encode(exact).decode()
        where = {"encoder_sha256": encoder, "dims": dims}
        yield {"kind": "vector", "memory": memory, **where, "float32": text}


def _tags(database: Database, kind: str, row: int) -> list[str]:
    rows = database.run(f"SELECT tag FROM {kind}_tag WHERE {kind} = ? ORDER BY tag", (row,))  # noqa: S608
    return [tag for (tag,) in rows]


def _exported(column: str) -> str:
    of_conversation = {"conversation": "name", "audience": "audience", "purpose": "purpose"}
    if column not in of_conversation:
        return column
    name = of_conversation[column]
    return f"(SELECT {name} FROM conversation WHERE conversation.id = this.conversation)"  # noqa: S608


def _paged(database: Database, question: str, key: str) -> Iterator[Row]:
    last = 0
    tail = f" WHERE {key} > ? ORDER BY {key} LIMIT {_PAGE}"
    while page := database.run(question + tail, (last,)):
        yield from page
        last = page[-1][0]


def _check_format(line: Line) -> None:
    if line["format"] != _FORMAT:
        raise ValueError("format")
    if line["version"] != _VERSION:
        raise StoreTooNew(f"export version {line['version']}")


def _line(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
