"""What each format yields: who said what, and when; never what a tool or another branch said."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.sdk.importing.conftest import Write, chatgpt, claude

from homeward.importing import Document, ImportedExchange, items_of


def test_a_chatgpt_export_yields_the_path_that_was_kept(write: Write) -> None:
    items = list(items_of(write([chatgpt(1), chatgpt(2)], "export.zip")))

    assert [type(one) for one in items] == [ImportedExchange] * 4
    first, second = (one for one in items[:2] if isinstance(one, ImportedExchange))
    assert (first.conversation, first.asked) == ("chatgpt/c1", "I live in Leeds.")
    assert first.replied == "First.\n\nSecond."
    assert first.asked_at == datetime.fromtimestamp(1_700_000_000.5, UTC)
    assert second.asked == "I own a bike."  # the picture beside it is left out
    assert len({one.digest for one in items if isinstance(one, ImportedExchange)}) == 4


def test_what_a_chatgpt_export_may_lack(write: Write) -> None:
    conversation = chatgpt(1, asks=("I live in \ud83d Leeds.\0",))
    del conversation["current_node"]
    conversation["mapping"]["ask0"]["message"]["create_time"] = None

    [item] = items_of(write([conversation]))

    assert isinstance(item, ImportedExchange)
    assert item.asked == "I live in \ufffd Leeds.\ufffd"
    assert item.asked_at == datetime.fromtimestamp(1_600_000_000, UTC)


def test_a_claude_export_yields_exchanges_and_attached_files(write: Write) -> None:
    document, exchange = items_of(write([claude(1)]))

    assert isinstance(document, Document)
    assert isinstance(exchange, ImportedExchange)
    assert (document.title, document.text) == ("notes.txt", "The pump runs at 40 bar.")
    assert (exchange.asked, exchange.replied) == ("My cello is blue.", "Nice.")
    assert exchange.asked_at == datetime(2025, 3, 1, 10, 0, 5, 123456, UTC)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_text_is_cut_between_paragraphs_and_says_where(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "notes.md"
    text = "".join(f"Paragraph {n} with ümlauts 🙂 of its own.\n\n" for n in range(4000))
    path.write_text(text, encoding=encoding, newline="")

    parts = [one for one in items_of(path) if isinstance(one, Document)]

    assert "".join(one.text for one in parts) == text
    assert all(one.text.startswith("Paragraph") for one in parts)
    assert parts[0].title == "notes.md"
    assert parts[1].title == f"notes.md, from character {len(parts[0].text)}"


def test_a_line_without_end_is_cut_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("x" * 3_000_000)

    parts = [one.text for one in items_of(path) if isinstance(one, Document)]

    assert max(map(len, parts)) <= 32_768
    assert sum(map(len, parts)) == 3_000_000


MAILBOX = (
    b"From ada@example.org Thu Jan  1 00:00:00 2026\r\n"
    b"Message-ID: <1@example.org>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"Date: Thu, 1 Jan 2026 10:00:00 +0100\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    b"The pump broke.\r\n> I said so before.\r\n>From there it went on.\r\n\r\n"
    b"From bob@example.org Thu Jan  1 00:00:00 2026\r\n"
    b"Subject: no date\r\nContent-Type: text/html; charset=unknown-9\r\n\r\n"
    b"<html><style>p{}</style><p>Hello <b>there</b></p></html>\r\n\r\n"
    b"From eve@example.org Thu Jan  1 00:00:00 2026\r\n"
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
    b"Content-Type: application/pdf\r\n\r\nJVBERi0=\r\n--x--\r\n"
)


def test_a_mailbox_yields_the_text_of_its_mails(tmp_path: Path) -> None:
    path = tmp_path / "in.mbox"
    path.write_bytes(MAILBOX)

    first, second = (one for one in items_of(path) if isinstance(one, Document))

    assert first.title == "Grüße"
    assert first.text.splitlines() == ["The pump broke.", "From there it went on."]
    assert first.written_at == datetime.fromisoformat("2026-01-01T10:00:00+01:00")
    assert (second.title, second.text, second.written_at) == ("no date", "Hello there", None)
