"""Stores attributes: facts about the person, with their history."""

import json
from datetime import datetime

from homeward_store.consent.consent import Clock, Permit
from homeward_store.database.database import Database, Row
from homeward_store.errors import InvalidValue, NotFound
from homeward_store.records import (
    Attribute,
    AttributeId,
    AttributeValue,
    Origin,
    checked,
    checked_tags,
    from_micros,
    to_micros,
)
from homeward_store.typed import doors

_COLUMNS = "id, key, value, origin, learned_at, valid_from, valid_until, superseded_by"


@doors
class Attributes:
    """
    Stores and reads the attributes of one profile.

    Raises:
        ConsentRequired: the data is read for a purpose, as from `Profile.reading_for`, and there is
            no consent for it (any more).
    """

    def __init__(self, database: Database, *, clock: Clock, permit: Permit) -> None:
        self._database = database
        self._clock = clock
        self._permit = permit  # called wherever data is read

    def set(
        self,
        key: str,
        value: AttributeValue,
        *,
        source: Origin = Origin.PERSON,
        tags: tuple[str, ...] = (),
        valid_from: datetime | None = None,
    ) -> Attribute:
        """
        Record what is true now; the older value of this key becomes history.

        Raises:
            InvalidText: the key or the value cannot be stored. InvalidValue: the key is empty.
        """
        if not key:
            raise InvalidValue("an attribute needs a key")
        now = to_micros(self._clock())
        since = now if valid_from is None else to_micros(valid_from)
        row = (checked(key), _encode(value), Origin(source).value, now, since)
        labels = checked_tags(tags)
        with self._database.transaction():
            older = self._current(key)
            if older is not None:
                # Its own id stands in until the successor's is known: one current row a key.
                self._supersede(older, by=older, at=since)
            new = self._database.insert(
                "INSERT INTO attribute(key, value, origin, learned_at, valid_from)"
                " VALUES(?, ?, ?, ?, ?)",
                row,
            )
            if older is not None:
                self._supersede(older, by=new, at=since)
            self._tag(new, labels)
            [attribute] = self._where("id = ?", new)
        return attribute

    def retag(self, key: str, tags: tuple[str, ...]) -> None:
        """
        Replace the tags of a key's current value.

        Raises:
            NotFound: no such key.
        """
        labels = checked_tags(tags)
        with self._database.transaction():
            current = self._current(key)
            if current is None:
                raise NotFound("there is no attribute with this key")
            self._database.run("DELETE FROM attribute_tag WHERE attribute = ?", (current,))
            self._tag(current, labels)

    def get(self, key: str) -> Attribute | None:
        """The current value of a key."""
        found = self._where("key = ? AND superseded_by IS NULL", key)
        return found[0] if found else None

    def all(self) -> list[Attribute]:
        """The current values, by key."""
        return self._where("superseded_by IS NULL ORDER BY key")

    def history(self, key: str) -> list[Attribute]:
        """Every value the key has had, oldest first."""
        return self._where("key = ? ORDER BY id", key)

    def by_id(self, attribute: AttributeId) -> Attribute | None:
        """One attribute, current or not."""
        found = self._where("id = ?", attribute)
        return found[0] if found else None

    def _current(self, key: str) -> int | None:
        rows = self._database.run(
            "SELECT id FROM attribute WHERE key = ? AND superseded_by IS NULL", (key,)
        )
        return int(rows[0][0]) if rows else None

    def _tag(self, attribute: int, tags: tuple[str, ...]) -> None:
        self._database.run_many(
            "INSERT INTO attribute_tag(attribute, tag) VALUES(?, ?)",
            [(attribute, tag) for tag in tags],
        )

    def _supersede(self, attribute: int, *, by: int, at: int) -> None:
        self._database.run(
            "UPDATE attribute SET superseded_by = ?, valid_until = ? WHERE id = ?",
            (by, at, attribute),
        )

    def _where(self, condition: str, *values: str | int) -> list[Attribute]:
        self._permit()
        rows = self._database.run(
            f"SELECT {_COLUMNS}, (SELECT json_group_array(tag) FROM attribute_tag"  # noqa: S608
            f" WHERE attribute = attribute.id) FROM attribute WHERE {condition}",
            values,
        )
        return [_record(row) for row in rows]


def _record(row: Row) -> Attribute:
    number, key, value, origin, learned_at, valid_from, valid_until, superseded_by, tags = row
    return Attribute(
        id=AttributeId(number),
        key=key,
        value=_decode(value),
        origin=Origin(origin),
        tags=tuple(sorted(json.loads(tags))),
        learned_at=from_micros(learned_at),
        valid_from=from_micros(valid_from),
        valid_until=None if valid_until is None else from_micros(valid_until),
        superseded_by=None if superseded_by is None else AttributeId(superseded_by),
    )


def _encode(value: AttributeValue) -> str:
    texts = (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()
    for text in texts:
        checked(text)
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _decode(text: str) -> AttributeValue:
    value = json.loads(text)
    return tuple(value) if isinstance(value, list) else value
