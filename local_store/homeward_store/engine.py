"""
One connection to one encrypted database. The only importer of `sqlcipher3`.

Knows pragmas, transactions and SQLite's error codes; no table, record or key slot. Nothing outside
sees the raw connection, and the key goes in as bytes that are wiped.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from homeward_store import errors, files
from homeward_store.secret import Secret

PAGE_BYTES = 4096
BUSY_SECONDS = 5.0

Row = tuple[Any, ...]
Value = str | bytes | int | float | None

_SAFE_SQLITE = (3, 51, 3)  # fixes the WAL-reset corruption bug of 3.7.0 to 3.51.2
_PLAINTEXT_MAGIC = b"SQLite format 3\0"
_HEX = b"0123456789abcdef"

# Name, value, what reading it back must give. Order matters: secure_delete before the first write,
# WAL before synchronous.
_SETTINGS: tuple[tuple[str, str, Value], ...] = (
    ("foreign_keys", "ON", 1),  # off by default: deletes would leave orphans
    ("secure_delete", "ON", 1),  # FAST left rows readable in free pages
    ("auto_vacuum", "INCREMENTAL", 2),  # VACUUM would need memory the size of the file
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),  # NORMAL does not sync a commit at all
    ("temp_store", "MEMORY", 2),  # FILE writes plaintext next to an encrypted database
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("recursive_triggers", "ON", 1),  # else REPLACE skips the triggers that keep FTS in step
    ("cache_size", "-8192", -8192),  # KiB
    ("wal_autocheckpoint", "1000", 1000),  # pages, 4 MiB
)
_DARWIN_SETTINGS = (("fullfsync", "ON", 1), ("checkpoint_fullfsync", "ON", 1))

# What may run once the connection is set up. Everything else is refused: key, rekey, temp_store,
# journal_mode, secure_delete, cipher_*, writable_schema, and what later versions bring.
_ALLOWED_PRAGMAS = {
    "cipher_integrity_check",
    "data_version",  # FTS5 asks for it
    "foreign_key_check",
    "freelist_count",
    "incremental_vacuum",
    "page_count",
    "quick_check",
    "user_version",
    "wal_checkpoint",
}
_DENIED_FUNCTIONS = {"load_extension", "sqlcipher_export", "fts3_tokenizer"}


class Engine:
    """
    An open database. Safe to use from several threads, one at a time; useless after a fork.

    Guarantees:
        A transaction that returned is on the disk; one that raised left nothing behind.
    """

    def __init__(self, connection: Any, path: Path) -> None:  # noqa: ANN401  sqlcipher3 is untyped
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
        with self._exclusive(), self._translated():
            return list(self._connection.execute(sql, values))

    def run_many(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Execute one statement for every row."""
        with self._exclusive(), self._translated():
            self._connection.executemany(sql, rows)

    def insert(self, sql: str, values: Sequence[Value]) -> int:
        """Execute an INSERT and return the new row's id."""
        with self._exclusive(), self._translated():
            row_id: int = self._connection.execute(sql, values).lastrowid
            return row_id

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
        """Call `action` once, after the outermost transaction has committed."""
        if action not in self._after_commit:
            self._after_commit.append(action)

    def _run_after_commit(self) -> None:
        actions, self._after_commit = self._after_commit, []
        for action in actions:
            action()

    def _undo(self, statements: Sequence[str]) -> None:
        self.rollbacks += 1
        if self._depth == 1:
            self._after_commit.clear()
        with self._translated():
            if self._connection.in_transaction:  # a full disk has already rolled it back
                for statement in statements:
                    self._connection.execute(statement)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._depth > 0

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

    def copy_to(self, destination: "Engine") -> None:
        """Copy every page into an empty database, which may have another key."""
        with self._exclusive(), self._translated():
            self._connection.backup(destination._connection)  # noqa: SLF001  the same class

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
        if not self._turnstile.acquire(timeout=BUSY_SECONDS):
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
        except sqlcipher.Error as error:
            raise _translate(error, self._path) from None


def create_database(path: Path, key: Secret) -> Engine:
    """
    Make a new, empty, encrypted database.

    Raises:
        StoreUnwritable: the file exists already, or the folder cannot be written.
    """
    with files.translated(path):
        files.create_private(path)
    engine = _connect(path, key)
    _prove_encrypted(engine)
    return engine


def open_database(path: Path, key: Secret) -> Engine:
    """
    Open a database that `create_database` made.

    Raises:
        Damaged: one of its leaves says in which way. The key file has already proved the key
            right, so a first page that does not open is damage, never a wrong passphrase.
    """
    _check_file(path)
    engine = _connect(path, key)
    try:
        _check_length(engine)
    except BaseException:
        engine.close()
        raise
    return engine


def _brackets(depth: int) -> tuple[str, str, tuple[str, ...]]:
    if depth == 0:
        # IMMEDIATE: a read that turns into a write after someone else's commit is refused at
        # once, whatever the time-out.
        return "BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",)
    name = f"inner_{depth}"
    return f"SAVEPOINT {name}", f"RELEASE {name}", (f"ROLLBACK TO {name}", f"RELEASE {name}")


def _connect(path: Path, key: Secret) -> Engine:
    uri = f"{path.absolute().as_uri()}?mode=rw"  # rw: never create what is not there
    try:
        connection = sqlcipher.connect(
            uri, uri=True, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False
        )
    except sqlcipher.Error as error:
        raise _translate(error, path) from None
    engine = Engine(connection, path)
    try:
        with engine._translated():  # noqa: SLF001  set up by the module that owns it
            _set_up(connection, key)
        _check_library(engine)
        connection.set_authorizer(_authorize)
    except BaseException:
        engine.close()
        raise
    return engine


def _set_up(connection: Any, key: Secret) -> None:  # noqa: ANN401  sqlcipher3 is untyped
    connection.execute("PRAGMA cipher_log_level = NONE")  # the default writes to stderr
    with _raw_key(key) as specification:
        connection.set_key(specification.expose())  # a PRAGMA would leave copies in memory
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    platform = _DARWIN_SETTINGS if sys.platform == "darwin" else ()
    for name, value, expected in (*_SETTINGS, *platform):
        connection.execute(f"PRAGMA {name} = {value}").fetchall()
        [actual] = connection.execute(f"PRAGMA {name}").fetchone()
        if actual != expected:
            raise errors.EncryptionMissing(f"PRAGMA {name} stayed {actual}")


def _raw_key(key: Secret) -> Secret:
    # x'…' with exactly 64 digits: any other shape silently becomes a passphrase. Built digit by
    # digit, because bytes.hex() would leave a copy that cannot be wiped.
    raw = key.expose()
    if len(raw) != 32:
        raise ValueError("a database key has 32 bytes")
    text = bytearray(b"x'" + bytes(64) + b"'")
    for i, byte in enumerate(raw):
        text[2 + 2 * i] = _HEX[byte >> 4]
        text[3 + 2 * i] = _HEX[byte & 15]
    return Secret(text)


def _check_library(engine: Engine) -> None:
    version = sqlcipher.sqlite_version_info
    if version < _SAFE_SQLITE:
        raise errors.EncryptionMissing(f"SQLite {version} corrupts WAL files; 3.51.3 does not")
    cipher, status = engine.run("PRAGMA cipher_version"), engine.run("PRAGMA cipher_status")
    if not cipher or status != [("1",)]:
        raise errors.EncryptionMissing("the SQLite library at hand does not encrypt")


def _prove_encrypted(engine: Engine) -> None:
    # A library that ignored the key would have written its magic by now.
    with engine.transaction():
        engine.run("PRAGMA user_version = 0")
    engine.checkpoint()
    if _starts_in_the_clear(engine.path):
        engine.close()
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
        return file.read(len(_PLAINTEXT_MAGIC)) == _PLAINTEXT_MAGIC


def _check_length(engine: Engine) -> None:
    log = engine.path.with_name(engine.path.name + "-wal")
    if not engine.checkpoint() or (log.exists() and log.stat().st_size):
        return  # pages still lie in the log, so the main file may rightly be shorter
    [(pages,)] = engine.run("PRAGMA page_count")
    size = engine.path.stat().st_size
    if size < pages * PAGE_BYTES:
        raise errors.StoreTruncated(f"{engine.path.name} has {size} bytes of {pages * PAGE_BYTES}")
    if size > pages * PAGE_BYTES:
        raise errors.StoreOverlong(f"{engine.path.name} has {size} bytes of {pages * PAGE_BYTES}")


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    match action:
        case sqlcipher.SQLITE_ATTACH | sqlcipher.SQLITE_DETACH:
            allowed = False  # ATTACH … KEY '' would make a plaintext copy
        case sqlcipher.SQLITE_PRAGMA:
            allowed = (first or "").lower() in _ALLOWED_PRAGMAS
        case sqlcipher.SQLITE_FUNCTION:
            allowed = (second or "").lower() not in _DENIED_FUNCTIONS
        case _:
            allowed = True
    return int(sqlcipher.SQLITE_OK if allowed else sqlcipher.SQLITE_DENY)


def _translate(error: sqlcipher.Error, path: Path) -> errors.StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    kind, advice = _MEANINGS.get(code, (errors.StoreFailed, "SQLite refused"))
    return kind(f"{path.name}: {advice} ({name})")


_MEANINGS: dict[int, tuple[type[errors.StoreError], str]] = {
    sqlcipher.SQLITE_BUSY: (errors.StoreBusy, "another connection holds it"),
    sqlcipher.SQLITE_LOCKED: (errors.StoreBusy, "another statement holds it"),
    sqlcipher.SQLITE_FULL: (errors.StoreFull, "no space left"),
    sqlcipher.SQLITE_NOTADB: (errors.StoreHeaderCorrupt, "the first page does not open"),
    sqlcipher.SQLITE_CORRUPT: (errors.StoreCorrupt, "a page is damaged"),
    sqlcipher.SQLITE_IOERR: (errors.StoreUnwritable, "the disk reports an error"),
    sqlcipher.SQLITE_READONLY: (errors.StoreUnwritable, "it cannot be written"),
    sqlcipher.SQLITE_CANTOPEN: (errors.StoreUnwritable, "it cannot be opened"),
    sqlcipher.SQLITE_PERM: (errors.StoreUnwritable, "access is refused"),
}
