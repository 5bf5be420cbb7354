"""
Limits how long a client may take to send a request.

uvicorn waits for ever for the end of a head or a body. Whoever opens connections and says nothing
would keep others out until the files that a process may open are used up.
"""

import asyncio
from typing import Any

import h11
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0  # from a connection, or the first byte after a reply, to the end of the headers
BODY_SECONDS = 30.0  # for all of a body, of at most 4 MiB that come from this machine


class PatientProtocol(H11Protocol):
    """uvicorn's protocol, which closes a connection whose headers do not come in time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  uvicorn's own
        super().__init__(*args, **kwargs)
        self._ending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the headers."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take bytes, and wait on unless the headers have come."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        super().connection_lost(exc)
        self._stop_watching()

    def _watch(self) -> None:
        if self.conn.their_state is not h11.IDLE:  # the headers have come
            self._stop_watching()
        elif self._ending is None:
            self._ending = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_watching(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None


def in_time(receive: Receive) -> Receive:
    """Return `receive`, which ends the request where its body does not come to its end in time."""
    deadline = asyncio.get_running_loop().time() + BODY_SECONDS
    is_whole = False

    async def timed() -> Message:
        nonlocal is_whole
        if is_whole:  # what comes now is the farewell
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, "the request body did not arrive in time") from None
        is_whole = not message.get("more_body", False)
        return message

    return timed
