"""Watched folders: which file gave what, and what nothing else gave."""

import hashlib

import pytest

from homeward_store import NotFound, Origin, Profile, SourceKind, WatchedFile

ONE, TWO = hashlib.sha256(b"one").digest(), hashlib.sha256(b"two").digest()


def folder(profile: Profile) -> int:
    """Watch a folder of two files: both hold the first item, the second file holds another."""
    watched = profile.watched
    number = watched.add("/notes", origin=Origin.PERSON, i_am=None, forgets=True).id
    for name, digests in (("a.md", [ONE]), ("b.md", [ONE, TWO])):
        watched.read(number, WatchedFile(name, 5, 7))
        watched.held(number, name, digests)
    profile.imported.mark([ONE, TWO])
    watched.became(ONE, (SourceKind.WRITING, 1))
    watched.became(TWO, (SourceKind.WRITING, 2))
    return number


def test_what_another_file_holds_too_was_not_given_by_one_alone(profile: Profile) -> None:
    number = folder(profile)
    gave = profile.watched.gave

    assert gave(number, ["a.md"]) == []
    assert gave(number, ["b.md"]) == [(SourceKind.WRITING, 2)]
    assert {one for _, one in gave(number, ["a.md", "b.md"])} == {1, 2}
    assert gave(number, []) == gave(number + 1, ["a.md"]) == []


def test_what_was_forgotten_with_its_file_is_new_and_what_stays_is_known(profile: Profile) -> None:
    number = folder(profile)

    profile.watched.gone(number, ["b.md"], forgotten=True)

    assert profile.imported.seen([ONE, TWO]) == {ONE}
    profile.watched.gone(number, ["a.md"], forgotten=False)
    assert profile.imported.seen([ONE]) == {ONE}
    assert profile.watched.files(number) == []


def test_a_folder_that_is_added_again_changes_and_one_that_is_removed_is_not_there(
    profile: Profile,
) -> None:
    number = folder(profile)

    again = profile.watched.add("/notes", origin=Origin.DOCUMENT, i_am="Ada", forgets=False)

    assert (again.id, again.origin, again.i_am, again.forgets) == (
        number, Origin.DOCUMENT, "Ada", False,
    )  # fmt: skip
    assert len(profile.watched.files(number)) == 2
    profile.watched.remove("/notes")
    assert profile.watched.all() == []
    assert profile.watched.files(number) == []
    with pytest.raises(NotFound):
        profile.watched.remove("/notes")
    with pytest.raises(NotFound):
        profile.watched.held(number, "a.md", [ONE])
