"""Mails: what their writers wrote, in any charset and form, and nothing of whom they answered."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.sdk.importing.mail.replies import CATS, REPLIES, Reply

from homeward.importing import Document, LeftOut, items_of
from homeward.importing.mail import flowed, mbox
from homeward.importing.mail.charsets import Charsets
from homeward.importing.mail.page import lines_of
from homeward.importing.mail.quoting import own_words, plain_lines

FROM = b"From me@x.test Thu Feb 29 23:30:00 2024\n"


def texts_of(path: Path, content: bytes) -> list[str]:
    path.write_bytes(content)
    return [one.text for one in items_of(path) if isinstance(one, Document)]


@pytest.mark.parametrize("reply", REPLIES, ids=lambda one: one.name)
def test_what_the_person_wrote_stays_and_what_others_wrote_goes(reply: Reply) -> None:
    body, is_html = reply.body, reply.is_html
    lines = lines_of(body, spend=lambda _: None) if is_html else plain_lines(body)

    own = own_words(lines)

    assert own.split() == reply.own.split()


def test_of_a_page_the_paragraphs_stay_apart_and_the_lines_of_a_paragraph_together() -> None:
    page = "<p>One\nline.</p><p>Another<br>and its next.</p><div>A third</div><pre>a  b\n c</pre>"

    own = own_words(lines_of(page, spend=lambda _: None))

    assert own == "One line.\n\nAnother\nand its next.\nA third\na  b\n c"


@pytest.mark.parametrize("size", [90, 97, 131, 1 << 18])
@pytest.mark.parametrize("first", [FROM, b"From - 2024-02-29 23:30:00\n", b"From a\n"])
def test_mails_are_told_apart_by_senders_and_dates_wherever_a_block_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, first: bytes
) -> None:
    monkeypatch.setattr(mbox, "_BLOCK", size)
    texts = [f"number {n}\nFrom here on: it rains" for n in range(30)]
    mails = [first + b"Subject: x\n\n" + text.encode() + b"\n" for text in texts]

    assert texts_of(tmp_path / "in.mbox", b"\n".join(mails)) == texts


def test_a_sentence_that_begins_with_from_begins_no_mail(tmp_path: Path) -> None:
    sentences = [
        "From next week on I live in Porto.",
        "From 5 Feb 2024 at 10:15 on I slept.",
        "From Thu Feb 29 on I am ill.",
        "From now on: no.",
    ]
    text = "\n\n".join(["I moved.", *sentences, "Bye."])
    content = FROM + b"Subject: x\n\n" + text.encode() + b"\n\n" + FROM + b"\nSecond.\n"

    assert texts_of(tmp_path / "in.mbox", content) == [text, "Second."]


def test_attachments_however_long_do_not_end_the_text(tmp_path: Path) -> None:
    attachment = (
        b"--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(bytes(15 << 20))
    )
    text = b"--b\nContent-Type: text/plain\n\nI live in Porto.\n"
    head = FROM + b"Content-Type: multipart/mixed; boundary=b\n\n"
    mails = [head + attachment * 2 + text + b"--b--\n", head + text + attachment + b"--b--\n"]

    assert texts_of(tmp_path / "in.mbox", b"\n".join(mails)) == ["I live in Porto."] * 2


PLAIN, PAGE = b"Content-Type: text/plain\n\n", b"Content-Type: text/html\n\n"
FILE = b'Content-Type: text/plain\nContent-Disposition: inline; filename="a.txt"\n\nNora is tall.'
PICTURE = b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\nAAAA"


@pytest.mark.parametrize(
    ("kind", "parts", "text"),
    [
        (
            "mixed",
            [PLAIN + b"I live here:", PICTURE, PLAIN + b"In Porto."],
            "I live here:\n\nIn Porto.",
        ),
        (
            "mixed",
            [PAGE + b"<p>I live here:", PICTURE, PAGE + b"<p>In Porto."],
            "I live here:\n\nIn Porto.",
        ),
        ("mixed", [PLAIN + b"See the file.", FILE], "See the file."),
        ("alternative", [PLAIN + b"I live in Porto.", PAGE + b"<p>The same."], "I live in Porto."),
        ("alternative", [PAGE + b"<p>The same.", PLAIN + b"I live in Porto."], "I live in Porto."),
        ("alternative", [PLAIN + b" ", PAGE + b"<p>I live in Porto."], "I live in Porto."),
        ("related", [PAGE + b"<p>I live in Porto.", PICTURE], "I live in Porto."),
    ],
)
def test_all_parts_that_are_the_text_are_read_and_of_alternatives_one(
    tmp_path: Path, kind: str, parts: list[bytes], text: str
) -> None:
    head = FROM + f"Content-Type: multipart/{kind}; boundary=b\n\n".encode()
    body = b"".join(b"--b\n" + part + b"\n" for part in parts) + b"--b--\n"

    assert texts_of(tmp_path / "in.mbox", head + body) == [text]


def test_a_text_that_is_too_long_is_left_out_and_not_cut(tmp_path: Path) -> None:
    long = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + b"word " * 800_000 + b"\n--b--\n"
    )
    (tmp_path / "in.mbox").write_bytes(FROM + long + b"\n" + FROM + b"\nShort.\n")

    left, short = items_of(tmp_path / "in.mbox")

    assert left == LeftOut("in.mbox, mail 1", "its text is longer than 2 MiB")
    assert isinstance(short, Document)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("one \ntwo \nthree\n\nfour", "one two three\n\nfour"),
        (" From here\n > no quote", "From here\n> no quote"),
        ("> you \n> asked\nYes.", "> you asked\nYes."),
        ("bye \n-- \nAda ", "bye \n-- \nAda "),
        ("> one \n>> two \nthree", "> one \n>> two \nthree"),
    ],
)
def test_lines_that_a_program_broke_are_joined(body: str, text: str) -> None:
    assert flowed.joined(body, delete_space=False) == text
    assert flowed.joined("ein \nwort", delete_space=True) == "einwort"


GERMAN = "Ich wohne in München und mag Käse. "
RUSSIAN = "Я живу в Москве и люблю читать книги по вечерам. "
CHINESE = "我住在成都，喜欢吃火锅和散步。"


@pytest.mark.parametrize(
    ("text", "written", "declared"),
    [
        (GERMAN, "utf-8", ""),
        (GERMAN, "utf-8", "us-ascii"),
        (GERMAN, "utf-8", "iso-8859-1"),
        (GERMAN, "utf-8", "x-unknown"),
        (GERMAN, "cp1252", ""),
        (GERMAN, "cp1252", "utf-8"),
        ("Er sagte „ja“ – für 5 €. ", "cp1252", "iso-8859-1"),
        (RUSSIAN, "koi8-r", ""),
        (RUSSIAN, "cp1251", "us-ascii"),
        (CHINESE, "gbk", "gb2312"),
        (CHINESE, "gbk", ""),
        ("私は東京に住んでいます。寿司が好きです。", "shift_jis", ""),
        ("저는 서울에 살고 있습니다. 김치를 좋아해요.", "euc_kr", "unknown-8bit"),
    ],
)
def test_a_charset_is_believed_where_it_fits_and_found_where_it_does_not(
    text: str, written: str, declared: str
) -> None:
    assert Charsets().decoded((text * 3).encode(written), declared) == text * 3


def test_a_byte_that_does_not_fit_costs_one_letter() -> None:
    raw = GERMAN.encode() + b"\xff" + GERMAN.encode()

    assert Charsets().decoded(raw, "utf-8") == f"{GERMAN}\N{REPLACEMENT CHARACTER}{GERMAN}"


def test_files_written_into_the_text_are_no_words(tmp_path: Path) -> None:
    body = b"I send it.\n\nbegin 644 a.txt\n#22!L\n`\nend\n\nI begin 644 new lives.\n"

    assert texts_of(tmp_path / "in.mbox", FROM + b"\n" + body) == [
        "I send it.\n\nI begin 644 new lives."
    ]


def test_a_mail_that_only_quotes_is_left_out_with_a_word(tmp_path: Path) -> None:
    (tmp_path / "in.mbox").write_bytes(FROM + b"\n> " + CATS.encode() + b"\n")

    [left] = items_of(tmp_path / "in.mbox")

    assert left == LeftOut("in.mbox, mail 1", "it has no text, or all of it is quoted from others")


def test_dates_that_no_calendar_has_are_dropped_and_those_to_come_are_now(tmp_path: Path) -> None:
    dates = ["Fri, 31 Dec 9999 23:59:59 -1200", "Thu, 30 Feb 2024 25:61:00 +9999", "no date", ""]
    ahead = "Fri, 1 Jan 2100 00:00:00 +0000"
    mails = [FROM + f"Date: {one}\n\nText {n}.\n".encode() for n, one in enumerate([*dates, ahead])]
    (tmp_path / "in.mbox").write_bytes(b"\n".join(mails))

    items = [one for one in items_of(tmp_path / "in.mbox") if isinstance(one, Document)]

    assert [one.written_at for one in items[:4]] == [None] * 4
    assert items[4].written_at is not None
    assert items[4].written_at <= datetime.now(UTC)
