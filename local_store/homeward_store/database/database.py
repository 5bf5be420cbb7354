"""
Runs statements, transactions and checkpoints on one open database.

Nothing outside sees the raw connection.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from homeward_store import errors, files
from homeward_store.database import engine, pages
from homeward_store.database.engine import PAGE_BYTES, Connection
from homeward_store.secret import Secret

Value = str | bytes | int | float | None
Row = tuple[Any, ...]


class Database:
    """
    An open database. Safe to use from several threads, one at a time; useless after a fork.

    Guarantees:
        A transaction that returned is on the disk; one that raised left nothing behind.
    """

    def __init__(self, connection: Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._pid = os.getpid()
        self._turnstile = threading.RLock()
        self._depth = 0
        self._after_commit: list[Callable[[], None]] = []
        self.rollbacks = 0  # whoever caches rows compares this to know that they may be gone

    @property
    def path(self) -> Path:
        """The database file."""
        return self._path

    def run(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Execute one statement and fetch everything, so that no read stays open."""
        with self._exclusive():
            try:  # spelled out: `_translated` would cost as much as a cached read
                return list(self._connection.execute(sql, values))
            except engine.REFUSALS as error:
                raise engine.translate(error, self._path) from None

    def run_many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Execute one statement for every row."""
        with self._exclusive(), self._translated():
            self._connection.executemany(sql, rows)

    def insert(self, sql: str, values: Sequence[Value]) -> int:
        """Execute an INSERT and return the new row's id."""
        with self._exclusive(), self._translated():
            row_id: int = self._connection.execute(sql, values).lastrowid
            return row_id

    def define(self, name: str, function: Callable[[str], str]) -> None:
        """Let statements call a function of one text; triggers and views may not."""
        with self._exclusive(), self._translated():
            self._connection.create_function(name, 1, function, deterministic=True)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """
        Everything inside is committed together, or not at all.

        An inner transaction that raises is undone alone; an outer one undoes the inner too.
        """
        with self._exclusive():
            begin, commit, undo = _brackets(self._depth)
            with self._translated():
                self._connection.execute(begin)
            self._depth += 1
            try:
                yield
                with self._translated():
                    self._connection.execute(commit)
            except BaseException:
                self._undo(undo)
                raise
            finally:
                self._depth -= 1
            if self._depth == 0:
                self._run_after_commit()

    def after_commit(self, action: Callable[[], None]) -> None:
        """
        Call `action` once, after the outermost transaction has committed.

        All of them are called, also where one raises; `transaction` then raises what it raised,
        and what was committed stays.
        """
        if action not in self._after_commit:
            self._after_commit.append(action)

    def _run_after_commit(self) -> None:
        actions, self._after_commit = self._after_commit, []
        with contextlib.ExitStack() as each_is_called:
            for action in reversed(actions):
                each_is_called.callback(action)

    def _undo(self, statements: Sequence[str]) -> None:
        self.rollbacks += 1
        if self._depth == 1:
            self._after_commit.clear()
        with self._translated():
            if self._connection.in_transaction:  # a full disk has already rolled it back
                for statement in statements:
                    self._connection.execute(statement)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep other threads out for a while."""
        with self._exclusive():
            yield

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._depth > 0

    def rewrite(self) -> bool:
        """
        Write every page anew, through a copy in memory of the size of the file.

        A row that moved to another page leaves its bytes in the room between that page's rows, and
        `secure_delete` never comes back for them. Only pages that are made anew have none.

        Guarantees:
            True: no page that is valid now has bytes of what was deleted before.
            False: another connection is in the way, or there is no room for it.
        """
        with self._exclusive():
            try:
                self.run("VACUUM")
            except (errors.StoreBusy, errors.StoreFull):
                return False
            return True

    def checkpoint(self) -> bool:
        """
        Move every committed page into the main file and empty the log.

        Guarantees:
            True: nothing that was deleted before can be decrypted from either file.
            False: a reader still holds an older state; the log could not be emptied.
        """
        with self._exclusive():
            try:
                [(busy, _, _)] = self.run("PRAGMA wal_checkpoint(TRUNCATE)")
            except errors.StoreBusy:
                return False
            return bool(busy == 0)

    def check(self) -> None:
        """
        Check every page's MAC, every table and index, and every link between rows.

        Raises:
            StoreCorrupt: the message says what and where, never content.
        """
        self.checkpoint()  # cipher_integrity_check reads the main file only
        for question in ("cipher_integrity_check", "quick_check", "foreign_key_check"):
            answers = self.run(f"PRAGMA {question}")
            if answers and answers != [("ok",)]:
                raise errors.StoreCorrupt(f"{question}: {len(answers)} problems, {answers[0]}")

    def census(self) -> dict[str, int]:
        """How many rows each table has."""
        tables = self.run("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        return {
            name: self.run(f'SELECT count(*) FROM "{name}"')[0][0]  # noqa: S608  our own schema
            for (name,) in tables
        }

    def copy_to(self, destination: "Database") -> None:
        """Copy every page into an empty database, which may have another key."""
        with self._exclusive(), self._translated():
            self._connection.backup(destination._connection)  # noqa: SLF001  the same class

    def become(self, other: "Database") -> None:
        """Take over another database's connection, whoever holds this object; close the old one."""
        with self._exclusive():
            self._connection.close()
            self._connection = other._connection  # noqa: SLF001  the same class
            self._path = other.path
            self.rollbacks += 1  # nothing cached is trusted across the change

    def close(self) -> None:
        """Close the connection; SQLCipher then wipes its keys. Closing twice is fine."""
        if os.getpid() == self._pid and self._connection is not None:
            with self._turnstile:
                self._connection.close()
                self._connection = None

    @contextlib.contextmanager
    def _exclusive(self) -> Iterator[None]:
        if os.getpid() != self._pid:
            raise errors.ForkedStore(f"{self._path.name} was opened by process {self._pid}")
        if not self._turnstile.acquire(timeout=engine.BUSY_SECONDS):
            raise errors.StoreBusy(f"another thread holds {self._path.name}")
        try:
            if self._connection is None:
                raise errors.StoreClosed(f"{self._path.name} is closed")
            yield
        finally:
            self._turnstile.release()

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except engine.REFUSALS as error:
            raise engine.translate(error, self._path) from None


def create_database(path: Path, key: Secret) -> Database:
    """
    Make a new, empty, encrypted database.

    Raises:
        StoreUnwritable: the file exists already, or the folder cannot be written.
    """
    with files.translated(path):
        files.create_private(path)
    database = Database(engine.connect(path, key), path)
    try:
        _prove_encrypted(database)
    except BaseException:
        database.close()
        raise
    return database


def open_database(path: Path, key: Secret, *, hardened: bool = False) -> Database:
    """
    Open a database that `create_database` made.

    Raises:
        Damaged: one of its leaves says in which way. The key file has already proved the key
            right, so a first page that does not open is damage, never a wrong passphrase.
    """
    _check_file(path)
    try:
        database = Database(engine.connect(path, key, hardened=hardened), path)
    except errors.StoreCorrupt:
        _check_whole(path, key)
        raise
    try:
        _check_length(database)
    except BaseException:
        database.close()
        raise
    return database


def _brackets(depth: int) -> tuple[str, str, tuple[str, ...]]:
    if depth == 0:
        # IMMEDIATE: a read that turns into a write after someone else's commit is refused at
        # once, whatever the time-out.
        return "BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",)
    name = f"inner_{depth}"
    return f"SAVEPOINT {name}", f"RELEASE {name}", (f"ROLLBACK TO {name}", f"RELEASE {name}")


def _prove_encrypted(database: Database) -> None:
    # A library that ignored the key would have written its magic by now.
    with database.transaction():
        database.run("PRAGMA user_version = 0")
    database.checkpoint()
    if _starts_in_the_clear(database.path):
        raise errors.EncryptionMissing("a new database was written in the clear")


def _check_file(path: Path) -> None:
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise errors.StoreMissing(f"{path.name} is missing") from None
    if size <= 1:  # SQLite takes it for a new database, under any key
        raise errors.StoreEmpty(f"{path.name} is empty")
    with files.translated(path):
        in_the_clear = _starts_in_the_clear(path)
    if in_the_clear:
        raise errors.StorePlaintext(f"{path.name} is not encrypted")
    if size < PAGE_BYTES:
        raise errors.StoreTruncated(f"{path.name} has {size} bytes, less than one page")


def _starts_in_the_clear(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(engine.PLAINTEXT_MAGIC)) == engine.PLAINTEXT_MAGIC


def _check_length(database: Database) -> None:
    log = database.path.with_name(database.path.name + "-wal")
    if not database.checkpoint() or (log.exists() and log.stat().st_size):
        return  # pages still lie in the log, so the main file may rightly be shorter
    [(pages,)] = database.run("PRAGMA page_count")
    size = database.path.stat().st_size  # a shorter file would not have opened
    if size > pages * PAGE_BYTES:
        raise errors.StoreOverlong(f"{database.path.name} has {size} bytes of {pages * PAGE_BYTES}")


def _check_whole(path: Path, key: Secret) -> None:
    log = path.with_name(path.name + "-wal")
    size, expected = path.stat().st_size, pages.count(path, key) * PAGE_BYTES
    if size < expected and not (log.exists() and log.stat().st_size):
        raise errors.StoreTruncated(f"{path.name} has {size} bytes of {expected}") from None
