"""
Separates what the person wrote in a mail from what their program put there of others.

Programs put an attribution ("On Thu, … wrote:") above lines that begin with ">", or the head of the
other's mail ("From: … Sent: …") above its text. Both are told by what they are made of, dates,
addresses and the names of headers, in whatever language; a line that only reads like one stays.
Where it is not certain whose a line is, it is the person's, who is asked to review what is kept.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from homeward.importing.mail.wording import (
    FOOTER,
    FORWARDED,
    NAMES_NOBODY,
    SOMEBODY,
    WROTE,
    header_of,
)


class LineKind(Enum):
    """Whose a line is, as far as the program has marked it."""

    OWN = 0
    OTHERS = 1
    ATTRIBUTION = 2  # says whose the next lines are
    END = 3  # from here on it is another's


@dataclass(frozen=True, slots=True)
class MailLine:
    """A line of a mail, without its end."""

    text: str
    kind: LineKind = LineKind.OWN

    @property
    def plain(self) -> str:
        """The line as it is compared: without marks of direction; "" if it is long."""
        if len(self.text) > _LONGEST:
            return ""
        return (self.text if self.text.isascii() else _DIRECTIONS.sub("", self.text)).strip()

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return not self.text.strip()


_LONGEST = 300  # characters of a line that may be an attribution or a header
_LONGEST_NAME = 80  # characters of an attribution without a date and an address
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ADDRESS = re.compile(r"[<(\[][^<>()\[\]\s@]{1,80}@[^<>()\[\]\s]{1,80}[>)\]]")
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}")
_DAY = re.compile(r"\b(?:19|20)\d\d(?!\d)|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")
_COLON = (":", "\N{FULLWIDTH COLON}")
_SEAL = re.compile(r"-----BEGIN PGP (?:SIGNATURE|MESSAGE|PUBLIC KEY BLOCK)-----")
_SIGNED = ("-----BEGIN PGP SIGNED MESSAGE-----", "Hash: SHA")
_RULE = re.compile(r"\s*[_=*-]{5,}\s*")
_LONG_RULE = re.compile(r"_{30,80}\s*")
_TITLED_RULE = re.compile(r"\W*-{2,}\s*(?=[^\W\d])([^-]{3,60}?)\s*-{2,}\W*")
_MOST_LINES = 3  # of one attribution
_HEAD = 8  # lines in which the head of another's mail lies
_SIGNATURE = 6  # lines of a signature whose mark lacks its space


def own_words(lines: Sequence[MailLine]) -> str:
    """Return what the person wrote; "" where all of it is another's."""
    kept: list[str] = []
    for text in _own(lines[: _end(lines)]):
        if text is None:
            _drop_footer(kept)
        elif text.strip() or (kept and kept[-1]):
            kept.append(text.rstrip() if text.strip() else "")
    _drop_footer(kept)
    return "\n".join(kept).strip()


def plain_lines(text: str) -> list[MailLine]:
    """Return the lines of a plain text; quoted ones and the parts of a PGP seal are another's."""
    found, sealed = list[MailLine](), False
    for line in text.replace("\r\n", "\n").split("\n"):
        sealed = sealed or _SEAL.match(line) is not None
        others = sealed or line.startswith((">", *_SIGNED))
        found.append(MailLine(line, LineKind.OTHERS if others else LineKind.OWN))
        sealed = sealed and not line.startswith("-----END PGP ")
    return found


def _own(lines: Sequence[MailLine]) -> Iterator[str | None]:
    """Yield the person's lines, and None where something of another stood."""
    at = 0
    while at < len(lines):
        past = _past_others(lines, at)
        yield lines[at].text if past == at else None
        at = max(past, at + 1)


def _past_others(lines: Sequence[MailLine], at: int) -> int:
    """Return where the person's lines go on, if one at `at` is not theirs; else `at`."""
    if lines[at].kind is not LineKind.OWN:
        return at + 1
    end = _end_of_attribution(lines, at)
    if end:
        return end
    return _past_signature(lines, at)


def _past_signature(lines: Sequence[MailLine], at: int) -> int:
    if lines[at].text.rstrip() != "--" and not _is_list_footer(lines, at):
        return at
    most = len(lines) if lines[at].text == "-- " else _SIGNATURE
    past, written = at + 1, 0
    while past < len(lines) and lines[past].kind is LineKind.OWN:
        if _end_of_attribution(lines, past):
            break
        written += not lines[past].is_blank
        if written > most:
            return at
        past += 1
    return past


def _is_list_footer(lines: Sequence[MailLine], at: int) -> bool:
    """Return whether a mailing list says here what it is: below a long rule, with its address."""
    rest = lines[at + 1 : at + 1 + _SIGNATURE]
    return bool(_LONG_RULE.fullmatch(lines[at].text)) and any("://" in one.text for one in rest)


def _end(lines: Sequence[MailLine]) -> int:
    """Return the line from which on all is another's: the head of their mail, or a mark."""
    for at, line in enumerate(lines):
        if line.kind is LineKind.END or (
            line.kind is not LineKind.OTHERS and _begins_other(lines, at)
        ):
            return _without_rules(lines, at)
    return len(lines)


def _begins_other(lines: Sequence[MailLine], at: int) -> bool:
    text = lines[at].plain
    if not text:
        return False
    if header_of(text):
        return _is_head(lines, at)
    is_rule = "--" in text
    if (is_rule or text.endswith(_COLON)) and FORWARDED.fullmatch(text):
        return True
    if is_rule and _TITLED_RULE.fullmatch(text):
        below = _next_written(lines, at)
        return _is_head(lines, below, titled=True) or _is_strong(lines, below)
    return _is_strong(lines, at)


def _is_head(lines: Sequence[MailLine], at: int, *, titled: bool = False) -> bool:
    """Return whether the headers of a mail stand here: who, when and about what."""
    found: dict[str, str] = {}
    for line in lines[at : at + _HEAD]:
        text = line.plain
        header = header_of(text)
        if header is None:
            break
        found.setdefault(header, text)
    if titled:
        return len(found) > 1 and "from" in found
    return {"from", "sent", "subject"} <= found.keys() or (
        {"from", "sent"} <= found.keys() and "@" in found["from"]
    )


def _is_strong(lines: Sequence[MailLine], at: int) -> bool:
    """Return whether an attribution stands here, and no marked quote below: all is another's."""
    end = _attribution(lines, at)
    if not end:
        return False
    below = _next_written(lines, end - 1)
    if below < len(lines) and lines[below].kind is LineKind.OTHERS:
        return False
    said = _joined(lines, at, end)
    evidence = _ADDRESS.search(said), _is_dated(said), WROTE.search(said)
    return sum(map(bool, evidence)) > 1


def _end_of_attribution(lines: Sequence[MailLine], at: int) -> int:
    """Return where an attribution that stands at `at` ends, above a marked quote; else 0."""
    end = _attribution(lines, at)
    if end:
        below = _next_written(lines, end - 1)
        if below < len(lines) and lines[below].kind is LineKind.OTHERS:
            return end
    return 0


def _attribution(lines: Sequence[MailLine], at: int) -> int:
    """Return where the lines end that say at `at` who wrote what follows; 0 if none does."""
    for end in range(at + 1, min(at + _MOST_LINES, len(lines)) + 1):
        line = lines[end - 1]
        text = line.plain
        if not text or line.kind is LineKind.OTHERS:
            return 0
        if text.endswith(_COLON):
            return end if _says_who(_joined(lines, at, end)) else 0
        if text.endswith((".", "!", "?")) and "@" not in text:
            return 0
    return 0


def _says_who(said: str) -> bool:
    if len(said) > _LONGEST:
        return False
    sure = _ADDRESS.search(said) is not None or _is_dated(said)
    if not sure and len(said) > _LONGEST_NAME:
        return False
    wrote = WROTE.search(said)
    if wrote is None:
        return sure
    return not SOMEBODY.search(said) and (sure or _is_name(said[: wrote.start()]))


def _is_dated(said: str) -> bool:
    return _DAY.search(said) is not None and _TIME.search(said) is not None


def _is_name(words: str) -> bool:
    names = words.split()
    return (
        0 < len(names) <= 5
        and names[0].casefold() not in NAMES_NOBODY
        and all(one[0].isupper() for one in names)
    )


def _joined(lines: Sequence[MailLine], at: int, end: int) -> str:
    return " ".join(one.plain for one in lines[at:end])


def _next_written(lines: Sequence[MailLine], at: int) -> int:
    at += 1
    while at < len(lines) and lines[at].is_blank:
        at += 1
    return at


def _without_rules(lines: Sequence[MailLine], end: int) -> int:
    """Return where the person's lines end before `end`, without a rule above another's mail."""
    while end and (lines[end - 1].is_blank or _RULE.fullmatch(lines[end - 1].text)):
        end -= 1
    return end


def _drop_footer(kept: list[str]) -> None:
    while kept and not kept[-1]:
        kept.pop()
    if kept and FOOTER.fullmatch(kept[-1].strip()):
        kept.pop()
