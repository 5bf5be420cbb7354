"""One connection: set up and proved safe, transactional, shut to other threads and to forks."""

import os
import threading
from pathlib import Path

import pytest

from homeward_store import (
    EncryptionMissing,
    ForkedStore,
    InvalidText,
    InvalidValue,
    StoreBusy,
    StoreClosed,
    StoreError,
    StoreFailed,
    StoreFull,
    StoreUnwritable,
)
from homeward_store.database import engine
from homeward_store.database.database import Database, create_database, open_database
from homeward_store.secret import Secret


def count(database: Database) -> int:
    return int(database.run("SELECT count(*) FROM note")[0][0])


def add(database: Database, text: str = "n") -> None:
    database.run("INSERT INTO note(text, noted_at) VALUES(?, 0)", (text,))


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("auto_vacuum", 2),
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("temp_store", 2),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("recursive_triggers", 1),
    ],
)
def test_a_connection_is_set_up_as_it_must_be(
    tmp_path: Path, key: Secret, pragma: str, value: object
) -> None:
    create_database(tmp_path / "x.db", key).close()
    connection = engine.connect(tmp_path / "x.db", key)
    connection.set_authorizer(None)
    assert connection.execute(f"PRAGMA {pragma}").fetchone() == (value,)
    connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH 'copy.db' AS copy KEY ''",
        "DETACH main",
        "PRAGMA temp_store = FILE",
        "PRAGMA key = 'x'",
        "PRAGMA rekey = 'x'",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA secure_delete = OFF",
        "PRAGMA cipher_memory_security = OFF",
        "PRAGMA writable_schema = ON",
        "SELECT sqlcipher_export('main')",
        "SELECT load_extension('x')",
        "VACUUM INTO 'copy.db'",
    ],
)
def test_what_would_weaken_the_store_is_refused(database: Database, statement: str) -> None:
    with pytest.raises(StoreFailed):
        database.run(statement)
    assert not Path("copy.db").exists()


def test_the_file_is_private_and_holds_no_plaintext(database: Database) -> None:
    add(database, "planted" * 100)
    database.checkpoint()
    assert database.path.stat().st_mode & 0o077 == 0
    assert b"planted" not in database.path.read_bytes()
    assert not database.path.read_bytes().startswith(b"SQLite")


def test_a_library_that_does_not_encrypt_is_refused(
    tmp_path: Path, key: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_SAFE_SQLITE", (99, 0, 0))
    with pytest.raises(EncryptionMissing, match="corrupts WAL"):
        create_database(tmp_path / "x.db", key)


def test_a_library_without_a_cipher_is_refused() -> None:
    class Plain:
        def execute(self, _: str) -> "Plain":
            return self

        def fetchall(self) -> list[object]:
            return []

    with pytest.raises(EncryptionMissing, match="does not encrypt"):
        engine._check_library(Plain())


def test_a_database_written_in_the_clear_is_refused(
    tmp_path: Path, key: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlcipher3 import dbapi2 as sqlcipher

    def unkeyed(path: Path, _: Secret) -> object:
        return sqlcipher.connect(str(path), isolation_level=None)

    monkeypatch.setattr(engine, "connect", unkeyed)
    with pytest.raises(EncryptionMissing, match="in the clear"):
        create_database(tmp_path / "x.db", key)


def test_a_setting_that_does_not_hold_is_refused(
    tmp_path: Path, key: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_SETTINGS", (("page_count", "5", 5),))
    with pytest.raises(EncryptionMissing, match="page_count"):
        create_database(tmp_path / "x.db", key)


def test_macos_settings_are_set_and_read_back(
    tmp_path: Path, key: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    create_database(tmp_path / "x.db", key).close()


def test_only_a_key_of_32_bytes_is_taken(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        create_database(tmp_path / "x.db", Secret(bytearray(31)))


def test_creating_never_overwrites(tmp_path: Path, key: Secret) -> None:
    (tmp_path / "x.db").write_bytes(b"precious")
    with pytest.raises(StoreUnwritable):
        create_database(tmp_path / "x.db", key)
    assert (tmp_path / "x.db").read_bytes() == b"precious"


def test_a_database_that_cannot_be_opened_says_so(tmp_path: Path, key: Secret) -> None:
    with pytest.raises(StoreUnwritable):
        engine.connect(tmp_path / "missing.db", key)


def test_hardened_memory_can_be_asked_for(tmp_path: Path, key: Secret) -> None:
    create_database(tmp_path / "x.db", key).close()
    hardened = open_database(tmp_path / "x.db", key, hardened=True)
    assert hardened.run("PRAGMA page_count")
    hardened.close()


def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    with pytest.raises(KeyError), database.transaction():
        add(database)
        raise KeyError
    assert count(database) == 0
    assert database.rollbacks == 1
    with database.transaction():
        add(database)
    assert count(database) == 1


def test_an_inner_transaction_is_undone_alone(database: Database) -> None:
    with database.transaction():
        add(database)
        with pytest.raises(KeyError), database.transaction():
            add(database)
            raise KeyError
        assert database.in_transaction
    assert count(database) == 1
    assert not database.in_transaction


def test_an_outer_transaction_undoes_the_inner(database: Database) -> None:
    with pytest.raises(KeyError), database.transaction():
        with database.transaction():
            add(database)
        raise KeyError
    assert count(database) == 0


def test_what_is_to_follow_a_commit_follows_once_and_only_a_commit(database: Database) -> None:
    done: list[str] = []

    def follow() -> None:
        done.append("now")

    with database.transaction():
        with database.transaction():
            database.after_commit(follow)
            database.after_commit(follow)
        assert done == []
    assert done == ["now"]
    with pytest.raises(KeyError), database.transaction():
        database.after_commit(follow)
        raise KeyError
    with database.transaction():
        pass
    assert done == ["now"]


def test_an_action_that_fails_after_a_commit_takes_no_other_action_with_it(
    database: Database,
) -> None:
    done: list[str] = []

    def fail() -> None:
        raise KeyError("a listener")

    with pytest.raises(KeyError, match="a listener"), database.transaction():
        add(database)
        database.after_commit(lambda: done.append("before"))
        database.after_commit(fail)
        database.after_commit(lambda: done.append("after"))
    assert done == ["before", "after"]
    assert count(database) == 1


def test_errors_name_the_code_and_never_the_statement_or_its_values(database: Database) -> None:
    with pytest.raises(StoreError) as caught:
        database.run("SELECT secret_column FROM note WHERE text = ?", ("secret value",))
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__
    for wrong in (
        lambda: database.insert("INSERT INTO note(text, noted_at) VALUES(?, 'x')", ("secret",)),
        lambda: database.run_many("INSERT INTO nothing VALUES(?)", [("secret",)]),
    ):
        with pytest.raises(StoreError) as caught:
            wrong()
        assert "secret" not in str(caught.value)


def test_two_threads_take_turns(database: Database) -> None:
    def work() -> None:
        for _ in range(50):
            with database.transaction():
                add(database)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(database) == 200


def test_a_thread_that_waits_too_long_is_told_that_the_store_is_busy(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    caught: list[Exception] = []

    def wait() -> None:
        try:
            count(database)
        except StoreBusy as busy:
            caught.append(busy)

    with database.held():
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
    assert len(caught) == 1


def test_a_second_writer_is_told_that_the_store_is_busy(
    database: Database, key: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    other = open_database(database.path, key)
    with database.transaction():
        add(database)
        with pytest.raises(StoreBusy), other.transaction():
            pass
    other.close()


def test_a_fork_cannot_use_the_parents_database(database: Database) -> None:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            count(database)
        except ForkedStore:
            database.close()  # does nothing here: the connection is the parent's
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert count(database) == 0


def test_a_process_that_did_not_open_the_database_is_refused(database: Database) -> None:
    opener, database._pid = database._pid, -1
    with pytest.raises(ForkedStore):
        count(database)
    database._pid = opener


def test_a_closed_database_says_so_and_closes_twice(database: Database) -> None:
    database.close()
    database.close()
    with pytest.raises(StoreClosed):
        count(database)


def test_a_checkpoint_is_not_complete_while_a_reader_holds_an_older_state(
    database: Database, key: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    add(database)
    reader = engine.connect(database.path, key)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM note").fetchall()
    other = open_database(database.path, key)
    add(other)
    assert not other.checkpoint()
    reader.close()
    assert other.checkpoint()
    other.close()


def test_a_checkpoint_inside_a_transaction_is_not_complete(database: Database) -> None:
    with database.transaction():
        add(database)
        assert not database.checkpoint()


def test_a_full_disk_loses_nothing_that_was_committed(database: Database) -> None:
    add(database)
    database._connection.set_authorizer(None)
    [(pages,)] = database.run("PRAGMA page_count")
    database.run(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(StoreFull), database.transaction():
        for _ in range(100):
            add(database, "x" * 3000)
    assert count(database) == 1
    database.check()


@pytest.mark.parametrize("is_full", [True, False])
def test_a_disk_that_is_full_is_told_from_one_that_fails(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    is_full: bool,  # noqa: FBT001
) -> None:
    from sqlcipher3 import dbapi2 as sqlcipher

    error = sqlcipher.OperationalError("disk I/O error")
    error.sqlite_errorcode, error.sqlite_errorname = sqlcipher.SQLITE_IOERR, "SQLITE_IOERR"
    monkeypatch.setattr(engine, "_ROOM_TO_OPEN", 2**63 if is_full else 0)
    expected = StoreFull if is_full else StoreUnwritable
    assert type(engine.translate(error, database.path)) is expected
    assert isinstance(engine.translate(error, Path("/nowhere/x.db")), StoreUnwritable)


def test_the_census_counts_every_table(database: Database) -> None:
    add(database)
    census = database.census()
    assert census["note"] == 1
    assert census["memory"] == 0


def test_what_sqlite_cannot_be_handed_is_refused_with_an_error_of_the_store(
    database: Database,
) -> None:
    with pytest.raises(InvalidText, match="character 1"):
        add(database, "n\udcff")
    with pytest.raises(InvalidValue, match="64 bits"):
        database.run("SELECT text FROM note WHERE id = ?", (2**63,))
    assert count(database) == 0
