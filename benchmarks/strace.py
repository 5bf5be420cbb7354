"""
What strace prints, read line by line: one system call after another, each with its process.

Knows the form of the output of `strace -f -y -o FILE`; judges nothing. Pure.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LINE = re.compile(r"(\d+) +(?:\d+\.\d+ +)?(.*)", re.DOTALL)
_UNFINISHED = " <unfinished ...>"
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>\s?")
_CALL = re.compile(r"(\w+)\((.*)", re.DOTALL)
_RESULT = re.compile(r"\)\s+= (-?\d+|\?|0x[0-9a-f]+)(?:<(.*?)>)?(?: ([A-Z]+)\b)?[^=]*$", re.DOTALL)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FOLDER = re.compile(r"(?:AT_FDCWD|\b\d+)<((?:[^<>\\]|\\.)*)>")


@dataclass(frozen=True, slots=True)
class Call:
    """
    One system call.

    `result` is None where the process ended within the call; `error` is empty where it succeeded.
    """

    pid: int
    name: str
    arguments: str
    result: int | None
    opened: str  # what the returned descriptor stands for, as strace names it; mostly empty
    error: str

    @property
    def strings(self) -> list[str]:
        """The quoted arguments, in order: paths above all."""
        return [unescaped(one) for one in _STRING.findall(self.arguments)]

    @property
    def folder(self) -> str:
        """The folder that the last path is relative to, if strace could tell; empty otherwise."""
        found = _FOLDER.findall(_STRING.sub("", self.arguments))
        return unescaped(found[-1]) if found else ""


def unescaped(text: str) -> str:
    """Undo strace's C escapes; bytes that are no UTF-8 come as surrogates, as Python has them."""
    raw = text.encode("latin-1", "replace").decode("unicode_escape").encode("latin-1", "replace")
    return os.fsdecode(raw)


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """Put together what was interrupted; what never ended comes last, without a result."""
    waiting: dict[int, str] = {}
    for line in lines:
        found = _LINE.match(line.rstrip("\n"))
        if found is None:
            continue
        pid, text = int(found[1]), found[2]
        if resumed := _RESUMED.match(text):
            text = waiting.pop(pid, "") + text[resumed.end() :]
        if text.endswith(_UNFINISHED):
            waiting[pid] = text.removesuffix(_UNFINISHED)
        elif call := _call(pid, text):
            yield call
    for pid, text in waiting.items():
        if call := _call(pid, text):
            yield call


def _call(pid: int, text: str) -> Call | None:
    found = _CALL.match(text)  # signals (---) and ends (+++) are none
    if found is None:
        return None
    name, rest = found[1], found[2]
    end = _RESULT.search(rest)
    if end is None:
        return Call(pid, name, rest, None, "", "")
    number = None if end[1] == "?" else int(end[1], 0)
    return Call(pid, name, rest[: end.start()], number, unescaped(end[2] or ""), end[3] or "")
