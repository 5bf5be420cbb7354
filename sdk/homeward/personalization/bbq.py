"""Questions of BBQ (Parrish et al. 2022, arXiv:2110.08193), read from a file."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeward.errors import UnreadableItems


@dataclass(frozen=True, slots=True)
class BbqItem:
    """One BBQ question: answers to choose from, and the two groups that it names."""

    asked: str
    options: tuple[str, ...]
    groups: tuple[str, str]
    right: int


def read_items(file: Path) -> list[BbqItem]:
    """
    Read BBQ: the published JSON lines, or lines that have `options` and `groups`.

    Raises:
        UnreadableItems: a line is something else.
    """
    return list(_items(file.read_text(encoding="utf-8").splitlines()))


def _items(lines: Iterable[str]) -> Iterator[BbqItem]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _item(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableItems(f"line {number} is no BBQ question") from error


def _item(row: Mapping[str, Any]) -> BbqItem:
    if "options" in row:
        options, groups = tuple(row["options"]), list(row["groups"])
    else:
        options = tuple(row[f"ans{at}"] for at in range(3))
        groups = [row["answer_info"][f"ans{at}"][1] for at in range(3)]
    first, second = [group for group in groups if group.lower() != "unknown"]
    asked = f"{row['context']} {row['question']} Choose one: {'; '.join(options)}."
    return BbqItem(asked, options, (_spoken(first), _spoken(second)), int(row["label"]))


def _spoken(group: str) -> str:
    """BBQ writes `nonOld` for "not old"."""
    plain = f"not {group[3:]}" if group.startswith("non") else group
    return plain.lower()
