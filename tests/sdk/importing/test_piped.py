"""Imports through a pipe: read once, told apart by content, and nothing of it stays on the disk."""

import io
import json
from pathlib import Path

import pytest
from tests.conftest import OpenAssistant
from tests.sdk.importing.conftest import Write, chatgpt

from homeward.errors import CannotRead, ImportCorrupt, UnknownFormat
from homeward.importing import piped

DATA = Path(__file__).parents[2] / "data"


class Pipe:
    """Bytes that can be read once, in pieces as small as a pipe's."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)
        self.ended = 0

    def read(self, size: int, /) -> bytes:
        piece = self._data.read(min(size, 4096))
        self.ended += not piece
        return piece


@pytest.mark.parametrize(
    ("name", "exchanges", "documents"),
    [
        ("import/gpt-split.zip", 2, 0),
        ("import/gpt-plain.json", 1, 0),
        ("import/gpt-bom.json", 1, 0),
        ("import/claude-attach.json", 1, 1),
        ("import/utf16le-bom.txt", 0, 1),
        ("import/crlf.md", 0, 1),
        ("mail/40-one-bad-date.mbox", 0, 40),
        ("mail/bom.mbox", 0, 1),
        ("import/empty.md", 0, 0),
    ],
)
def test_what_comes_through_a_pipe_is_told_by_its_content_and_read_once(
    open_assistant: OpenAssistant, name: str, exchanges: int, documents: int
) -> None:
    me = open_assistant()
    pipe = Pipe((DATA / name).read_bytes())

    taken = me.imports.stream(pipe)

    assert (taken.exchanges, taken.documents, taken.left_out_count) == (exchanges, documents, 0)
    assert pipe.ended == 1
    assert [one for one in me.profile.path.rglob("*") if one.suffix == ".part"] == []


def test_the_same_through_a_pipe_and_from_a_file_is_the_same(
    open_assistant: OpenAssistant, write: Write
) -> None:
    me = open_assistant()
    path = write([chatgpt(1)])

    me.imports.file(path)
    again = me.imports.stream(Pipe(path.read_bytes()))

    assert (again.exchanges, again.known) == (0, 2)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"%PDF-1.7 ...", ImportCorrupt),
        (b"\x89PNG....", UnknownFormat),
        (b'[{"mapping": ', ImportCorrupt),
        (b'{"messages": [{}], "type": "x"}', UnknownFormat),
        (b"PK\x03\x04 not really", ImportCorrupt),
        (b"caf\xe9", ImportCorrupt),
    ],
)
def test_what_cannot_be_imported_adds_nothing(
    open_assistant: OpenAssistant, data: bytes, error: type[Exception]
) -> None:
    me = open_assistant()

    with pytest.raises(error, match="standard input"):
        me.imports.stream(Pipe(data))

    assert me.profile.turns.count() == 0
    assert not me.profile.writings.all()


def test_a_pipe_that_does_not_end_is_refused(
    open_assistant: OpenAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(piped, "LARGEST", 10_000)

    with pytest.raises(CannotRead, match=r"longer than .* GiB"):
        open_assistant().imports.stream(Pipe(b"x" * 20_000))


@pytest.mark.parametrize(
    "text",
    ["[a link](https://x.test) I read.", "{{template}} text", "[ ] a task", "From next week on."],
)
def test_a_text_that_begins_like_another_format_is_a_text(text: str) -> None:
    assert piped.suffix_of(text.encode(), name="x") == ".txt"


def test_json_is_told_from_text_in_any_encoding() -> None:
    whole = json.dumps([chatgpt(1)], indent=1)

    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"):
        assert piped.suffix_of(whole.encode(encoding)[:1000], name="x") == ".json"
