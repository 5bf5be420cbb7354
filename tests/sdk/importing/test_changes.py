"""What changed in a folder since it was read: a rule over names, sizes and times."""

from homeward.importing.watching.changes import SETTLED, Changes, FileState, changes

NOW = 1_700_000_000.0


def file(size: int = 5, *, changed_at: int = 7, ago: float = 60) -> FileState:
    """Return a file that was touched `ago` seconds before now."""
    return FileState(size, changed_at, NOW - ago)


def test_new_and_changed_files_are_read_and_others_are_not() -> None:
    found = {"new.md": file(), "longer.md": file(6), "later.md": file(changed_at=8), "a.md": file()}
    known = {"longer.md": (5, 7), "later.md": (5, 7), "a.md": (5, 7)}

    assert changes(found, known, now=NOW) == Changes(to_read=("later.md", "longer.md", "new.md"))


def test_a_file_that_is_being_written_waits() -> None:
    found = {"half.md": file(ago=SETTLED / 2), "a.md": file()}

    assert changes(found, {}, now=NOW) == Changes(to_read=("a.md",), waiting=("half.md",))


def test_a_file_touched_in_the_future_does_not_wait_for_ever() -> None:
    assert changes({"a.md": file(ago=-3600)}, {}, now=NOW).to_read == ("a.md",)


def test_a_file_is_gone_once_it_was_missed_before() -> None:
    found, known = {"a.md": file()}, {"a.md": (5, 7), "b.md": (5, 7)}

    assert changes(found, known, now=NOW) == Changes(waiting=("b.md",))
    assert changes(found, known, now=NOW, missed=["b.md"]) == Changes(gone=("b.md",))


def test_nothing_is_gone_while_it_may_have_another_name() -> None:
    found, known = {"renamed.md": file(ago=0)}, {"b.md": (5, 7)}

    assert changes(found, known, now=NOW, missed=["b.md"]).gone == ()


def test_nothing_is_gone_from_a_folder_that_is_empty_for_its_disk_may_be_missing() -> None:
    assert changes({}, {"a.md": (5, 7), "b.md": (5, 7)}, now=NOW, missed=["a.md", "b.md"]) == (
        Changes()
    )
