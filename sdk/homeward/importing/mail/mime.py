"""
Parses a mail's headers and readable text, looking at each byte once for each level.

The standard library's parser takes hours for a megabyte of certain headers, and gigabytes of memory
for one of line ends. This one reads what a memory is made from and nothing else.

Sources: RFC 5322 (headers), RFC 2045 and 2046 (parts), RFC 2047 (words in headers), RFC 2231
(parameters in pieces).
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from homeward.importing.mail import charsets
from homeward.importing.reading.work_limits import NotTaken, Record

LARGEST_TEXT = 2 << 20  # bytes of the one part that is text
LARGEST_HEAD = 256 << 10  # bytes of a part's headers
DEEPEST = 10  # parts within parts
_A_PART = 10  # pieces: what one costs beside what is in it
_LONGEST_VALUE = 4096  # characters of a header that is taken apart

_HEADER = re.compile(
    rb"^(subject|date|message-id|content-(?:type|transfer-encoding|disposition))[ \t]*:"
    rb"([^\n]*(?:\n[ \t][^\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_BLANK = re.compile(rb"\n\r?\n")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,60})\s*=\s*("(?:[^"\\]|\\.)*"|[^;"]*)')
_PIECE = re.compile(r"(.+?)\*(\d{1,3})?\*?")  # of a parameter's name: charset*, boundary*0, name*1*
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bq])\?([^?\s]*)\?=", re.IGNORECASE)
_BETWEEN = re.compile(r"(\?=)\s+(?==\?)")  # what lies between two words is no text
_NOT_READ = frozenset(("uuencode", "x-uuencode", "uue", "x-uue", "x-yenc", "binhex", "x-gzip64"))
_GUESSED = re.compile(rb"\s{0,9}--([^\s]{1,70})\r?\n")  # a boundary that no header names


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a mail's bytes, with the headers that stood before it."""

    headers: dict[str, str]
    start: int
    end: int

    @property
    def kind(self) -> str:
        """Its type, such as text/plain, in small letters."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind if "/" in kind else "text/plain"

    @property
    def is_attached(self) -> bool:
        """Whether it is a file beside the text, or shown below it."""
        shown = self.headers.get("content-disposition", "")
        kind = shown.partition(";")[0].strip().lower()
        return kind == "attachment" or bool(parameter(shown, "filename"))


def part_at(data: bytes, start: int, end: int) -> Part:
    """
    Read the headers of the part that lies between two places.

    Raises:
        NotTaken: they are longer than is read.
    """
    if data.startswith((b"\n", b"\r\n"), start, end):
        return Part({}, start, end)
    blank = _BLANK.search(data, start, min(end, start + LARGEST_HEAD))
    if blank is None and end - start > LARGEST_HEAD:
        raise NotTaken(f"its headers are longer than {LARGEST_HEAD >> 10} KiB")
    head = data[start : blank.start() if blank else end]
    headers: dict[str, str] = {}
    for found in _HEADER.finditer(head):
        value = re.sub(rb"\r?\n", b"", found[2]).decode("utf-8", "replace").strip()
        headers.setdefault(found[1].decode().lower(), value)
    return Part(headers, blank.end() if blank else end, end)


def texts(data: bytes, part: Part, work: Record, *, depth: int = 0) -> list[Part]:
    """
    Return the parts that are the text of a mail, in order; of alternatives one, plain if any is.

    Parts without the boundary that they should have are one text.

    Raises:
        NotTaken: parts lie too deep in parts. As `RecordShape.spend`.
    """
    work.spend()
    if not part.kind.startswith("multipart/"):
        is_text = part.kind in ("text/plain", "text/html") and not part.is_attached
        return [part] if is_text else []
    if depth == DEEPEST:
        raise NotTaken(f"it has parts within parts, more than {DEEPEST} deep")
    inner = list(_inside(data, part, work))
    if not inner:
        return [part]
    found = [texts(data, one, work, depth=depth + 1) for one in inner]
    if part.kind != "multipart/alternative":
        return [one for some in found for one in some]
    written = [some for some in found if any(data[one.start : one.end].strip() for one in some)]
    plain = (some for some in written if any(one.kind != "text/html" for one in some))
    return next(plain, next(iter(written), []))


def _inside(data: bytes, part: Part, work: Record) -> Iterator[Part]:
    mark = _boundary(data, part)
    begun, at = -1, data.find(mark, part.start, part.end) if mark else -1
    while at >= 0:
        work.spend()
        after = at + len(mark)
        if _is_line(data, at, after, part):
            if begun >= 0:
                work.spend(_A_PART)
                yield part_at(data, begun, at)
            line = data.find(b"\n", after, part.end)
            if data.startswith(b"--", after) or line < 0:
                return
            begun = after = line + 1
        at = data.find(mark, after, part.end)
    if begun >= 0:  # cut off: the last part goes to the end
        yield part_at(data, begun, part.end)


def _boundary(data: bytes, part: Part) -> bytes:
    """Return what the lines begin with that stand between parts."""
    named = parameter(part.headers["content-type"], "boundary")
    if named:
        return b"--" + named.encode("utf-8", "replace")
    guessed = _GUESSED.match(data, part.start, part.end)
    return b"--" + guessed[1] if guessed else b""


def _is_line(data: bytes, at: int, after: int, part: Part) -> bool:
    begins = at == part.start or data[at - 1 : at] == b"\n"
    return begins and data[after : after + 1] in (b"", b"\r", b"\n", b" ", b"\t", b"-")


def content(raw: bytes, part: Part, known: charsets.Charsets) -> str:
    """
    Return the text of a part, given its bytes; what its charset does not know becomes a mark.

    Raises:
        NotTaken: it is longer than is read, or encoded in a way that is not read.
    """
    if len(raw) > LARGEST_TEXT:
        raise NotTaken(f"its text is longer than {LARGEST_TEXT >> 20} MiB")
    how = part.headers.get("content-transfer-encoding", "").partition(";")[0].strip().lower()
    if how == "base64":
        raw = _base64(raw)
    elif how == "quoted-printable":
        raw = binascii.a2b_qp(raw)
    elif how in _NOT_READ:
        raise NotTaken("its text is encoded in a way that is not read")
    return known.decoded(raw, parameter(part.headers.get("content-type", ""), "charset"))


def parameter(value: str, name: str) -> str:
    """Return what a header says of `name`, put together where it came in pieces."""
    pieces: dict[int, str] = {}
    for found in _PARAMETER.finditer(value[:_LONGEST_VALUE]):
        key, given = found[1].lower(), found[2].strip()
        piece = _PIECE.fullmatch(key)
        base, number = (piece[1], int(piece[2] or 0)) if piece else (key, 0)
        if base == name:
            given = re.sub(r"\\(.)", r"\1", given[1:-1]) if given.startswith('"') else given
            pieces.setdefault(number, _without_percents(given) if key.endswith("*") else given)
    return "".join(pieces[number] for number in sorted(pieces))


def _without_percents(value: str) -> str:
    said = value.rpartition("'")[2].encode()
    raw = re.sub(rb"%([0-9a-fA-F]{2})", lambda found: bytes.fromhex(found[1].decode()), said)
    return raw.decode("utf-8", "replace")


def line_of(value: str) -> str:
    """Return a header's value as it is meant to be read, on one line; its end is cut if long."""
    cut = value[:_LONGEST_VALUE]
    return _WORD.sub(_word, _BETWEEN.sub(r"\1", cut)).strip()


def _word(found: re.Match[str]) -> str:
    charset, how, said = found[1].partition("*")[0], found[2].lower(), found[3].encode()
    raw = _base64(said) if how == "b" else binascii.a2b_qp(said, header=True)
    return " ".join(charsets.word(raw, charset).split("\n"))


def _base64(raw: bytes) -> bytes:
    try:
        return binascii.a2b_base64(raw + b"==")
    except binascii.Error:  # one character too many
        return b""
