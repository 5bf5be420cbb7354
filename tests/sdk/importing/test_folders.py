"""Folders: a vault, a mail folder, an export that was unpacked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import OpenAssistant

from homeward.extraction.pdf import PdfChild
from homeward.importing import Document, Item, LeftOut, items_of, sources
from homeward_store import Origin, Selection


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """Return a vault of Obsidian with notes, an attachment, settings and a bin."""
    files: dict[str, bytes] = {
        "Garden.md": b"---\ncreated: 2019-04-01\n---\nWe planted a fig tree.",
        "Projects/Boat.md": b"The boat is 7 m long.",
        "Projects/old.txt": b"I sold the kayak.",
        "Projects/broken.txt": b"caf\xe9",
        "files/fig.png": b"\x89PNG",
        "files/report.doc": b"\xd0\xcf\x11\xe0",
        "files/x.blend": b"x",
        ".obsidian/app.json": b"{}",
        ".obsidian/plugins/a.json": b"{}",
        ".trash/Gone.md": b"I threw this away.",
        ".DS_Store": b"\0",
    }
    for name, data in files.items():
        path = tmp_path / "vault" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "outside.md").write_text("Of another folder.")
    (tmp_path / "vault" / "link.md").symlink_to(tmp_path / "outside.md")
    (tmp_path / "vault" / "round").symlink_to(tmp_path / "vault")
    return tmp_path / "vault"


def test_the_notes_of_a_vault_are_taken_and_all_else_is_counted(vault: Path) -> None:
    items = list(items_of(vault))

    notes = {one.title: one.text for one in items if isinstance(one, Document)}
    assert notes == {
        "Garden.md": "We planted a fig tree.",
        "Projects/Boat.md": "The boat is 7 m long.",
        "Projects/old.txt": "I sold the kayak.",
    }
    assert {str(one) for one in items if isinstance(one, LeftOut)} == {
        "Projects/broken.txt: not UTF-8 near byte 4; convert it to UTF-8",
        "vault: settings of Obsidian: 2",
        "vault: files in the trash: 1",
        "vault: hidden files: 1",
        "vault: links, which are not followed: 2",
        "vault: images, which are taken in one by one, with a caption: 1",
        (
            "vault: .doc files, each an old text document; save it as .docx, .odt or .pdf and give"
            " that: 1"
        ),
        "vault: .blend files, which are not read: 1",
    }


def test_only_what_changed_is_read_again(
    open_assistant: OpenAssistant, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = open_assistant()
    first = me.imports.file(vault, mine=True)
    (vault / "Projects" / "Boat.md").write_text("The boat is 8 m long.")
    (vault / "New.md").write_text("I bought a tent.")
    read, reader = list[str](), sources._file

    def noted(path: Path, name: str, *, i_am: str | None, pdfs: PdfChild) -> Iterator[Item]:
        read.append(name)
        return reader(path, name, i_am=i_am, pdfs=pdfs)

    monkeypatch.setattr(sources, "_file", noted)

    second = me.imports.file(vault, mine=True)
    third = me.imports.file(vault, mine=True)
    again = me.imports.file(vault, mine=True, again=True)

    assert (first.documents, first.known) == (3, 0)
    assert (second.documents, second.known) == (2, 2)  # files that are as they were
    assert (third.documents, third.known) == (0, 4)
    assert again.documents == 4
    changed, refused = ["New.md", "Projects/Boat.md"], "Projects/broken.txt"
    assert set(read[:6]) == {*changed, refused}
    assert {one.origin for one in me.profile.writings.all()} == {Origin.PERSON}


def test_what_was_forgotten_does_not_come_back_with_its_folder(
    open_assistant: OpenAssistant, vault: Path
) -> None:
    me = open_assistant()
    me.imports.file(vault)
    me.forget(Selection(topic="boat"))

    me.imports.file(vault)

    assert not any("boat" in one.text for one in me.profile.writings.all())


def test_a_folder_of_a_mail_server_is_mails(tmp_path: Path) -> None:
    mail = b"From: a@x.test\nSubject: Hi\n\nI live in Porto.\n"
    for name in ("cur/1709249400.M1P2.host:2,S", "new/1709249401.host"):
        path = tmp_path / "Maildir" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(mail + name.encode())

    items = list(items_of(tmp_path / "Maildir"))

    assert [one.title for one in items if isinstance(one, Document)] == ["Hi", "Hi"]


def test_an_empty_folder_is_said_to_hold_nothing(
    open_assistant: OpenAssistant, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()

    taken = open_assistant().imports.file(tmp_path / "empty")

    assert taken.warning == "Nothing was taken in: the file holds no messages and no text."


def test_folders_that_lie_too_deep_are_counted(tmp_path: Path) -> None:
    deep = tmp_path / "top" / "/".join("d" * 70)
    deep.mkdir(parents=True)
    (deep / "a.md").write_text("I live in Porto.")

    [item] = items_of(tmp_path / "top")

    assert isinstance(item, LeftOut)
    assert item.why == "folders more than 64 deep: 1"
