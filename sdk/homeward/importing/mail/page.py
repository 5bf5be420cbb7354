"""
Reads a mail's HTML page as lines, and says of each whether its program marks it as another's.

What others wrote is marked by the element that it stands in, in each program by another one. An
element ends where its end tag stands, counted among those of its name; unclosed, it holds the rest.
"""

import re
from dataclasses import dataclass

from homeward.importing.mail.quoting import LineKind, MailLine
from homeward.importing.reading.html_text import BREAKS, Spend, Tag, pieces

_QUOTE = re.compile(r"\btype\s*=\s*[\"']?cite|\bcite\s*=", re.IGNORECASE)
_CLASSES = re.compile(
    r"\b(?:class|id)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE
)
_BORDER = re.compile(r"border-left\s*:\s*(?!none|0)", re.IGNORECASE)
_KINDS = {
    **dict.fromkeys(
        ("yahoo_quoted", "zmail_extra", "protonmail_quote", "gmail_signature", "moz-signature",
         "signature", "tutanota_quote"),
        LineKind.OTHERS,
    ),
    **dict.fromkeys(("gmail_attr", "moz-cite-prefix"), LineKind.ATTRIBUTION),
    **dict.fromkeys(
        ("divrplyfwdmsg", "outlookmessageheader", "mail-editor-reference-message-container"),
        LineKind.END,
    ),
}  # fmt: skip
_SPACE = re.compile(r"[ \t\r\n\f]+")  # and not what does not break: a person put it there


def lines_of(page: str, *, spend: Spend) -> list[MailLine]:
    """Return the lines of a page, each with whose it is; an empty one stands before a paragraph."""
    reading = _Lines()
    for piece in pieces(page, spend=spend):
        if isinstance(piece, Tag):
            reading.tag(piece)
        else:
            reading.text(piece)
    return reading.finished()


@dataclass(slots=True)
class _Marked:
    """A marked element that is open: how many of its name are, and whose it is."""

    name: str
    kind: LineKind
    depth: int = 1


class _Lines:
    """The lines until now."""

    def __init__(self) -> None:
        self._lines: list[MailLine] = []
        self._line: list[str] = []
        self._marked: _Marked | None = None
        self._raw = 0  # open elements in which line ends count

    def text(self, text: str) -> None:
        """Add a stretch of text."""
        if not self._raw:
            self._line.append(_SPACE.sub(" ", text))
            return
        for number, line in enumerate(text.split("\n")):
            if number:
                self._end_line()
            self._line.append(line)

    def tag(self, tag: Tag) -> None:
        """Begin or end a line, a paragraph or a marked element."""
        if tag.breaks or (tag.is_end and tag.name in BREAKS):
            is_gap = tag.name == "br" and not "".join(self._line).strip()
            self._end_line()
            if is_gap or (tag.name == "p" and not tag.is_end):
                self._lines.append(MailLine("", self._kind))
        if tag.name == "pre":
            self._raw = max(0, self._raw + (-1 if tag.is_end else 1))
        self._mark(tag)

    def finished(self) -> list[MailLine]:
        """Return all lines."""
        self._end_line()
        return self._lines

    @property
    def _kind(self) -> LineKind:
        return self._marked.kind if self._marked else LineKind.OWN

    def _end_line(self) -> None:
        text = "".join(self._line)
        if text.strip():
            self._lines.append(MailLine(text if self._raw else text.strip(" "), self._kind))
        self._line = []

    def _mark(self, tag: Tag) -> None:
        if self._marked is None:
            kind = None if tag.is_end else _kind_of(tag)
            if kind is not None:
                self._end_line()
                self._marked = _Marked(tag.name, kind)
        elif tag.name == self._marked.name:
            self._marked.depth += -1 if tag.is_end else 1
            if not self._marked.depth:
                self._end_line()
                self._marked = None


def _kind_of(tag: Tag) -> LineKind | None:
    if tag.name == "blockquote" and (
        _QUOTE.search(tag.attributes)
        or "gmail_quote" in tag.attributes
        or _BORDER.search(tag.attributes)
    ):
        return LineKind.OTHERS
    named = _CLASSES.finditer(tag.attributes)
    words = (
        word.lower().removeprefix("x_")
        for found in named
        for word in "".join(filter(None, found.groups())).split()
    )
    return next((_KINDS[word] for word in words if word in _KINDS), None)
