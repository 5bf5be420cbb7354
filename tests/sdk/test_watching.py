"""A watched folder: what changes comes in, what is deleted goes if the person said so."""

import os
import threading
import time
from pathlib import Path

import pytest
from tests.conftest import OpenAssistant

from homeward import Assistant
from homeward.errors import CannotRead
from homeward.personalization import watching
from homeward.personalization.watching import Looked
from homeward_store import NotFound, Origin, Selection


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files settle, and be gone, at once."""
    monkeypatch.setattr(watching, "SETTLED", 0.0)
    monkeypatch.setattr("homeward.importing.watching.changes.SETTLED", 0.0)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Return a folder of two notes."""
    folder = tmp_path / "notes"
    (folder / "daily").mkdir(parents=True)
    (folder / "boat.md").write_text("The boat is moored at Aldermere.")
    (folder / "daily" / "monday.md").write_text("The cello lesson moved to Monday.")
    return folder


def told(me: Assistant) -> set[str]:
    """Return what is remembered."""
    return {one.text for one in me.profile.memories.all()}


def looked(me: Assistant) -> Looked:
    """Look through the one folder."""
    [one] = me.watching.look()
    return one


def test_nothing_is_read_of_a_folder_that_was_not_added(
    open_assistant: OpenAssistant, notes: Path
) -> None:
    me = open_assistant()

    assert me.watching.look() == []
    assert told(me) == set()
    with pytest.raises(CannotRead):
        me.watching.add(notes / "boat.md")


def test_new_and_changed_files_come_in_as_an_import_reads_them(
    open_assistant: OpenAssistant, notes: Path
) -> None:
    me = open_assistant()
    me.watching.add(notes, mine=True)

    first = looked(me)
    (notes / "boat.md").write_text("The boat is moored at Aldermere.\n\nIts engine is new.")
    (notes / "tea.md").write_text("Green tea is in the tin.")
    second = looked(me)

    assert [name for name, _ in first.taken] == ["boat.md", "daily/monday.md"]
    assert [name for name, _ in second.taken] == ["boat.md", "tea.md"]
    assert looked(me).taken == ()
    assert {"Its engine is new.", "Green tea is in the tin."} < told(me)
    assert {one.origin for one in me.profile.memories.all()} == {Origin.PERSON}
    assert me.imports.file(notes).documents == 0  # the same door: all of it is known


def test_a_look_reads_a_few_files_so_that_it_can_be_stopped_and_catching_up_reads_all(
    open_assistant: OpenAssistant, notes: Path
) -> None:
    for number in range(21):
        (notes / f"{number}.md").write_text(f"The bench in row {number} is green.")
    me, seen = open_assistant(), list[Looked]()
    me.watching.add(notes)

    assert (len(looked(me).taken), len(told(me))) == (20, 20)
    (notes / "last.md").write_text("The last bench is red.")
    me.watching.catch_up(told=seen.append)

    assert [(len(one.taken), one.more) for one in seen] == [(4, 0)]
    assert len(told(me)) == 24


def test_what_changed_while_nobody_watched_is_caught_up(
    open_assistant: OpenAssistant, notes: Path
) -> None:
    me = open_assistant()
    me.watching.add(notes)
    me.watching.catch_up()
    me.close()
    (notes / "tea.md").write_text("Green tea is in the tin.")

    again = open_assistant()

    assert [name for name, _ in looked(again).taken] == ["tea.md"]
    assert again.watching.all()[0].looked_at is not None


def test_a_deleted_file_stays_known_unless_the_person_said_otherwise(
    open_assistant: OpenAssistant, notes: Path
) -> None:
    me = open_assistant()
    me.watching.add(notes)
    looked(me)

    (notes / "boat.md").unlink()

    assert looked(me).receipts == ()
    assert "The boat is moored at Aldermere." in told(me)


def test_a_deleted_file_is_forgotten_with_a_receipt_and_comes_back_when_it_is_put_back(
    open_assistant: OpenAssistant, notes: Path
) -> None:
    me = open_assistant()
    me.watching.add(notes, forgets=True)
    looked(me)
    text = (notes / "boat.md").read_text()

    (notes / "boat.md").unlink()
    [receipt] = looked(me).receipts

    assert receipt.verify()
    assert told(me) == {"The cello lesson moved to Monday."}
    assert [one.title for one in me.profile.writings.all()] == ["daily/monday.md"]
    (notes / "boat.md").write_text(text)
    looked(me)
    assert text in told(me)


def test_a_file_that_got_another_name_or_has_a_copy_is_not_forgotten(
    open_assistant: OpenAssistant, notes: Path
) -> None:
    me = open_assistant()
    me.watching.add(notes, forgets=True)
    (notes / "copy.md").write_text((notes / "boat.md").read_text())
    looked(me)

    (notes / "boat.md").unlink()
    (notes / "daily" / "monday.md").rename(notes / "renamed.md")

    assert looked(me).receipts == ()
    assert len(told(me)) == 2
    (notes / "copy.md").unlink()
    (notes / "renamed.md").unlink()
    (notes / "last.md").write_text("One file is left.")
    looked(me)

    assert told(me) == {"One file is left."}


def test_nothing_is_forgotten_where_the_disk_is_not_there(
    open_assistant: OpenAssistant, notes: Path
) -> None:
    me = open_assistant()
    me.watching.add(notes, forgets=True)
    looked(me)

    notes.rename(notes.with_name("elsewhere"))
    assert not looked(me).there
    notes.mkdir()  # a mount point without its disk

    assert looked(me).receipts == ()
    assert len(told(me)) == 2


def test_what_the_person_forgot_stays_forgotten_and_everything_ends_watching(
    open_assistant: OpenAssistant, notes: Path
) -> None:
    me = open_assistant()
    me.watching.add(notes)
    looked(me)

    me.forget(Selection(topic="boat"))
    os.utime(notes / "boat.md", (0, 0))
    looked(me)

    assert told(me) == {"The cello lesson moved to Monday."}
    me.forget(Selection(everything=True))
    assert me.watching.all() == []


def test_links_are_not_followed_and_what_cannot_be_read_is_named(
    open_assistant: OpenAssistant, notes: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("The vault code is on the fridge.")
    (notes / "link.md").symlink_to(secret)
    (notes / "outside").symlink_to(tmp_path)
    (notes / "broken.json").write_text("[{")
    me = open_assistant()
    folder = me.watching.add(notes)
    looked(me)

    [left] = [one for one in me.watching.files(folder) if one.left_out]
    assert (left.name, left.left_out) == ("broken.json", 1)
    assert not any("vault" in text for text in told(me))
    me.watching.remove(notes)
    assert me.watching.all() == []
    with pytest.raises(NotFound):
        me.watching.remove(notes)


def test_a_folder_is_watched_until_it_is_told_to_stop_and_rests_on_battery(
    open_assistant: OpenAssistant, notes: Path
) -> None:
    pytest.importorskip("watchfiles")
    me, stop, seen = open_assistant(), threading.Event(), list[str]()
    me.watching.add(notes)
    on_battery = [True]

    def tell(one: Looked) -> None:
        seen.extend(name for name, _ in one.taken)

    runs = threading.Thread(
        target=me.watching.run, args=(stop,), kwargs={"told": tell, "quiet": lambda: on_battery[0]}
    )
    runs.start()
    time.sleep(0.5)
    assert seen == []
    on_battery[0] = False
    try:
        for number in range(200):  # until an event is seen; a busy machine takes its time
            (notes / "tea.md").write_text(f"Green tea is in tin {number}.")
            time.sleep(0.2)
            if "tea.md" in seen:
                break
    finally:
        stop.set()
        runs.join(60)
    assert {"boat.md", "tea.md"} <= set(seen)
