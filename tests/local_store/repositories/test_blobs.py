"""Blobs are whole or absent, each under its own key, and shredded with what they came from."""

import os
from collections.abc import Callable

import pytest

from homeward_store import (
    BlobCorrupt,
    MemoryDraft,
    Profile,
    Selection,
    SourceForgotten,
    SourceKind,
    Span,
    StaleBlob,
)
from homeward_store.keys import sealing


def files(profile: Profile) -> list[str]:
    return sorted(one.name for one in (profile.path / "blobs").iterdir())


@pytest.mark.parametrize(
    "size", [0, 1, sealing.CHUNK_BYTES - 1, sealing.CHUNK_BYTES, 2 * sealing.CHUNK_BYTES + 1]
)
def test_a_blob_comes_back_as_it_was(profile: Profile, size: int) -> None:
    data = os.urandom(size)
    profile.blobs.put("cache", b"key", data)
    assert profile.blobs.get("cache", b"key") == data
    assert profile.blobs.get("cache", b"other") is None
    assert profile.blobs.get("other", b"key") is None


def test_the_keys_of_a_kind_are_listed_until_they_are_removed(profile: Profile) -> None:
    for key in (b"one", b"two"):
        profile.blobs.put("cache", key, b"data")
    profile.blobs.put("other", b"three", b"data")
    assert profile.blobs.keys("cache") == [b"one", b"two"]
    profile.blobs.remove("cache", b"one")
    assert profile.blobs.keys("cache") == [b"two"]


def test_nothing_is_kept_of_what_was_forgotten_since_it_was_read(profile: Profile) -> None:
    note = profile.notes.add("a note")
    said = "My code word is xylophonequartz."
    writing = profile.writings.add(f"Dear all. {said}")
    span = Span(SourceKind.WRITING, writing.id, 10, 10 + len(said))
    [memory] = profile.memories.add([MemoryDraft(said, span, writing.added_at)])
    since, cut = profile.erasures.count, [(SourceKind.WRITING, writing.id)]
    profile.forget(Selection(notes=(note.id,)))
    profile.blobs.put("style", b"before", b"x", sources=cut, since=since)
    profile.forget(Selection(memories=(memory.id,)))

    with pytest.raises(SourceForgotten):
        profile.blobs.put("style", b"k", b"x", sources=[(SourceKind.NOTE, note.id)])
    with pytest.raises(SourceForgotten, match="1 of the records"):
        profile.blobs.put("style", b"k", b"x", sources=cut, since=since)
    assert profile.blobs.keys("style") == []
    assert files(profile) == []
    profile.blobs.put("style", b"k", b"x", sources=cut, since=profile.erasures.count)


def test_a_blobs_file_shows_nothing_of_it(profile: Profile) -> None:
    profile.blobs.put("cache", b"planted", b"planted" * 1000)
    [name] = files(profile)
    data = (profile.path / "blobs" / name).read_bytes()
    assert b"planted" not in data
    assert b"planted" not in name.encode()
    assert (profile.path / "blobs" / name).stat().st_mode & 0o077 == 0


def test_putting_again_replaces_file_and_key(profile: Profile) -> None:
    profile.blobs.put("cache", b"key", b"old")
    [old] = files(profile)
    profile.blobs.put("cache", b"key", b"new")
    [new] = files(profile)
    assert old != new
    assert profile.blobs.get("cache", b"key") == b"new"


def test_a_blob_whose_transaction_is_undone_leaves_no_row_and_no_lasting_file(
    profile: Profile, reopen: Callable[[], Profile]
) -> None:
    profile.blobs.put("cache", b"key", b"old")
    with pytest.raises(KeyError), profile.transaction():
        profile.blobs.put("cache", b"key", b"new")
        raise KeyError
    assert profile.blobs.get("cache", b"key") == b"old"
    assert len(files(profile)) == 2
    again = reopen()
    assert again.blobs.get("cache", b"key") == b"old"
    assert len(files(again)) == 1


def test_removing_and_trimming_delete_files(profile: Profile) -> None:
    for number in range(4):
        profile.blobs.put("cache", bytes([number]), bytes(100))
    profile.blobs.put("other", b"key", bytes(100))
    profile.blobs.remove("cache", bytes([3]))
    profile.blobs.trim("cache", max_bytes=200)
    kept = [number for number in range(4) if profile.blobs.get("cache", bytes([number]))]
    assert kept == [1, 2]
    assert profile.blobs.get("other", b"key")
    assert len(files(profile)) == 3


def test_forgetting_a_source_shreds_the_blob_and_says_what_is_left(profile: Profile) -> None:
    one, two = profile.notes.add("one"), profile.notes.add("two")
    sources = [(SourceKind.NOTE, one.id), (SourceKind.NOTE, two.id), (SourceKind.NOTE, two.id)]
    profile.blobs.put("soft prompt", b"model", b"numbers", sources=sources)
    profile.blobs.put("cache", b"other", b"untouched", sources=sources[1:])
    receipt = profile.forget(Selection(notes=(one.id,)))
    assert receipt.stale == (("soft prompt", 1),)
    assert profile.blobs.get("soft prompt", b"model") is None
    assert profile.blobs.get("cache", b"other") == b"untouched"
    left = [StaleBlob("soft prompt", b"model", ((SourceKind.NOTE, two.id),))]
    assert profile.blobs.stale() == profile.blobs.stale("soft prompt") == left
    assert profile.blobs.stale("cache") == []
    assert len(files(profile)) == 1
    profile.blobs.put("soft prompt", b"model", b"derived anew")
    assert profile.blobs.stale() == []


def test_a_blob_file_put_in_the_place_of_another_does_not_open(profile: Profile) -> None:
    profile.blobs.put("cache", b"a", b"a")
    profile.blobs.put("cache", b"b", b"b")
    first, second = (profile.path / "blobs" / name for name in files(profile))
    first.write_bytes(second.read_bytes())
    with pytest.raises(BlobCorrupt):
        (profile.blobs.get("cache", b"a"), profile.blobs.get("cache", b"b"))
    assert len(profile.blobs.damaged()) == 1
