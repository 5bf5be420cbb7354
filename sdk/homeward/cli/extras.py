"""Reports commands whose optional packages are not installed."""

import contextlib
from collections.abc import Iterator

from homeward.errors import HomewardError


class ExtraMissing(HomewardError):
    """A command needs packages that the base installation leaves out."""


@contextlib.contextmanager
def needs(extra: str) -> Iterator[None]:
    """
    Import what an extra brings.

    Raises:
        ExtraMissing: it is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("homeward", "homeward_store"):
            raise
        raise ExtraMissing(f"this command needs `pip install 'homeward[{extra}]'`") from None
