"""What is forgotten is gone from every page, log, index and file, and the receipt says so."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.local_store.erasure.records_to_forget import PLANTED, decrypted, fill, found, key_of

from homeward_store import (
    FASTEST,
    Erasure,
    MemoryDraft,
    Passphrase,
    Profile,
    Receipt,
    Selection,
    SourceKind,
    Span,
    create_profile,
)
from homeward_store.database import engine


def test_everything_about_a_topic_is_gone_from_every_page(profile: Profile) -> None:
    fill(profile)
    profile._database.checkpoint()
    assert found(profile) > 10  # the scanner finds what is there
    receipt = profile.forget(Selection(topic=PLANTED))
    assert receipt.state is Erasure.COMPLETE
    assert dict(receipt.erased) == {
        "attribute": 2,
        "choice": 2,
        "memory": 3,
        "note": 1,
        "turn": 1,
        "writing": 1,
    }
    assert receipt.stale == (("cache", 1),)
    profile.blobs.remove("cache", PLANTED.encode())
    profile._database.checkpoint()
    assert found(profile) == 0
    assert found(profile, "harmless") > 10
    assert profile.memories.match(PLANTED, limit=5) == []
    assert profile.turns.conversations() == ["harmless"]
    profile.check()


def test_everything_is_everything(profile: Profile) -> None:
    fill(profile)
    receipt = profile.forget(Selection(everything=True))
    assert receipt.state is Erasure.COMPLETE
    for blob in profile.blobs.stale():
        profile.blobs.remove(blob.kind, blob.cache_key)
    profile._database.checkpoint()
    assert found(profile) == found(profile, "harmless") == 0
    assert sum(profile._database.census()[kind.value] for kind in SourceKind) == 0


@pytest.fixture
def pending(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> tuple[Receipt, Callable[[], None]]:
    """An erasure that a reader of the old state holds up, and how to let the reader go."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    profile._database._connection.set_busy_timeout(0.05)
    note = profile.notes.add(PLANTED)
    reader = engine.connect(profile.path / "store-1.db", key_of(profile))
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM note").fetchall()
    return profile.forget(Selection(notes=(note.id,))), reader.close


def test_an_erasure_that_a_reader_holds_up_is_pending_and_unsigned(
    profile: Profile, pending: tuple[Receipt, Callable[[], None]]
) -> None:
    receipt, _ = pending
    assert receipt.state is Erasure.PENDING
    assert receipt.signature == ""
    assert not receipt.verify()
    assert profile.settle() == profile.receipts() == [receipt]
    assert found(profile) > 0  # as it says


def test_a_pending_erasure_is_completed_when_the_reader_is_gone(
    profile: Profile, pending: tuple[Receipt, Callable[[], None]]
) -> None:
    receipt, release = pending
    release()
    assert profile.settle() == []
    [done] = profile.receipts()
    assert (done.id, done.erased, done.state) == (receipt.id, receipt.erased, Erasure.COMPLETE)
    assert done.verify()
    assert found(profile) == 0


def test_a_pending_erasure_is_completed_when_the_profile_opens_again(
    pending: tuple[Receipt, Callable[[], None]], reopen: Callable[[], Profile]
) -> None:
    _, release = pending
    release()
    again = reopen()
    assert [one.state for one in again.receipts()] == [Erasure.COMPLETE]
    assert found(again) == 0


def test_inside_a_transaction_an_erasure_is_pending(profile: Profile) -> None:
    note = profile.notes.add(PLANTED)
    with profile.transaction():
        assert profile.forget(Selection(notes=(note.id,))).state is Erasure.PENDING
    assert profile.settle() == []


def test_a_changed_receipt_does_not_verify(profile: Profile, tmp_path: Path) -> None:
    from dataclasses import replace

    receipt = profile.forget(Selection(everything=True))
    other = create_profile(tmp_path / "eve", unlock=[Passphrase("p")], cost=FASTEST).profile
    stranger = other.forget(Selection(everything=True))
    other.close()
    assert receipt.verify()
    for changed in (
        replace(receipt, erased=(("turn", 99),)),
        replace(receipt, stale=(("cache", 1),)),
        replace(receipt, id=receipt.id + 1),
        replace(receipt, state=Erasure.PENDING),
        replace(receipt, public_key=stranger.public_key),
        replace(receipt, signature="zz"),
    ):
        assert not changed.verify()
    assert receipt.public_key != stranger.public_key


def test_receipts_name_numbers_and_never_content(profile: Profile) -> None:
    fill(profile)
    profile.forget(Selection(topic=PLANTED))
    assert PLANTED not in repr(profile.receipts())


@pytest.mark.parametrize("seed", [0, 1])
def test_rows_that_moved_between_pages_leave_nothing_of_what_is_forgotten(
    profile: Profile, seed: int
) -> None:
    # SQLite splits a page when a reply is added in the middle, and leaves the bytes of the rows
    # that moved away in the room between the others; `secure_delete` does not come back for them.
    order = random.Random(seed)
    turns = [
        profile.turns.begin("c", f"planted{n:04d} {'x' * order.randrange(60)}", model="m")
        for n in range(400)
    ]
    for turn in order.sample(turns, 400):
        profile.turns.finish(turn.id, "y" * order.randrange(1, 300), complete=True)
    gone = order.sample(turns, 200)
    receipt = profile.forget(Selection(turns=tuple(turn.id for turn in gone)))
    assert receipt.state is Erasure.COMPLETE
    pages = b"".join(decrypted(profile))
    assert [turn.asked[:11] for turn in gone if turn.asked[:11].encode() in pages] == []


@pytest.mark.parametrize(
    ("text", "context", "form"),
    [
        ("我对花生过敏。", "", "花生"),
        ("Ich habe zwei Katzenbäume.", "", "katzenbaeum"),
        ("Nothing here.", "私は猫が大好きです。", "大好"),
    ],
)
def test_the_forms_by_which_words_are_found_go_with_them(
    profile: Profile, text: str, context: str, form: str
) -> None:
    before, note = profile.notes.add(context or "x"), profile.notes.add(text)
    behind = Span(SourceKind.NOTE, before.id, 0, len(context)) if context else None
    span = Span(SourceKind.NOTE, note.id, 0, len(text))
    draft = MemoryDraft(text, span, note.noted_at, context=context, context_source=behind)
    profile.memories.add([draft])
    assert form.encode() in b"".join(decrypted(profile))

    gone = (before.id, note.id) if not context else (before.id,)
    assert profile.forget(Selection(notes=gone)).state is Erasure.COMPLETE

    assert form.encode() not in b"".join(decrypted(profile))
    profile.check()
