"""Every step of the schema's history is whole or absent, and no released step is ever changed."""

import hashlib
import shutil
from pathlib import Path

import pytest

from homeward_store import (
    LearnedKind,
    Origin,
    Passphrase,
    Pick,
    SourceKind,
    StoreFailed,
    StoreTooNew,
    UseContext,
    open_profile,
)
from homeward_store.database.database import Database, create_database
from homeward_store.database.migrations import CURRENT, STEPS, migrate, version
from homeward_store.secret import Secret

VECTORS = Path(__file__).parents[2] / "vectors"
RELEASED = [
    "1389cba8305b59705f300212bd7abb5f80d09d24194c027ce6bb0ff7bb61bb35",
    "91f03fc31a0970857e18c770f3436081d1a7059c53294af29109454b2317c804",
    "24f8c3c043912ed3736f639404e617de723a5d2db5e3271f7c77a4a9fe72bf6d",
    "8d6c0bec6cc87df6257153174f6bed45786521823aa5ee8ff82824a7cac4803d",
    "07b14be28cc602c506595ccc80f432a53597978830aaa9c684cf5955e919ef4b",
    "7de278bb7c39e9d0fe73b5c0d01922c12aba3471bd4894ceb3a9379438c3f8f1",
    "f944228ad9e28b2d9b2dbc4ce7a3f33b4ee63e92a76a06ad0e690ba1f9e73612",
]


def test_released_steps_are_what_they_were() -> None:
    digests = [hashlib.sha256("\n".join(step).encode()).hexdigest() for step in STEPS]
    assert digests == RELEASED


def test_a_new_database_is_brought_to_the_newest_version_once(tmp_path: Path, key: Secret) -> None:
    database = create_database(tmp_path / "x.db", key)
    assert version(database) == 0
    assert migrate(database) == CURRENT
    assert migrate(database) == 0
    assert version(database) == CURRENT
    database.close()


def test_a_step_that_fails_leaves_the_version_before_it(database: Database) -> None:
    steps = (*STEPS, ("CREATE TABLE extra(x)",), ("CREATE TABLE more(x)", "nonsense"))
    with pytest.raises(StoreFailed):
        migrate(database, steps=steps)
    assert version(database) == CURRENT + 1
    names = {name for (name,) in database.run("SELECT name FROM sqlite_schema")}
    assert "extra" in names
    assert "more" not in names


@pytest.mark.parametrize("stop", range(1, 5))
def test_a_step_interrupted_at_any_statement_starts_anew(database: Database, stop: int) -> None:
    whole = ("CREATE TABLE a(x)", "INSERT INTO a VALUES(1)", "CREATE TABLE b(x)", "DROP TABLE a")
    interrupted = (*whole[:stop], "nonsense", *whole[stop:])
    with pytest.raises(StoreFailed):
        migrate(database, steps=(*STEPS, interrupted))
    assert version(database) == CURRENT
    migrate(database, steps=(*STEPS, whole))
    assert database.run("SELECT count(*) FROM b") == [(0,)]


def test_a_newer_database_is_not_touched(database: Database) -> None:
    with pytest.raises(StoreTooNew):
        migrate(database, steps=STEPS[:-1])


def test_a_profile_of_every_released_version_opens(tmp_path: Path) -> None:
    golden = sorted((VECTORS / "profiles").iterdir())
    assert len(golden) == CURRENT
    for one in golden:
        shutil.copytree(one, tmp_path / one.name)
        with open_profile(tmp_path / one.name, unlock=Passphrase("golden")) as profile:
            profile.check()
            assert [note.text for note in profile.notes.all()] == ["the first note"]
            assert profile.turns.latest(1)[0].replied == "the first reply"
            assert profile.memories.match("first", limit=5)
            assert profile.receipts()[0].verify()


def test_a_profile_of_version_1_becomes_one_of_version_2_and_keeps_what_it_held(
    tmp_path: Path,
) -> None:
    shutil.copytree(VECTORS / "profiles" / "v1", tmp_path / "v1")

    with open_profile(tmp_path / "v1", unlock=Passphrase("golden")) as profile:
        before = (profile.notes.all(), profile.turns.latest(9), list(profile.memories.all()))
        assert before[1][0].withheld == ()
        profile.settings.put("rules", ["kept"])
    with open_profile(tmp_path / "v1", unlock=Passphrase("golden")) as profile:
        assert profile.settings.get("rules") == ["kept"]
        assert before == (
            profile.notes.all(),
            profile.turns.latest(9),
            list(profile.memories.all()),
        )


def test_a_profile_of_version_2_says_what_was_decided_withheld_and_imported(
    tmp_path: Path,
) -> None:
    shutil.copytree(VECTORS / "profiles" / "v2", tmp_path / "v2")

    with open_profile(tmp_path / "v2", unlock=Passphrase("golden")) as profile:
        assert profile.settings.get("first") == ["setting"]
        assert profile.imported.seen([bytes(32), b"1" * 32]) == {bytes(32)}
        [withheld] = profile.turns.latest(1)[0].withheld
        assert withheld.rule == "location stays private"


def test_a_profile_of_version_3_says_which_files_were_attached(tmp_path: Path) -> None:
    for name in ("v2", "v3"):
        shutil.copytree(VECTORS / "profiles" / name, tmp_path / name)

    with open_profile(tmp_path / "v3", unlock=Passphrase("golden")) as profile:
        assert profile.turns.latest(1)[0].attached == ("first.png", "second.jpg")
    with open_profile(tmp_path / "v2", unlock=Passphrase("golden")) as profile:
        assert {turn.attached for turn in profile.turns.latest(9)} == {()}


def test_a_profile_of_version_4_says_which_exchanges_choices_and_learned_states_made_a_reply(
    tmp_path: Path,
) -> None:
    for name in ("v3", "v4"):
        shutil.copytree(VECTORS / "profiles" / name, tmp_path / name)

    with open_profile(tmp_path / "v4", unlock=Passphrase("golden")) as profile:
        [turn] = profile.turns.latest(1)
        assert [one.kind for one in turn.used] == [SourceKind.TURN, SourceKind.CHOICE]
        [learned] = turn.learned
        assert learned.pick == Pick(1, 0.75, 3)
        assert (learned.kind, learned.prior) == (LearnedKind.TASTE, "books, version 4")
    with open_profile(tmp_path / "v3", unlock=Passphrase("golden")) as profile:
        assert {turn.learned for turn in profile.turns.latest(9)} == {()}
        assert any(turn.used for turn in profile.turns.latest(9))


def test_a_profile_of_version_5_says_who_reads_a_conversation_and_whose_words_were_chosen(
    tmp_path: Path,
) -> None:
    for name in ("v4", "v5"):
        shutil.copytree(VECTORS / "profiles" / name, tmp_path / name)

    with open_profile(tmp_path / "v5", unlock=Passphrase("golden")) as profile:
        newest = profile.turns.latest(1)[0]
        assert newest.use_context == UseContext("colleagues", "mail")
        assert [one.origin for one in profile.choices.all()] == [Origin.PERSON, Origin.DOCUMENT]
    with open_profile(tmp_path / "v4", unlock=Passphrase("golden")) as profile:
        turns = profile.turns.latest(9)
        assert len(turns) == 3
        assert {one.use_context for one in turns} == {UseContext()}
        assert profile.turns.conversation("golden", use_context=UseContext())
        assert [one.origin for one in profile.choices.all()] == [Origin.PERSON]


def test_a_profile_of_version_6_says_what_is_watched_and_one_of_version_5_watches_nothing(
    tmp_path: Path,
) -> None:
    for name in ("v5", "v6"):
        shutil.copytree(VECTORS / "profiles" / name, tmp_path / name)

    with open_profile(tmp_path / "v6", unlock=Passphrase("golden")) as profile:
        [folder] = profile.watched.all()
        assert (folder.path, folder.i_am, folder.forgets) == ("/home/golden/notes", "Golden", True)
        [file] = profile.watched.files(folder.id)
        assert (file.name, file.size, file.left_out) == ("daily/first.md", 14, 1)
        assert profile.watched.gave(folder.id, [file.name]) == [(SourceKind.TURN, 4)]
    with open_profile(tmp_path / "v5", unlock=Passphrase("golden")) as profile:
        assert profile.watched.all() == []


def test_a_profile_of_version_6_finds_words_that_no_spaces_part(
    tmp_path: Path, key: Secret
) -> None:
    database = create_database(tmp_path / "x.db", key)
    migrate(database, steps=STEPS[:6])
    database.run(
        "INSERT INTO memory(text, context, source_kind, source_id, source_start, source_end,"
        " origin, said_at, learned_at, valid_from)"
        " VALUES('我对花生过敏。', '猫が好き', 'note', 1, 0, 7, 'person', 0, 0, 0)"
    )

    migrate(database)

    found = "SELECT count(*) FROM memory_words WHERE memory_words MATCH ?"
    assert database.run(found, ('"花生"',)) == [(1,)]
    assert database.run(found, ('context_forms : "好き"',)) == [(1,)]
    database.close()


def test_a_profile_of_version_7_holds_the_forms_of_its_words(tmp_path: Path) -> None:
    shutil.copytree(VECTORS / "profiles" / "v7", tmp_path / "v7")

    with open_profile(tmp_path / "v7", unlock=Passphrase("golden")) as profile:
        assert profile.memories.match("花生", limit=5)
