"""Handles Ctrl-C during a reply."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

from homeward.conversation.reply import Reply


@contextlib.contextmanager
def stopping(reply: Reply) -> Iterator[None]:
    """
    While inside, the first Ctrl-C ends the reply after the current token; the second interrupts.

    The default handler would raise wherever Python happens to be, also between llama.cpp's cache
    and our record of what is in it.
    """

    def stop(_: int, __: FrameType | None) -> None:
        reply.cancel()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
