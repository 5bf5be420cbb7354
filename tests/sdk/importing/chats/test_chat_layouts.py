"""Exports of chats with holes, branches and layouts of other years: the most that can be read."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.sdk.importing.conftest import Write, chatgpt, claude

from homeward.errors import ImportCorrupt, UnknownFormat
from homeward.importing import ImportedExchange, LeftOut, items_of
from homeward.importing.chats import json_array
from homeward.importing.chats.json_text import WholeCharacters

Conversation = dict[str, Any]


def said(path: Path) -> list[str]:
    return [one.asked for one in items_of(path) if isinstance(one, ImportedExchange)]


def left_out(path: Path) -> list[str]:
    return [str(one) for one in items_of(path) if isinstance(one, LeftOut)]


def branched(*, leaf: object = "gone", newer: str = "u2") -> Conversation:
    """Return a conversation of ChatGPT with two branches, of which `newer` is the later one."""
    mapping: dict[str, Any] = {"root": {"message": None, "parent": None, "children": ["u1", "u2"]}}
    for key in ("u1", "u2"):
        message = {
            "author": {"role": "user"},
            "content": {"content_type": "text", "parts": [f"I live in {key}."]},
            "create_time": 2_000_000_000 / 2 + (key == newer),
        }
        mapping[key] = {"message": message, "parent": "root", "children": []}
    return {"id": "c", "mapping": mapping, "current_node": leaf}


@pytest.mark.parametrize("leaf", ["gone", None, 7, ["u1"], ""])
@pytest.mark.parametrize("newer", ["u1", "u2"])
def test_without_the_current_message_the_newest_branch_is_read(
    write: Write, leaf: object, newer: str
) -> None:
    assert said(write([branched(leaf=leaf, newer=newer)])) == [f"I live in {newer}."]


def test_the_current_message_wins_over_a_newer_one(write: Write) -> None:
    assert said(write([branched(leaf="u1", newer="u2")])) == ["I live in u1."]


@pytest.mark.parametrize("hole", [None, 7, "x", {"message": 3}, {"message": "x", "parent": None}])
def test_a_hole_on_the_way_costs_one_message(write: Write, hole: object) -> None:
    conversation = chatgpt(1, asks=("I own a bike.", "I live in Leeds.", "I keep bees."))
    mapping = conversation["mapping"]
    mapping["reply0"]["children"] = ["ask1"]
    mapping["ask1"]["children"] = ["tool1"]
    mapping["ask1"] = {**hole, "children": ["tool1"]} if isinstance(hole, dict) else hole
    path = write([conversation])

    assert said(path)[-1] == "I keep bees."
    assert len(left_out(path)) == 1
    if isinstance(hole, dict):
        assert said(path) == ["I own a bike.", "I keep bees."]


def test_messages_that_lead_in_a_circle_are_read_once(write: Write) -> None:
    conversation = chatgpt(1)
    conversation["mapping"]["root"]["parent"] = "reply1"

    assert said(write([conversation])) == ["I live in Leeds.", "I own a bike."]


@pytest.mark.parametrize(
    "content",
    [
        {"content_type": "text", "text": "I moved to Porto."},
        {"content_type": "voice_of_2031", "parts": ["I moved to Porto."]},
        {"content_type": "audio_transcription", "text": "I moved to Porto.", "direction": "in"},
        {"content_type": "multimodal_text", "parts": [None, 7, {"text": "I moved to Porto."}, []]},
        {"parts": ["I moved to Porto."]},
    ],
)
def test_what_a_newer_layout_calls_its_text_is_read(write: Write, content: Conversation) -> None:
    conversation = chatgpt(1, asks=("x",))
    conversation["mapping"]["ask0"]["message"]["content"] = content

    assert said(write([conversation])) == ["I moved to Porto."]


@pytest.mark.parametrize(
    "changed",
    [
        {"metadata": {"is_visually_hidden_from_conversation": True}},
        {"metadata": {"is_user_system_message": True}},
        {"recipient": "bio"},
        {"author": {"role": "system"}},
        {"author": {"role": "tool"}},
        {"content": {"content_type": "user_editable_context", "user_profile": "I am tall."}},
        {"content": {"content_type": "execution_output", "text": "42"}},
    ],
)
def test_what_nobody_said_in_the_conversation_is_nobodys_words(
    write: Write, changed: Conversation
) -> None:
    conversation = chatgpt(1)
    conversation["mapping"]["ask0"]["message"] |= changed
    path = write([conversation])

    assert said(path) == ["I own a bike."]
    assert left_out(path) == []


def test_a_message_without_a_text_is_left_out_with_a_word(write: Write) -> None:
    conversation = chatgpt(1)
    pointer = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://1"}
    message = conversation["mapping"]["ask0"]["message"]
    message["content"] = {"content_type": "multimodal_text", "parts": [pointer]}
    path = write([conversation])

    assert said(path) == ["I own a bike."]
    assert left_out(path) == [
        "conversations.json, entry 1, message 2: it holds no text that can be read"
    ]


def answers(*texts: str, **of_second: object) -> Conversation:
    """Return a conversation of Claude in which the person says these texts, one after the other."""
    messages: list[Any] = [
        {"uuid": f"m{n}", "sender": "human", "text": text, "created_at": f"2025-03-0{n + 1}"}
        for n, text in enumerate(texts)
    ]
    messages[1] |= of_second
    return {"uuid": "k", "chat_messages": messages}


@pytest.mark.parametrize("parent", [None, "gone", 7, ""])
def test_messages_of_claude_without_a_known_parent_follow_each_other(
    write: Write, parent: object
) -> None:
    path = write([answers("I own a bike.", "I keep bees.", parent_message_uuid=parent)])

    assert said(path) == ["I own a bike.", "I keep bees."]


def test_of_claudes_branches_the_newest_is_read_where_none_is_named(write: Write) -> None:
    root = "00000000-0000-4000-8000-000000000000"
    edited = answers("I live in Lyon.", "I live in Nantes.", parent_message_uuid=root)
    named = {**edited, "current_leaf_message_uuid": "m0"}

    assert said(write([edited])) == ["I live in Nantes."]
    assert said(write([named])) == ["I live in Lyon."]
    assert said(write([{**edited, "current_leaf_message_uuid": "gone"}])) == ["I live in Nantes."]


@pytest.mark.parametrize("uuid", [None, "m0", 7])
def test_messages_of_claude_without_names_of_their_own_are_all_read(
    write: Write, uuid: object
) -> None:
    path = write([answers("I own a bike.", "I keep bees.", uuid=uuid)])

    assert said(path) == ["I own a bike.", "I keep bees."]
    assert len({one.digest for one in items_of(path) if isinstance(one, ImportedExchange)}) == 2


@pytest.mark.parametrize("hole", [None, 7, "x", [], {"sender": None, "text": "x"}, {"text": "x"}])
def test_a_message_of_claude_without_a_sender_is_left_out(write: Write, hole: object) -> None:
    conversation = answers("I own a bike.", "x", "I keep bees.")
    conversation["chat_messages"][1] = hole
    path = write([conversation])

    assert said(path) == ["I own a bike.", "I keep bees."]
    assert left_out(path) == ["conversations.json, entry 1, message 2: it does not name its writer"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("block", [7, 64, 1 << 20])
def test_every_encoding_of_unicode_is_read(
    write: Write, monkeypatch: pytest.MonkeyPatch, encoding: str, block: int
) -> None:
    monkeypatch.setattr(json_array, "_BLOCK", block)
    path = write([chatgpt(1, asks=("Ich wohne in München 🙂.",))])
    whole = json.dumps(json.loads(path.read_text(encoding="utf-8")), ensure_ascii=False)
    path.write_bytes(whole.encode(encoding))

    assert said(path) == ["Ich wohne in München 🙂."]


class Blocks:
    """A file that is read so many bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._size = data, size

    def read(self, size: int, /) -> bytes:
        size = min(size, self._size)
        piece, self._data = self._data[:size], self._data[size:]
        return piece


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 7, 11, 12, 13, 1000])
def test_halves_of_characters_are_marked_wherever_a_block_ends(size: int) -> None:
    text = (
        r'["a\ud83d", "\ude00b", "\ud83d\ude00", "\\ud83d", "\\\ud83d\\", "\ud83d\ud83d\ude00",'
        r' "\uD83D\uDE00\uDE00", "\n\t\"", "\\\\ud83d"]'
    )
    file = WholeCharacters(Blocks(text.encode(), size))

    read = b"".join(iter(lambda: file.read(1000), b""))

    expected = [
        one.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        for one in json.loads(text)
    ]
    assert json.loads(read) == expected


@pytest.mark.parametrize(
    ("time", "read"),
    [
        (1_700_000_001, 1_700_000_001),
        (1_700_000_001_000, 1_700_000_001),
        ("1700000001.5", 1_700_000_001.5),
        ("2023-11-14T22:13:21Z", 1_700_000_001),
        (-1e30, 1_600_000_000),
        (True, 1_600_000_000),
        ("yesterday", 1_600_000_000),
        ({}, 1_600_000_000),
    ],
)
def test_times_of_every_kind_are_read_or_that_of_the_conversation_holds(
    write: Write, time: object, read: float
) -> None:
    conversation = chatgpt(1, asks=("I own a bike.",))
    conversation["mapping"]["ask0"]["message"]["create_time"] = time

    [item] = items_of(write([conversation]))

    assert isinstance(item, ImportedExchange)
    assert item.asked_at == datetime.fromtimestamp(read, UTC)


def test_a_chat_that_is_dated_after_now_is_dated_now(write: Write) -> None:
    conversation = chatgpt(1, asks=("I own a bike.",))
    conversation["mapping"]["ask0"]["message"]["create_time"] = 4_000_000_000

    [item] = items_of(write([conversation]))

    assert isinstance(item, ImportedExchange)
    assert item.asked_at <= datetime.now(UTC)


def test_one_conversation_over_a_bound_is_left_out_and_the_others_are_read(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_array, "LARGEST", 200_000)
    monkeypatch.setattr(json_array, "_BLOCK", 10_000)
    long = claude(2)
    long["chat_messages"] *= 2_000
    deep: list[Any] = []
    for _ in range(150):
        deep = [deep]
    path = write([chatgpt(1), long, {"mapping": deep}, claude(3)])

    assert said(path) == ["I live in Leeds.", "I own a bike.", "My cello is blue."]
    assert [one.partition(": ")[2] for one in left_out(path)] == [
        "it is larger than 0 MiB",
        "it is nested deeper than 100 levels",
    ]


def test_one_list_of_an_archive_that_is_none_costs_the_others_nothing(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("conversations-000.json", json.dumps([chatgpt(1)]))
        archive.writestr("conversations_index.json", '{"files": []}')

    assert said(tmp_path / "a.zip") == ["I live in Leeds.", "I own a bike."]
    [left] = left_out(tmp_path / "a.zip")
    assert left.startswith("a.zip/conversations_index.json: it is the list of files")


def test_whatever_stands_in_an_entry_only_that_entry_is_lost(write: Write) -> None:
    odd: list[Any] = [None, 7, "x", [], {}, {"mapping": 7}, {"chat_messages": {}}, {"uuid": "x"}]
    path = write([chatgpt(1), *odd, claude(2)])

    assert said(path) == ["I live in Leeds.", "I own a bike.", "My cello is blue."]
    assert len(left_out(path)) == len(odd)


@pytest.mark.parametrize(
    ("content", "error", "what"),
    [
        ("{}", UnknownFormat, "no list of conversations"),
        ('"x"', UnknownFormat, "no list of conversations"),
        ('{"mapping": {}, "title": "x"}', UnknownFormat, "one conversation of ChatGPT"),
        ('{"chat_messages": []}', UnknownFormat, "one conversation of Claude"),
        ('[{"textContent": "x"}]', UnknownFormat, "Google Keep"),
        ('[{"a": 1}, {"b": 2}]', UnknownFormat, "none of its 2 entries"),
        ('{"mapping": {}', ImportCorrupt, "cut off"),
    ],
)
def test_other_json_is_named_for_what_it_is(
    tmp_path: Path, content: str, error: type[Exception], what: str
) -> None:
    (tmp_path / "a.json").write_text(content)

    with pytest.raises(error, match=what):
        list(items_of(tmp_path / "a.json"))
