"""
Opens files that somebody else named, and only regular ones.

A FIFO waits for a writer that may never come, and a device such as /dev/zero never ends; a link to
one looks like any other file by its name. So the file is opened without waiting, and what was
opened is looked at: between a look at a name and its opening it could become something else.
"""

import os
import stat
from io import BufferedReader
from pathlib import Path

from homeward.errors import CannotRead

# Windows has no FIFOs among its files, and needs to be told that bytes are wanted.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_FLAGS |= getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def open_regular(path: Path) -> BufferedReader:
    """
    Open a regular file, or a link to one, to read its bytes.

    Raises:
        CannotRead: there is none, it may not be read, or it is a folder, a pipe or a device.
    """
    try:
        opened = os.open(path, _FLAGS)
    except OSError as error:
        raise CannotRead(f"{path.name}: {error.strerror or type(error).__name__}") from None
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise CannotRead(f"{path.name}: it is a folder, a pipe or a device, and no file")
    return os.fdopen(opened, "rb")
