"""A mailbox (mbox, RFC 4155): one mail after another, the text of each."""

import email
import email.policy
import email.utils
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import IO

from homeward.errors import ImportCorrupt
from homeward.importing.items import Document, digest_of, storable

LARGEST = 16 * 2**20  # bytes of one mail that are read; what is longer is attachments
_LINE = 1 << 20  # bytes of a line that are read at once
_QUOTED = re.compile(r"^>.*\n?|^(?:On|Am|Le) .{0,200}(?:wrote|schrieb|a écrit) ?:\n?", re.MULTILINE)


def documents(file: IO[bytes], *, name: str) -> Iterator[Document]:
    """
    Yield the text of each mail, without what it quotes of others.

    Raises:
        ImportCorrupt: it does not begin as a mailbox does.
    """
    for number, data in enumerate(_mails(file, name), 1):
        mail = email.message_from_bytes(data, policy=email.policy.default)
        text = _QUOTED.sub("", storable(_body(mail))).strip()
        if text:
            title = storable(_header(mail, "Subject") or f"{name}, mail {number}")
            known = _header(mail, "Message-ID") or text
            yield Document(digest_of("mail", known), title, text, _date(mail))


def _mails(file: IO[bytes], name: str) -> Iterator[bytes]:
    line = file.readline(_LINE)
    if not line.startswith(b"From "):
        raise ImportCorrupt(f"{name}: a mailbox begins with 'From '")
    while line:
        mail, size, blank = [], 0, False
        while (line := file.readline(_LINE)) and not (blank and line.startswith(b"From ")):
            blank = not line.strip()
            size += len(line)
            if size <= LARGEST:
                mail.append(line.removeprefix(b">") if line.startswith(b">From ") else line)
        yield b"".join(mail)


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    try:
        text = str(part.get_content())
    except (LookupError, UnicodeError, AttributeError):  # a charset that nobody knows
        data = part.get_payload(decode=True)
        text = data.decode("utf-8", "replace") if isinstance(data, bytes) else ""
    return _without_tags(text) if part.get_content_subtype() == "html" else text


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return str(mail[name] or "").strip()
    except (ValueError, IndexError, AttributeError):  # headers that the parser cannot take apart
        return ""


def _date(mail: EmailMessage) -> datetime | None:
    try:
        read = email.utils.parsedate_to_datetime(_header(mail, "Date"))
    except (ValueError, TypeError, IndexError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


class _Text(HTMLParser):
    """Collects what a reader would see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        """Begin a line at blocks, and hide what is no text."""
        self._hidden += tag in ("script", "style", "title")
        if tag in ("p", "br", "div", "tr", "li", "h1", "h2", "h3"):
            self.seen.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Show again."""
        self._hidden -= tag in ("script", "style", "title") and self._hidden > 0

    def handle_data(self, data: str) -> None:
        """Take text."""
        if not self._hidden:
            self.seen.append(data)


def _without_tags(html: str) -> str:
    reader = _Text()
    reader.feed(html)
    reader.close()
    return "".join(reader.seen)
