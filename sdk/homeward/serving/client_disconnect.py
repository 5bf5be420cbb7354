"""Detects that a client disconnected while it is being answered."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request

from homeward.errors import Cancelled

Result = TypeVar("Result")


async def until_gone(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """
    Await `work`, and cancel it when the client closes its connection.

    The request's body has to be read already: what comes after it is only the farewell.

    Raises:
        Cancelled: the client is gone; nobody reads what is answered.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise Cancelled("the client went away")
    finally:
        leaving.cancel()
        working.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
