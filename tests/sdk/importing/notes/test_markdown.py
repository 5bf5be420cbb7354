"""Notes in Markdown: what stands above them is data, links are the words that a reader sees."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from homeward.importing import Document, items_of
from homeward.importing.notes.front_matter import front_matter
from homeward.importing.notes.markdown import readable


def _read(path: Path, text: str) -> Document:
    path.write_text(text, encoding="utf-8", newline="")
    [item] = items_of(path)
    assert isinstance(item, Document)
    return item


def test_front_matter_dates_and_names_a_note_and_is_none_of_its_words(tmp_path: Path) -> None:
    note = _read(
        tmp_path / "Garden.md",
        "---\ntitle: Our garden\ntags: [garden, '#home']\ncreated: 2019-04-01 08:30\n"
        "aliases:\n  - Yard\n---\nWe planted a fig tree.\n",
    )

    assert note.text == "We planted a fig tree.\n"
    assert note.title == "Garden.md: Our garden (tags: garden, home)"
    assert note.written_at == datetime(2019, 4, 1, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "labels", "created"),
    [
        ("tags:\n  - a\n  - b\ndate: 2020/1/2", ("a", "b"), datetime(2020, 1, 2, tzinfo=UTC)),
        ("tags: a\ncreated: someday", ("a",), None),
        ('"tags": ["x"]\nCreated: "2020-01-02Z"', ("x",), datetime(2020, 1, 2, tzinfo=UTC)),
        ("notes: |\n  some text\n  date: 2020-01-02\n# a comment\n", (), None),
        ("date: 9999-99-99", (), None),
        ("", (), None),
    ],
)  # fmt: skip
def test_front_matter_as_programs_write_it(
    written: str, labels: tuple[str, ...], created: datetime | None
) -> None:
    for end in ("\n", "\r\n"):
        text = f"---\n{written}\n---\nWords.".replace("\n", end)
        found = front_matter(text)

        assert text[found.length :] == "Words."
        assert (found.labels, found.created) == (labels, created)


@pytest.mark.parametrize(
    "text",
    [
        "---\nI live in Porto.\n---\nAnd more.",
        "---\ntags: a\nand no end",
        "I live here.\n---\ntags: a\n---\n",
        "--- a rule\n---\n",
    ],
)
def test_what_only_looks_like_front_matter_is_text(text: str) -> None:
    assert front_matter(text).length == 0


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("See [[Trees|our trees]] there.", "See our trees there."),
        ("See [[Trees]] there.", "See Trees there."),
        ("See [[Trees#Oak]].", "See Trees, Oak."),
        ("See [[Trees#^a1]].", "See Trees, a1."),
        ("![[fig.png]] and ![[Trees]]", " and Trees"),
        ("![[fig.png|300]]", ""),
        ("I live in Porto. ^abc-1", "I live in Porto."),
        ("`[[ -f x ]]` [[a]]", "`[[ -f x ]]` a"),
        ("```\nif [[ -f x ]]; then\n```\n[[a]]", "```\nif [[ -f x ]]; then\n```\na"),
        ("[[not closed", "[[not closed"),
        ("a #tag and a [link](https://x.test)", "a #tag and a [link](https://x.test)"),
    ],
)  # fmt: skip
def test_links_become_what_a_reader_sees(text: str, seen: str) -> None:
    assert readable(text) == seen


def test_a_note_is_the_same_when_only_its_tags_changed(tmp_path: Path) -> None:
    before = _read(tmp_path / "a.md", "---\ntags: a\n---\nWe planted a fig tree.")
    after = _read(tmp_path / "a.md", "---\ntags: [a, b]\n---\nWe planted a fig tree.")

    assert before.digest == after.digest
