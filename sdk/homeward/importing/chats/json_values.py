"""Takes values out of JSON that may be of another type than they should be, or not there."""

from collections.abc import Mapping
from typing import Any


def text_in(value: object) -> str:
    """Return a text as it is, and "" for whatever is none."""
    return value if isinstance(value, str) else ""


def list_in(value: object) -> list[Any]:
    """Return a list as it is, and an empty one for whatever is none."""
    return value if isinstance(value, list) else []


def map_in(value: object) -> Mapping[str, Any]:
    """Return an object as it is, and an empty one for whatever is none."""
    return value if isinstance(value, dict) else {}


def id_in(value: object) -> str:
    """Return what names something: a text or a whole number; else ""."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
