"""Chats of WhatsApp, as phones of both kinds and of several languages export them."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from homeward.errors import WriterUnknown
from homeward.importing import Document, LeftOut, items_of
from homeward.importing.messengers import whatsapp
from homeward.importing.named_file import NamedFile
from homeward_store import Origin


def _read(text: str, i_am: str | None = "Me") -> list[object]:
    return list(whatsapp.documents(NamedFile(io.BytesIO(text.encode()), "chat.txt", None, i_am)))


def _time(stamp: str, more: str = "") -> datetime:
    [item, *_] = _read(f"{stamp} Me: I live in Porto.\n{more}")
    assert isinstance(item, Document)
    assert item.written_at is not None
    return item.written_at.astimezone().replace(tzinfo=None)


@pytest.mark.parametrize(
    "stamp",
    [
        "[29.02.24, 23:30:00]",
        "\u200e[29/02/2024, 23:30:00]",
        "[29/02/2024, 11:30:00 PM]",
        "[2/29/24, 11:30:00\u202fPM]",
        "29/02/2024, 23:30 -",
        "29.02.24, 23:30 -",
        "2/29/24, 11:30 PM -",
        "2/29/24, 11:30\u202fpm -",
        "29/2/24, 11:30 p. m. -",
        "29/02/2024, 11:30 p.\xa0m. -",
        "29/02/2024 à 23:30 -",
        "29.2.2024 klo 23.30 -",
        "29-02-2024 23:30 -",
        "2024-02-29, 23:30 -",
        "2024/2/29 下午11:30 -",
        "2024. 02. 29. 23:30 -",
    ],
)
def test_times_are_read_as_phones_write_them(stamp: str) -> None:
    assert _time(stamp) == datetime(2024, 2, 29, 23, 30)


@pytest.mark.parametrize(("stamp", "hour"), [("12:05 AM", 0), ("12:05 PM", 12), ("1:05 PM", 13)])
def test_noon_and_midnight_are_told_apart(stamp: str, hour: int) -> None:
    assert _time(f"2/29/24, {stamp} -").hour == hour


def test_which_number_is_the_day_is_told_by_the_whole_chat() -> None:
    assert _time("03/04/2024, 10:00 -", "25/04/2024, 10:00 - Me: Later on.\n").month == 4
    assert _time("03/04/2024, 10:00 -", "03/25/2024, 10:00 - Me: Later on.\n").month == 3
    rising = "02/04/2024, 10:00 - Me: Then.\n03/03/2024, 10:00 - Me: Then.\n"
    assert _time("01/05/2024, 10:00 -", rising).month == 1


CHAT = """\
\u200e[29.02.24, 23:30:00] Nora: \u200eMessages and calls are end-to-end encrypted.
[29.02.24, 23:31:00] ~\u202fMe: I bought a red kayak.
It cost 900: too much.
\u200e[29.02.24, 23:31:30] ~\u202fMe: \u200e<attached: 00000012-PHOTO.jpg>
[29.02.24, 23:32:00] Nora: I am allergic to cats, remember!
[29.02.24, 23:32:00] Nora: I am allergic to cats, remember!
[29.02.24, 23:33:00] ~\u202fMe: I will. \u200e<This message was edited>
[29.02.24, 23:34:00] Nora created group "Trip: 2024"
"""


def test_each_message_is_its_writers_and_what_nobody_wrote_is_left_out() -> None:
    items = _read(CHAT, "me")

    said = [(one.origin, one.text) for one in items if isinstance(one, Document)]
    assert said == [
        (Origin.PERSON, "I bought a red kayak.\nIt cost 900: too much."),
        (Origin.DOCUMENT, "Nora: I am allergic to cats, remember!"),
        (Origin.DOCUMENT, "Nora: I am allergic to cats, remember!"),
        (Origin.PERSON, "I will."),
    ]
    assert len({one.digest for one in items if isinstance(one, Document)}) == 4
    assert [one.where for one in items if isinstance(one, LeftOut)] == [
        "chat.txt, message 1",
        "chat.txt, message 3",
    ]


def test_an_android_chat_is_read_without_its_media_and_notices() -> None:
    items = _read(
        "29/02/2024, 23:30 - Messages are end-to-end encrypted.\n"
        "29/02/2024, 23:31 - Me: <Media omitted>\n"
        "29/02/2024, 23:31 - Me: <Medien ausgeschlossen>\n"
        "29/02/2024, 23:32 - Me: IMG-20240229-WA0001.jpg (file attached)\nOur new fig tree.\n"
        "29/02/2024, 23:33 - Nora: This message was deleted\n"
        "29/02/2024, 23:34 - Nora: I <3 figs\n"
    )

    assert [one.text for one in items if isinstance(one, Document)] == [
        "Our new fig tree.",
        "Nora: I <3 figs",
    ]
    assert sum(isinstance(one, LeftOut) for one in items) == 2


def test_a_longer_export_of_the_same_chat_holds_the_same_messages() -> None:
    first = {one.digest for one in _read(CHAT) if isinstance(one, Document)}
    later = [
        one
        for one in _read(CHAT + "[01.03.24, 08:00:00] Nora: Good morning to you.\n")
        if isinstance(one, Document)
    ]

    assert [one.text for one in later if one.digest not in first] == ["Nora: Good morning to you."]


@pytest.mark.parametrize(("i_am", "said"), [(None, "a chat of 2 people"), ("Ada", "none of the 2")])
def test_who_the_person_is_has_to_be_said(i_am: str | None, said: str) -> None:
    with pytest.raises(WriterUnknown, match=said) as raised:
        _read(CHAT, i_am)

    assert "Nora" not in str(raised.value)


def test_a_zip_of_whatsapp_is_read_and_its_media_are_counted(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "chat.zip", "w") as archive:
        archive.writestr("_chat.txt", CHAT)
        archive.writestr("00000012-PHOTO.jpg", b"x")

    items = list(items_of(tmp_path / "chat.zip", i_am="Me"))
    refused = list(items_of(tmp_path / "chat.zip"))

    assert sum(isinstance(one, Document) for one in items) == 4
    assert "images" in str(items[-1])
    assert "say by which name" in str(refused[0])


@pytest.mark.parametrize(
    "text",
    [
        "29.02.2024 was a day on which I planted a tree.\nAnd then nothing more.\nOr so.\nYes.",
        "We planted a fig tree.\n29/02/2024, 23:31 - it grew.",
        "2024-02-29 10:00 - a line of a log\nmore\nmore\nmore\nmore",
        "",
    ],
)
def test_a_text_with_days_in_it_is_a_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")

    assert [one.text for one in items_of(tmp_path / "a.txt") if isinstance(one, Document)] == (
        [text] if text else []
    )


def test_times_are_those_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    [item] = _read("29/02/2024, 23:30 - Me: I live in Porto.")

    assert isinstance(item, Document)
    assert item.written_at is not None
    assert item.written_at.astimezone(UTC) == datetime(2024, 2, 29, 23, 30).astimezone(UTC)
