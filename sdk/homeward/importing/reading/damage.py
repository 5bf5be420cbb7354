"""Turns what zipfile and the operating system say of a damaged file into errors of our own."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from homeward.errors import CannotRead, ImportCorrupt

# How zipfile says that an archive is damaged, that one is encrypted (RuntimeError), and that the
# name of a file in it is not in the encoding that it claims.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError,
    UnicodeDecodeError,
)  # fmt: skip


@contextmanager
def translated(name: str) -> Iterator[None]:
    """
    Read a file called `name` within.

    Raises:
        ImportCorrupt, CannotRead: in place of what was raised.
    """
    try:
        yield
    except _DAMAGED as error:
        raise ImportCorrupt(f"{name}: {type(error).__name__} in the archive") from None
    except OSError as error:
        raise CannotRead(f"{name}: {error.strerror or type(error).__name__}") from None
