"""Damaged, cut off, wrongly encoded, hostile: a typed error, and not a record of it is kept."""

import json
import os
import zipfile
from pathlib import Path

import pytest
from tests.conftest import OpenAssistant
from tests.sdk.importing.conftest import Write, chatgpt

from homeward.errors import CannotImport, CannotRead, CannotSee, ImportCorrupt, UnknownFormat
from homeward.importing.chats import json_array

WHOLE = json.dumps([chatgpt(n) for n in range(40)]).encode()


def corrupt(name: str, content: bytes) -> tuple[str, bytes, type[CannotImport]]:
    return name, content, ImportCorrupt


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        corrupt("conversations.json", WHOLE[:-1]),
        corrupt("conversations.json", WHOLE[: len(WHOLE) // 2]),
        corrupt("conversations.json", WHOLE + b" more"),
        corrupt("conversations.json", b""),
        ("conversations.json", b'{"a": 1}', UnknownFormat),
        ("conversations.json", b"[1, 2]", UnknownFormat),
        ("conversations.json", b'[{"a": "b"}]', UnknownFormat),
        corrupt("conversations.json", WHOLE.replace(b"Leeds", b"\xff\xfe", 1)),
        corrupt("conversations.json", WHOLE.decode().encode("utf-16")[:-1]),
        corrupt("conversations.json", b"[" * 200_000),
        corrupt("export.zip", b"PK\x03\x04 not really"),
        corrupt("notes.txt", b"caf\xe9 au lait"),
        corrupt("notes.txt", "café".encode("utf-16-be")[:-1]),
        corrupt("notes.md", b"\x00\x01\x02"),
        corrupt("in.mbox", b"Subject: no\n\nFrom the start it is wrong"),
        ("film.mp4", b"....", UnknownFormat),
        ("photo.png", b"\x89PNG", CannotSee),
    ],
)
def test_a_bad_file_adds_nothing(
    open_assistant: OpenAssistant,
    tmp_path: Path,
    name: str,
    content: bytes,
    error: type[CannotImport],
) -> None:
    me = open_assistant()
    (tmp_path / name).write_bytes(content)

    with pytest.raises(error, match=name) as raised:
        me.imports.file(tmp_path / name)

    assert "Leeds" not in str(raised.value)
    assert me.profile.turns.count() == me.profile.memories.count() == 0
    assert not me.profile.writings.all()


def test_damaged_archives_add_nothing(
    open_assistant: OpenAssistant, write: Write, tmp_path: Path
) -> None:
    me = open_assistant()
    whole = write([chatgpt(n) for n in range(40)], "export.zip").read_bytes()
    damaged = bytearray(whole)
    damaged[len(damaged) // 3] ^= 255
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("photos.bin", "[]")
    with zipfile.ZipFile(tmp_path / "name.zip", "w") as archive:
        archive.writestr("conversations_é.json", "[]")
    named = (tmp_path / "name.zip").read_bytes()
    (tmp_path / "name.zip").write_bytes(named.replace("é".encode(), b"\xe0\x20"))
    (tmp_path / "short.zip").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "flipped.zip").write_bytes(damaged)

    for name, error in (
        ("short.zip", ImportCorrupt),
        ("flipped.zip", ImportCorrupt),
        ("name.zip", ImportCorrupt),
        ("other.zip", UnknownFormat),
        ("absent.zip", CannotRead),
    ):
        with pytest.raises(error, match=name):
            me.imports.file(tmp_path / name)
    assert me.profile.turns.count() == 0


def test_one_huge_entry_is_refused(
    open_assistant: OpenAssistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_array, "LARGEST", 1 << 20)
    (tmp_path / "huge.json").write_bytes(b'[{"a": "' + b"x" * (4 << 20) + b'"}]')

    with pytest.raises(ImportCorrupt, match=r"huge\.json: one text is larger than 1 MiB"):
        open_assistant().imports.file(tmp_path / "huge.json")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everywhere")
def test_what_may_not_be_read_is_said(open_assistant: OpenAssistant, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "notes.txt").chmod(0)

    with pytest.raises(CannotRead):
        open_assistant().imports.file(tmp_path / "notes.txt")
