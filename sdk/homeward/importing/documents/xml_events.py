"""
Reads XML as a stream of events, in bounded memory and counted work.

Entities that a document type declares are refused: they let a kilobyte become gigabytes, or name
files and addresses that are not ours to open (OWASP, XML External Entity Prevention).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from homeward.errors import ImportCorrupt
from homeward.importing.reading.unicode_input import Bytes
from homeward.importing.reading.work_limits import Work

LONGEST = 8 << 20  # bytes of one tag or stretch of text
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Start:
    """
    An element begins; names are without their namespace.

    An attribute that has a namespace has a colon before its name: `id` and `r:id` are two.
    """

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class End:
    """An element ends."""

    name: str


Event = Start | End | str


def events(file: Bytes, *, name: str, work: Work) -> Iterator[Event]:
    """
    Yield what an XML file consists of; a text may come in pieces.

    Raises:
        ImportCorrupt: it is no XML, declares entities, or is built to keep a reader busy.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    found: list[Event] = []

    def start(element: str, attributes: Mapping[str, str]) -> None:
        work.spend(1 + len(attributes))
        named = {_attribute(key): one for key, one in attributes.items()}
        found.append(Start(_local(element), named))

    def declared(*_: object) -> None:
        raise ImportCorrupt(f"{name}: it declares entities of XML, which no document needs")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda element: found.append(End(_local(element)))
    parser.CharacterDataHandler = found.append
    parser.EntityDeclHandler = declared
    parser.buffer_text = True
    try:
        yield from _parsed(parser, file, found, name, work)
    except (expat.ExpatError, LookupError, ValueError):  # the others: an encoding that is none
        raise ImportCorrupt(f"{name}: a file in it is cut off, or is no XML") from None


def _parsed(
    parser: "expat.XMLParserType", file: Bytes, found: list[Event], name: str, work: Work
) -> Iterator[Event]:
    unseen = 0
    while block := file.read(_BLOCK):
        work.read(len(block))
        parser.Parse(block, False)  # noqa: FBT003  expat's own
        unseen = 0 if found else unseen + len(block)
        if unseen > LONGEST:
            raise ImportCorrupt(f"{name}: one piece of it is larger than {LONGEST >> 20} MiB")
        yield from found
        found.clear()
    parser.Parse(b"", True)  # noqa: FBT003
    yield from found
    found.clear()


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _attribute(name: str) -> str:
    return f":{_local(name)}" if " " in name else name
