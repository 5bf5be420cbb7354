"""Stores the person's decisions about their assistant as JSON values by key."""

import json
from typing import Any

from homeward_store.database.database import Database
from homeward_store.errors import InvalidValue, WrongType
from homeward_store.records import checked
from homeward_store.typed import doors


@doors
class SettingsRepository:
    """Stores the settings of one profile. They are backed up with it, and not exported."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str) -> Any:  # noqa: ANN401  whatever JSON can say
        """The value of a key; None where the person decided nothing."""
        rows = self._database.run("SELECT value FROM setting WHERE key = ?", (key,))
        return json.loads(rows[0][0]) if rows else None

    def put(self, key: str, value: object) -> None:
        """
        Replace the value of a key by what JSON can say.

        Raises:
            InvalidText: a text in it cannot be stored. WrongType, InvalidValue: it is not JSON.
        """
        try:
            text = checked(json.dumps(value, ensure_ascii=False, allow_nan=False))
        except TypeError:
            raise WrongType(f"the setting {key} takes what JSON can hold") from None
        except (ValueError, RecursionError):
            raise InvalidValue(
                f"the setting {key} is too deep, or has a number without a value"
            ) from None
        self._database.run(
            "INSERT INTO setting(key, value) VALUES(?, ?)"
            " ON CONFLICT DO UPDATE SET value = excluded.value",
            (checked(key), text),
        )

    def remove(self, key: str) -> None:
        """Remove a key, so that nothing is decided for it."""
        self._database.run("DELETE FROM setting WHERE key = ?", (key,))
