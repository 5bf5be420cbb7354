"""
Reads the lines that calendars and contacts consist of, component by component, in bounded memory.

Sources: RFC 5545, 3.1 (content lines); RFC 6350, 3.2 and 3.4 (the same for contacts).
"""

import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from homeward.errors import ImportCorrupt
from homeward.importing import texts
from homeward.importing.mail.charsets import known
from homeward.importing.named_file import NamedFile
from homeward.importing.reading.unicode_input import Utf8
from homeward.importing.reading.work_limits import Work

LONGEST = 1 << 20  # characters of one component; a photo in a contact is dropped before
_LONGEST_LINE = 64 << 10  # characters; of a longer one the rest is dropped
_A_LINE = 1
_LINE = re.compile(r"(?:[\w-]+\.)?([\w-]+)((?:;(?:\"[^\"]*\"|[^:;\"])*)*):(.*)", re.DOTALL)
_PARAMETER = re.compile(r";([\w-]+)(?:=(\"[^\"]*\"|[^;]*))?")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ContentLine:
    """A property: its name and parameters in capital letters, its value as it is written."""

    name: str
    parameters: dict[str, str]
    raw: str

    @property
    def text(self) -> str:
        """The value as a text, without its escapes."""
        return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.raw).strip()

    @property
    def fields(self) -> list[str]:
        """The values between semicolons, each as a text."""
        pieces = re.split(r"(?<!\\);", self.raw)
        return [ContentLine("", {}, one).text for one in pieces]


@dataclass(slots=True)
class Component:
    """An event, a task or a contact: its properties, in order."""

    name: str
    lines: list[ContentLine] = field(default_factory=list)
    size: int = 0

    def first(self, name: str) -> ContentLine | None:
        """Return the first property of a name."""
        return next((one for one in self.lines if one.name == name), None)

    def every(self, name: str) -> list[ContentLine]:
        """Return all properties of a name."""
        return [one for one in self.lines if one.name == name]

    def text(self, name: str) -> str:
        """Return the first value of a name as a text, "" where there is none."""
        line = self.first(name)
        return line.text if line else ""


def components(source: NamedFile, wanted: frozenset[str]) -> Iterator[Component]:
    """
    Yield each component of the `wanted` names; alarms and others within one are dropped.

    Raises:
        ImportCorrupt: it is no text, or built to keep a reader busy.
    """
    open_ones: list[Component] = []
    for line in _parsed(source):
        if line.name == "BEGIN":
            open_ones.append(Component(line.raw.strip().upper()))
        elif line.name == "END" and open_ones:
            done = open_ones.pop()
            if done.name in wanted:
                yield done
        elif open_ones:
            held = open_ones[-1]
            held.size += len(line.raw)
            if held.name in wanted and held.size < LONGEST:
                held.lines.append(line)
        if len(open_ones) > 100:
            raise ImportCorrupt(f"{source.name}: nested deeper than 100 levels")


def _parsed(source: NamedFile) -> Iterator[ContentLine]:
    work = Work(source.name)
    for line in _unfolded(_lines(source)):
        work.read(len(line))
        work.spend(_A_LINE)
        found = _LINE.fullmatch(line)
        if found:
            parameters = {
                one[1].upper(): (one[2] or one[1]).strip('"').upper()
                for one in _PARAMETER.finditer(found[2])
            }
            yield ContentLine(found[1].upper(), parameters, _decoded(found[3], parameters))


def _decoded(value: str, parameters: dict[str, str]) -> str:
    """Return a value of vCard 2.1, which may be quoted-printable."""
    if "QUOTED-PRINTABLE" not in parameters.values():
        return value
    raw = binascii.a2b_qp(value.encode())
    text = raw.decode(known(parameters.get("CHARSET", "")) or "utf-8", "replace")
    return text.replace("\r\n", "\n").replace("\n", "\\n")


def _unfolded(lines: Iterable[str]) -> Iterator[str]:
    """Join lines that go on in the next: it begins with a space, or this ends in "="."""
    waiting: str | None = None
    for line in lines:
        if waiting is not None and _goes_on(waiting):
            waiting = (waiting[:-1] + line)[:_LONGEST_LINE]
        elif waiting is not None and line[:1] in (" ", "\t"):
            waiting = (waiting + line[1:])[:_LONGEST_LINE]
        else:
            if waiting is not None:
                yield waiting
            waiting = line
    if waiting is not None:
        yield waiting


def _goes_on(line: str) -> bool:
    return line.endswith("=") and "QUOTED-PRINTABLE" in line[:200].upper()


def _lines(source: NamedFile) -> Iterator[str]:
    waiting = ""
    for block in texts.decoded(Utf8(source.file, source.name), source.name):
        *lines, waiting = (waiting + block).split("\n")
        yield from (line.rstrip("\r") for line in lines)
        if len(waiting) > LONGEST:
            raise ImportCorrupt(f"{source.name}: a line is longer than {LONGEST} characters")
    yield waiting.rstrip("\r")
