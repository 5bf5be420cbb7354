"""
Takes an HTML page apart as a reader would see it, looking at each character once.

`html.parser` starts anew at each "<" that nothing closes, and takes minutes for a small mail that
is made of them. Here what is not closed hides the rest, as in a browser (HTML Standard, 13.2.5).
"""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.entities import html5

_TAG = re.compile(r"</?([a-zA-Z][^\s/>]{0,40})")
_IN_TAG = re.compile(r"=\s*\"[^\"]*\"|=\s*'[^']*'|>")
_HIDDEN = {name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in ("script", "style", "title")}
BREAKS = frozenset(
    ("p", "br", "div", "tr", "li", "blockquote", "h1", "h2", "h3", "h4", "hr", "pre")
)
# html.unescape tries up to 32 shorter names for each that it does not know, and fails on numbers
# of thousands of digits.
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|([a-zA-Z][a-zA-Z0-9]{1,31}));")
_LONGEST_ATTRIBUTES = 1000  # characters of a tag that are kept

Spend = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: its name in small letters, whether it ends an element, and its attributes' text."""

    name: str
    is_end: bool
    attributes: str

    @property
    def breaks(self) -> bool:
        """Whether a line begins here."""
        return self.name in BREAKS and not self.is_end


def text_of(page: str, *, spend: Spend) -> str:
    """Return the text of `page`; a line begins at each block. `spend` is told of its pieces."""
    return "".join(
        ("\n" if one.breaks else "") if isinstance(one, Tag) else one
        for one in pieces(page, spend=spend)
    )


def pieces(page: str, *, spend: Spend) -> Iterator[str | Tag]:
    """Yield the stretches of text in a page and the tags between them."""
    at = 0
    while (start := page.find("<", at)) >= 0:
        if start > at:
            yield _shown(page[at:start], spend)
        at, piece = _past(page, start, spend)
        if piece:
            yield piece
    if at < len(page):
        yield _shown(page[at:], spend)


def _shown(text: str, spend: Spend) -> str:
    spend(text.count("&"))
    return _REFERENCE.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    if found[1]:
        return html5.get(f"{found[1]};", found[0])
    return html.unescape(found[0])


def _past(page: str, start: int, spend: Spend) -> tuple[int, str | Tag]:
    """Return where the text goes on after the "<" at `start`, and what stands there."""
    spend(1)
    if page.startswith("<!--", start):
        return _after(page, "-->", start + 4), ""
    if page.startswith(("<!", "<?"), start):
        return _after(page, ">", start + 2), ""
    tag = _TAG.match(page, start)
    if tag is None:
        return start + 1, "<"
    name, is_end = tag[1].lower(), page[start + 1] == "/"
    at = _end_of_tag(page, tag.end(), spend)
    attributes = page[tag.end() : min(at - 1, tag.end() + _LONGEST_ATTRIBUTES)]
    if name in _HIDDEN and not is_end and not attributes.endswith("/"):
        closing = _HIDDEN[name].search(page, at)
        return (closing.start() if closing else len(page)), ""
    return at, Tag(name, is_end, attributes)


def _end_of_tag(page: str, at: int, spend: Spend) -> int:
    while found := _IN_TAG.search(page, at):
        spend(1)
        at = found.end()
        if found[0] == ">":
            return at
    return len(page)


def _after(page: str, mark: str, at: int) -> int:
    found = page.find(mark, at)
    return len(page) if found < 0 else found + len(mark)
