"""Consent and spending stand on a chain that shows changes and an anchor that shows losses."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from homeward_store import (
    FASTEST,
    Ability,
    AnchorMissing,
    BudgetExceeded,
    Category,
    CommitsLost,
    ConsentRequired,
    Keychain,
    KeychainUnavailable,
    MemoryDraft,
    Passphrase,
    Profile,
    Purpose,
    RollbackDetected,
    SourceKind,
    Space,
    Span,
    StoreFailed,
    create_profile,
    open_profile,
)
from homeward_store.testing import MemoryVault


def database_file(profile: Profile) -> Path:
    return profile.path / "store-1.db"


def test_answering_is_allowed_until_it_is_refused_and_nothing_else_is_allowed_unasked(
    profile: Profile,
) -> None:
    assert profile.consent.allows(Purpose.ANSWER, Category.NOTES)
    assert not profile.consent.allows(Purpose.LEARN, Category.NOTES)
    assert not profile.consent.allows(Purpose.CONTRIBUTE, Category.CHOICES, task="taste")
    profile.consent.withdraw(Purpose.ANSWER, Category.NOTES)
    assert not profile.consent.allows(Purpose.ANSWER, Category.NOTES)
    assert profile.consent.allows(Purpose.ANSWER, Category.TURNS)


def test_the_ledger_is_listed_and_checked_by_itself(profile: Profile) -> None:
    profile.consent.grant(Purpose.LEARN, Category.NOTES, shown="May I?")
    profile.verify_ledger()
    [entry] = profile.ledger_entries()
    assert (entry.kind, entry.body["granted"]) == ("consent", True)


def test_every_decision_is_kept_with_the_hash_of_what_was_shown(
    profile: Profile, reopen: Callable[[], Profile]
) -> None:
    profile.consent.grant(Purpose.LEARN, Category.NOTES, shown="May I?")
    profile.consent.withdraw(Purpose.LEARN)
    decisions = reopen().consent.decisions()
    assert [one.granted for one in decisions] == [True] + [False] * len(Category)
    assert decisions[0].text_sha256 == hashlib.sha256(b"May I?").hexdigest()


def test_consent_is_asked_for_wherever_data_is_read(profile: Profile) -> None:
    note = profile.notes.add("note")
    span = Span(SourceKind.NOTE, note.id, 0, 4)
    [memory] = profile.memories.add([MemoryDraft("note", span, note.noted_at)])
    turn = profile.turns.begin("c", "?", model="m")
    reading = profile.reading_for(Purpose.LEARN)
    space = Space("0" * 64, 1)
    reads: dict[Category, list[Callable[[], object]]] = {
        Category.ATTRIBUTES: [
            reading.attributes.all,
            lambda: reading.attributes.get("k"),
            lambda: reading.attributes.history("k"),
            lambda: reading.attributes.by_id(1),  # type: ignore[arg-type]
        ],
        Category.TURNS: [
            lambda: reading.turns.get(turn.id),
            lambda: reading.turns.conversation("c"),
            lambda: reading.turns.latest(1),
            reading.turns.conversations,
            reading.turns.count,
        ],
        Category.WRITINGS: [reading.writings.all, lambda: reading.writings.get(1)],  # type: ignore[arg-type]
        Category.CHOICES: [reading.choices.all, lambda: reading.choices.get(1)],  # type: ignore[arg-type]
        Category.NOTES: [reading.notes.all, lambda: reading.notes.get(note.id)],
        Category.MEMORIES: [
            lambda: list(reading.memories.all()),
            lambda: reading.memories.get([memory.id]),
            lambda: reading.memories.of(SourceKind.NOTE, note.id),
            lambda: reading.memories.match("note", limit=1),
            lambda: reading.memories.nearest(np.ones(1, np.float32), space=space, limit=1),
            reading.memories.count,
            reading.memories.spaces,
            lambda: reading.memories.without_vector(space),
        ],
    }
    assert set(reads) == set(Category)
    for category, questions in reads.items():
        for read in questions:
            with pytest.raises(ConsentRequired, match=category.value):
                read()
        profile.consent.grant(Purpose.LEARN, category, shown="May I?")
        for read in questions:
            read()
        profile.consent.withdraw(Purpose.LEARN, category)
        with pytest.raises(ConsentRequired):
            questions[0]()


def test_the_ledger_cannot_be_changed_or_shortened_by_statement(profile: Profile) -> None:
    profile.consent.grant(Purpose.LEARN, shown="May I?")
    for statement in ("UPDATE ledger SET at = 0", "DELETE FROM ledger"):
        with pytest.raises(StoreFailed):
            profile._database.run(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET body = json_set(body, '$.granted', json('true')) WHERE sequence = 2",
        "UPDATE ledger SET at = at - 1 WHERE sequence = 2",
        "DELETE FROM ledger WHERE sequence = 2",
        "UPDATE ledger SET mac = zeroblob(32) WHERE sequence = 3",
    ],
)
def test_whoever_changes_the_ledger_with_the_database_key_is_noticed(
    profile: Profile, statement: str
) -> None:
    profile.consent.grant(Purpose.LEARN, Category.NOTES, shown="May I?")
    profile.consent.withdraw(Purpose.LEARN, Category.NOTES)
    profile.consent.grant(Purpose.CONTRIBUTE, Category.NOTES, shown="May I?", task="t")
    profile.check()
    profile._database.run("DROP TRIGGER ledger_is_not_changed")
    profile._database.run("DROP TRIGGER ledger_is_not_shortened")
    profile._database.run(statement)
    with pytest.raises(RollbackDetected):
        profile.check()


def rolled_back(profile: Profile, passphrase: Passphrase) -> Profile:
    """The profile with an older database: its yes is back, its spending is gone."""
    profile.spending.set_budget("default", 1.0)
    profile.consent.grant(Purpose.LEARN, Category.NOTES, shown="May I?")
    profile._database.checkpoint()
    old = database_file(profile).read_bytes()
    profile.spending.reserve("default", 0.9, run="r")
    profile.consent.withdraw(Purpose.LEARN, Category.NOTES)
    profile.close()
    database_file(profile).write_bytes(old)
    return open_profile(profile.path, unlock=passphrase)


def test_after_a_rollback_nothing_is_spent_or_learned_but_the_person_can_still_read(
    profile: Profile, passphrase: Passphrase
) -> None:
    with rolled_back(profile, passphrase) as back:
        with pytest.raises(CommitsLost):
            back.check()
        with pytest.raises(RollbackDetected):
            back.spending.reserve("default", 0.1, run="r")
        with pytest.raises(RollbackDetected):
            back.reading_for(Purpose.LEARN).notes.all()
        assert back.notes.all() == back.reading_for(Purpose.ANSWER).notes.all() == []


def test_adding_to_a_ledger_that_was_rolled_back_does_not_hide_it(
    profile: Profile, passphrase: Passphrase
) -> None:
    with rolled_back(profile, passphrase) as back:
        for _ in range(5):
            back.consent.withdraw(Purpose.LEARN, Category.NOTES)
            with pytest.raises(RollbackDetected):
                back.check()


def test_the_person_can_accept_a_rollback_and_decides_the_budget_anew(
    profile: Profile, passphrase: Passphrase
) -> None:
    with rolled_back(profile, passphrase) as back:
        back.accept_rollback()
        back.check()
        with pytest.raises(BudgetExceeded):
            back.spending.reserve("default", 0.1, run="r")
        back.spending.set_budget("default", 1.0)
        back.spending.reserve("default", 0.1, run="r")


def test_a_copy_of_the_whole_folder_is_noticed_by_an_anchor_in_the_keychain(
    tmp_path: Path,
) -> None:
    keychain = Keychain("app", MemoryVault())
    path = tmp_path / "p"
    create_profile(path, unlock=[keychain], cost=FASTEST).profile.close()
    with open_profile(path, unlock=keychain) as profile:
        profile.consent.grant(Purpose.LEARN, shown="May I?")
    shutil.copytree(path, tmp_path / "old")
    with open_profile(path, unlock=keychain) as profile:
        profile.consent.withdraw(Purpose.LEARN)
    shutil.rmtree(path)
    (tmp_path / "old").rename(path)
    with open_profile(path, unlock=keychain) as profile, pytest.raises(CommitsLost):
        profile.check()


def test_an_anchor_that_cannot_be_asked_stops_spending_and_not_reading(
    profile: Profile, passphrase: Passphrase
) -> None:
    profile.close()
    vault = MemoryVault()
    anchor = Keychain("app", vault)
    with open_profile(profile.path, unlock=passphrase, anchor=anchor) as opened:
        opened.spending.set_budget("default", 1.0)
        vault.locked = True
        with pytest.raises(KeychainUnavailable):
            opened.spending.reserve("default", 0.1, run="r")
        assert opened.notes.all() == []
        assert opened.spending.spent("default") == 0.0


@pytest.mark.parametrize(
    "text", ["", "{}", "null", "[1]", '{"sequence": 1, "mac": "", "seal": ""}']
)
def test_a_damaged_anchor_is_no_anchor_to_trust(profile: Profile, text: str) -> None:
    profile.consent.grant(Purpose.LEARN, shown="May I?")
    (profile.path / "anchor.json").write_text(text)
    with pytest.raises(RollbackDetected, match="anchor"):
        profile.check()


def test_an_anchor_of_another_history_is_noticed(profile: Profile, tmp_path: Path) -> None:
    profile.consent.grant(Purpose.LEARN, Category.NOTES, shown="May I?")
    profile._database.run("DROP TRIGGER ledger_is_not_changed")
    profile._database.run("UPDATE ledger SET mac = zeroblob(32)")
    with pytest.raises(RollbackDetected, match="is not the one"):
        profile._ledger.verify_end()


def _other_profile(folder: Path) -> None:
    other = folder.with_name("bob")
    with create_profile(other, unlock=[Passphrase("x")], cost=FASTEST).profile as bob:
        bob.consent.grant(Purpose.LEARN, shown="May I?")
    shutil.copy(other / "anchor.json", folder / "anchor.json")


LOST: dict[str, Callable[[Path], object]] = {
    "deleted": lambda folder: (folder / "anchor.json").unlink(),
    "moved": lambda folder: (folder / "anchor.json").rename(folder / "anchor.old"),
    "emptied": lambda folder: (folder / "anchor.json").write_bytes(b""),
    "cut": lambda folder: os.truncate(folder / "anchor.json", 60),
    "another profile's": _other_profile,
    "a folder": lambda folder: _instead(folder, Path.mkdir),
    "a pipe": lambda folder: _instead(folder, os.mkfifo),
    "a dead link": lambda folder: _instead(folder, lambda path: path.symlink_to("nowhere")),
}


def _instead(folder: Path, make: Callable[[Path], object]) -> None:
    (folder / "anchor.json").unlink()
    make(folder / "anchor.json")


@pytest.mark.parametrize("loss", LOST)
def test_a_withdrawn_consent_does_not_count_again_where_the_anchor_is_lost(
    profile: Profile, passphrase: Passphrase, loss: str
) -> None:
    profile.consent.grant(Purpose.LEARN, Category.NOTES, shown="May I?")
    profile.clients.grant("editor", Ability.RECALL, audience="work", shown="May it?")
    profile._database.checkpoint()
    old = database_file(profile).read_bytes()
    profile.consent.withdraw(Purpose.LEARN, Category.NOTES)
    profile.close()
    database_file(profile).write_bytes(old)
    LOST[loss](profile.path)

    with open_profile(profile.path, unlock=passphrase) as back:
        with pytest.raises(RollbackDetected, match="anchor"):
            back.verify_ledger()
        assert not back.consent.allows(Purpose.LEARN, Category.NOTES)
        with pytest.raises(RollbackDetected):
            back.reading_for(Purpose.LEARN).notes.all()
        with pytest.raises(RollbackDetected):
            back.clients.find("editor")
        back.consent.grant(Purpose.LEARN, Category.NOTES, shown="May I?")  # hides nothing
        assert not back.consent.allows(Purpose.LEARN, Category.NOTES)
        assert back.consent.allows(Purpose.ANSWER, Category.NOTES)


def test_after_a_rollback_is_accepted_the_person_decides_everything_anew(
    profile: Profile, passphrase: Passphrase
) -> None:
    profile.consent.withdraw(Purpose.ANSWER, Category.TURNS)
    profile.consent.grant(Purpose.LEARN, Category.NOTES, shown="May I?")
    profile.clients.grant("editor", Ability.RECALL, audience="work", shown="May it?")
    (profile.path / "anchor.json").unlink()

    profile.accept_rollback()

    profile.check()
    assert not profile.consent.allows(Purpose.LEARN, Category.NOTES)
    assert not profile.consent.allows(Purpose.ANSWER, Category.TURNS)  # a no stays a no
    assert profile.consent.allows(Purpose.ANSWER, Category.NOTES)
    [editor] = profile.clients.all()
    assert editor.may == frozenset()
    profile.consent.grant(Purpose.LEARN, Category.NOTES, shown="May I?")
    profile.close()
    with open_profile(profile.path, unlock=passphrase) as again:
        assert again.consent.allows(Purpose.LEARN, Category.NOTES)


def test_a_ledger_without_entries_has_its_anchor_from_the_beginning(
    profile: Profile, passphrase: Passphrase
) -> None:
    old = database_file(profile).read_bytes()
    profile.spending.set_budget("default", 1.0)
    profile.spending.reserve("default", 0.9, run="r")
    profile.close()
    database_file(profile).write_bytes(old)
    (profile.path / "anchor.json").unlink()

    with open_profile(profile.path, unlock=passphrase) as back, pytest.raises(AnchorMissing):
        back.verify_ledger()


def test_an_entry_that_is_gone_from_the_keychain_is_noticed(
    profile: Profile, passphrase: Passphrase
) -> None:
    vault = MemoryVault()
    profile.close()
    with open_profile(profile.path, unlock=passphrase, anchor=Keychain("app", vault)) as first:
        first.consent.grant(Purpose.LEARN, Category.NOTES, shown="May I?")
    emptied = Keychain("app", MemoryVault())
    with (
        open_profile(profile.path, unlock=passphrase, anchor=emptied) as back,
        pytest.raises(AnchorMissing, match="keychain"),
    ):
        back.verify_ledger()
