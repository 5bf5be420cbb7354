"""Notes of Keep, questions to Gemini, and what Claude exports beside its chats."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from homeward.importing import Document, ImportedExchange, LeftOut, items_of
from homeward_store import Origin


def _write(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_a_note_of_keep_has_its_list_its_day_and_its_labels(tmp_path: Path) -> None:
    note = {
        "title": "Trip",
        "textContent": "We go to Porto.",
        "listContent": [{"text": "tent", "isChecked": True}, {"text": "stove"}, {}, None],
        "labels": [{"name": "travel"}],
        "isTrashed": False,
        "userEditedTimestampUsec": 1_600_000_000_000_000,
    }

    [item, *others] = items_of(_write(tmp_path / "a.json", note))

    assert isinstance(item, Document)
    assert item.title == "a.json: Trip (tags: travel)"
    assert item.text == "Trip\n\nWe go to Porto.\n- [x] tent\n- [ ] stove"
    assert item.written_at == datetime.fromtimestamp(1_600_000_000, UTC)
    assert item.origin is None
    assert others == []


@pytest.mark.parametrize(
    ("note", "why"),
    [
        ({"textContent": "x", "isTrashed": True}, "trash"),
        ({"textContent": "", "title": ""}, "without text"),
    ],
)
def test_a_note_that_was_thrown_away_or_is_empty_is_left_out(
    tmp_path: Path, note: dict[str, object], why: str
) -> None:
    [item] = items_of(_write(tmp_path / "a.json", note))

    assert isinstance(item, LeftOut)
    assert why in item.why


def test_a_takeout_is_read_once_where_its_notes_come_in_two_forms(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "takeout.zip", "w") as archive:
        archive.writestr("Takeout/Keep/Trip.json", json.dumps({"textContent": "We go to Porto."}))
        archive.writestr("Takeout/Keep/Trip.html", "<p>We go to Porto.</p>")
        archive.writestr("Takeout/Mail/All.mbox", "From a Thu Feb 29 23:30:00 2024\n\nI am well.\n")

    items = list(items_of(tmp_path / "takeout.zip"))

    texts = [one.text for one in items if isinstance(one, Document)]
    assert texts == ["We go to Porto.", "I am well."]
    assert "read from the data beside" in str(items[-1])


def test_questions_to_gemini_are_the_persons_and_other_activities_are_left_out(
    tmp_path: Path,
) -> None:
    reply = [{"html": "<p>Terve &amp; hei</p>"}]
    gemini = {"header": "Gemini Apps", "products": ["Gemini Apps"], "safeHtmlItem": reply}
    time = "2025-05-01T10:00:00.000Z"
    activities = [
        {**gemini, "title": "Prompted I am learning Finnish", "time": time},
        {**gemini, "title": "Used an Assistant feature"},
        {"header": "Search", "title": "Searched for figs", "products": ["Search"]},
        None,
    ]

    items = list(items_of(_write(tmp_path / "MyActivity.json", activities)))

    assert isinstance(items[0], ImportedExchange)
    assert (items[0].asked, items[0].replied.strip()) == ("I am learning Finnish", "Terve & hei")
    assert items[0].asked_at == datetime(2025, 5, 1, 10, tzinfo=UTC)
    assert [type(one) for one in items[1:]] == [LeftOut, LeftOut, LeftOut]


def test_a_project_of_claude_holds_the_persons_words_and_documents(tmp_path: Path) -> None:
    project = {
        "uuid": "p1", "name": "Boat", "description": "Building a boat",
        "prompt_template": "I want metric units.", "created_at": "2025-01-01T00:00:00Z",
        "docs": [{"uuid": "d", "filename": "plan.md", "content": "It is 7 m long."}, {"uuid": "e"}],
    }  # fmt: skip
    memory = {"conversations_memory": "A carpenter.", "project_memories": {"p1": "Likes oak."}}

    for value in ([project, memory], project):
        items = list(items_of(_write(tmp_path / "projects.json", value)))
        found = {one.text: one.origin for one in items if isinstance(one, Document)}
        expected: dict[str, Origin | None] = {
            "Building a boat": Origin.PERSON,
            "I want metric units.": Origin.PERSON,
            "It is 7 m long.": None,
        }
        memories: dict[str, Origin | None] = {
            "A carpenter.": Origin.ASSISTANT,
            "Likes oak.": Origin.ASSISTANT,
        }
        assert found == (expected | memories if isinstance(value, list) else expected)
        assert sum(isinstance(one, LeftOut) for one in items) == 1
