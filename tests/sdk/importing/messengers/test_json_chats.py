"""Chats that Telegram and Google Chat export as JSON."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeward.errors import ImportCorrupt, UnknownFormat, WriterUnknown
from homeward.importing import Document, LeftOut, items_of
from homeward_store import Origin


def _message(number: int, writer: str, text: object, **more: object) -> dict[str, Any]:
    return {
        "id": number,
        "type": "message",
        "date": "2024-02-29T23:30:00",
        "date_unixtime": "1709249400",
        "from": writer,
        "from_id": f"user{len(writer)}",
        "text": text,
        **more,
    }


MESSAGES = [
    {"id": 0, "type": "service", "action": "create_group", "text": ""},
    _message(1, "Me", "I bought a kayak."),
    _message(2, "Nora", ["Nice ", {"type": "bold", "text": "boat"}]),
    _message(3, "Me", "", photo="photos/1.jpg"),
    _message(4, "Me", "Cats are fine.", forwarded_from="Nora"),
    {"id": 5, "type": "message", "text": "no writer"},
    None,
]


def _read(path: Path, value: object, **how: Any) -> list[object]:
    path.write_text(json.dumps(value), encoding="utf-8")
    return list(items_of(path, **how))


def test_each_message_of_telegram_is_its_writers(tmp_path: Path) -> None:
    chat = {"name": "Trip", "type": "private_group", "id": 1, "messages": MESSAGES}

    items = _read(tmp_path / "result.json", chat, i_am="me")

    found = [one for one in items if isinstance(one, Document)]
    assert [(one.origin, one.text) for one in found] == [
        (Origin.PERSON, "I bought a kayak."),
        (Origin.DOCUMENT, "Nora: Nice boat"),
        (Origin.DOCUMENT, "forwarded by Me: Cats are fine."),
    ]
    assert found[0].title == "result.json: Trip, message 2"
    assert found[0].written_at == datetime(2024, 2, 29, 23, 30, tzinfo=UTC)
    assert sum(isinstance(one, LeftOut) for one in items) == 2


def test_an_export_of_all_chats_says_who_the_person_is(tmp_path: Path) -> None:
    export = {
        "about": "…",
        "personal_information": {"user_id": 2, "first_name": "Me"},
        "contacts": {"list": [{"user_id": 4, "first_name": "Nora"}]},
        "chats": {
            "about": "…",
            "list": [
                {"name": "Nora", "type": "personal_chat", "id": 4, "messages": MESSAGES[1:3]},
                {"name": None, "type": "saved_messages", "id": 9, "messages": MESSAGES[1:2]},
            ],
        },
    }

    items = _read(tmp_path / "result.json", export)

    found = [one for one in items if isinstance(one, Document)]
    assert [one.origin for one in found] == [Origin.PERSON, Origin.DOCUMENT, Origin.PERSON]


def test_google_chat_is_read_by_name_or_address(tmp_path: Path) -> None:
    day = "Thursday, February 29, 2024 at 11:30:00\u202fPM UTC"
    me, nora = {"name": "Me", "email": "me@x.test"}, {"name": "Nora", "email": "n@x.test"}
    messages = [
        {"creator": me, "created_date": day, "text": "I am here."},
        {"creator": nora, "created_date": day, "text": "Good."},
        {"creator": me, "created_date": "junk", "attached_files": []},
    ]

    for i_am in ("Me", "me@x.test"):
        items = _read(tmp_path / "messages.json", {"messages": messages}, i_am=i_am)
        found = [one for one in items if isinstance(one, Document)]
        assert [one.origin for one in found] == [Origin.PERSON, Origin.DOCUMENT]
        assert found[0].written_at == datetime(2024, 2, 29, 23, 30, tzinfo=UTC)
        assert sum(isinstance(one, LeftOut) for one in items) == 1


def test_who_the_person_is_has_to_be_said(tmp_path: Path) -> None:
    for i_am in (None, "Ada"):
        with pytest.raises(WriterUnknown, match=r"result\.json"):
            _read(tmp_path / "result.json", {"messages": MESSAGES}, i_am=i_am)


def test_messages_of_another_program_are_named(tmp_path: Path) -> None:
    others = {"participants": [], "messages": [{"sender_name": "Me", "content": "Hi"}]}

    with pytest.raises(UnknownFormat, match="not as Telegram"):
        _read(tmp_path / "message_1.json", others, i_am="Me")


def test_a_chat_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    text = json.dumps({"name": "a", "messages": MESSAGES})
    for end in (20, 100, len(text) - 3):
        (tmp_path / "a.json").write_text(text[:end], encoding="utf-8")
        with pytest.raises((ImportCorrupt, UnknownFormat)):
            list(items_of(tmp_path / "a.json", i_am="Me"))


def test_one_message_over_a_bound_is_left_out(tmp_path: Path) -> None:
    deep: object = "x"
    for _ in range(200):
        deep = [deep]
    messages = [*MESSAGES, {"type": "message", "from": "Me", "text": deep}]

    items = _read(tmp_path / "a.json", {"messages": messages}, i_am="Me")

    assert sum(isinstance(one, Document) for one in items) == 3
    assert "nested deeper" in str(items[-1])
