"""
Connects to SQLCipher and maps its error codes; only this module imports `sqlcipher3`.

Knows how a connection is made safe; no transaction, table or record. The key goes in as bytes that
are wiped.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from homeward_store import errors
from homeward_store.secret import Secret

PAGE_BYTES = 4096
BUSY_SECONDS = 5.0
_ROOM_TO_OPEN = 32_768  # bytes that SQLite takes for the index of a log when it opens one
PLAINTEXT_MAGIC = b"SQLite format 3\0"

Connection = Any  # sqlcipher3 ships no types
REFUSALS = (sqlcipher.Error, UnicodeEncodeError, OverflowError)
"""What the driver raises; the last two for a value that SQLite cannot be handed."""

_SAFE_SQLITE = (3, 51, 3)  # fixes the WAL-reset corruption bug of 3.7.0 to 3.51.2
_HEX = b"0123456789abcdef"

# Name, value, what reading it back must give. Order matters: secure_delete before the first write,
# WAL before synchronous.
_SETTINGS: tuple[tuple[str, str, str | int], ...] = (
    ("foreign_keys", "ON", 1),  # off by default: deletes would leave orphans
    ("secure_delete", "ON", 1),  # FAST left rows readable in free pages
    ("auto_vacuum", "INCREMENTAL", 2),  # pages are given back without a VACUUM
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),  # NORMAL does not sync a commit at all
    ("temp_store", "MEMORY", 2),  # FILE writes plaintext next to an encrypted database
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("recursive_triggers", "ON", 1),  # else REPLACE skips the triggers that keep FTS in step
    ("cache_size", "-8192", -8192),  # KiB
    ("wal_autocheckpoint", "1000", 1000),  # pages, 4 MiB
)
_HARDENED = (("cipher_memory_security", "ON", "1"),)
_DARWIN_SETTINGS = (("fullfsync", "ON", 1), ("checkpoint_fullfsync", "ON", 1))

# What may run once the connection is set up. Everything else is refused: key, rekey, temp_store,
# journal_mode, secure_delete, cipher_*, writable_schema, and what later versions bring.
_ALLOWED_PRAGMAS = {
    "cipher_integrity_check",
    "data_version",  # FTS5 asks for it
    "defer_foreign_keys",  # for one transaction; a step that makes a table anew needs it
    "foreign_key_check",
    "freelist_count",
    "incremental_vacuum",
    "page_count",
    "quick_check",
    "user_version",
    "wal_checkpoint",
}
_DENIED_FUNCTIONS = {"load_extension", "sqlcipher_export", "fts3_tokenizer"}


def connect(path: Path, key: Secret, *, hardened: bool = False) -> Connection:
    """
    Open an existing file under a key and make the connection safe, step by step, reading back.

    `hardened` wipes and locks SQLCipher's memory; full-text search becomes 17 times slower.

    Raises:
        Damaged: the file does not open under the key. EncryptionMissing: nor would it be encrypted.
    """
    uri = f"{path.absolute().as_uri()}?mode=rw"  # rw: never create what is not there
    try:
        connection = sqlcipher.connect(
            uri, uri=True, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False
        )
    except sqlcipher.Error as error:
        raise translate(error, path) from None
    try:
        _set_up(connection, key, hardened=hardened)
    except sqlcipher.Error as error:
        connection.close()
        raise translate(error, path) from None
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up(connection: Connection, key: Secret, *, hardened: bool) -> None:
    connection.execute("PRAGMA cipher_log_level = NONE")  # the default writes to stderr
    with _raw_key(key) as specification:
        connection.set_key(specification.expose())  # a PRAGMA would leave copies in memory
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    _check_library(connection)
    memory = _HARDENED if hardened else ()
    platform = _DARWIN_SETTINGS if sys.platform == "darwin" else ()
    for name, value, expected in (*memory, *_SETTINGS, *platform):
        if _read(connection, name) != expected:  # setting auto_vacuum again would write a page
            connection.execute(f"PRAGMA {name} = {value}").fetchall()
        if (actual := _read(connection, name)) != expected:
            raise errors.EncryptionMissing(f"PRAGMA {name} stayed {actual}")
    connection.set_authorizer(_authorize)


def _read(connection: Connection, pragma: str) -> object:
    return connection.execute(f"PRAGMA {pragma}").fetchone()[0]


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


def _check_library(connection: Connection) -> None:
    version = sqlcipher.sqlite_version_info
    if version < _SAFE_SQLITE:
        raise errors.EncryptionMissing(f"SQLite {version} corrupts WAL files; 3.51.3 does not")
    cipher = connection.execute("PRAGMA cipher_version").fetchall()
    status = connection.execute("PRAGMA cipher_status").fetchall()
    if not cipher or status != [("1",)]:
        raise errors.EncryptionMissing("the SQLite library at hand does not encrypt")


def _authorize(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    match action:
        case sqlcipher.SQLITE_ATTACH:
            # ATTACH … KEY '' would make a plaintext copy; without a file it stays in memory, as
            # the copy that VACUUM makes.
            allowed = first == ""
        case sqlcipher.SQLITE_DETACH:
            allowed = False
        case sqlcipher.SQLITE_PRAGMA:
            allowed = (first or "").lower() in _ALLOWED_PRAGMAS
        case sqlcipher.SQLITE_FUNCTION:
            allowed = (second or "").lower() not in _DENIED_FUNCTIONS
        case _:
            allowed = True
    return int(sqlcipher.SQLITE_OK if allowed else sqlcipher.SQLITE_DENY)


def translate(error: Exception, path: Path) -> errors.StoreError:
    """Our error for one of the driver's, without its text, which may quote a statement."""
    if isinstance(error, UnicodeEncodeError):
        return errors.InvalidText(f"lone surrogate at character {error.start}")
    if isinstance(error, OverflowError):
        return errors.InvalidValue("a number is not within 64 bits")
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    kind, advice = _MEANINGS.get(code, (errors.StoreFailed, "SQLite refused"))
    if code == sqlcipher.SQLITE_IOERR and _is_full(path.parent):
        # The shared index beside the log cannot grow: SQLite does not call that a full disk.
        kind, advice = errors.StoreFull, "no space left"
    return kind(f"{path.name}: {advice} ({name})")


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _ROOM_TO_OPEN
    except OSError:
        return False  # the folder itself is gone


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
