"""
What a browser is told, so that pages of an allowed origin can ask: nobody else hears of it.

Source:
    Fetch standard, "CORS protocol"; Private Network Access, "CORS preflight".
"""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from homeward.policy.allowed_origins import AllowedOrigin

_SECONDS = "600"  # for which a browser need not ask again
# Those that clients for browsers send; none of them opens anything by itself.
_HEADERS = (
    "authorization, content-type, x-api-key, anthropic-version, anthropic-beta,"
    " anthropic-dangerous-direct-browser-access, openai-organization, openai-project, user-agent,"
    " x-stainless-arch, x-stainless-lang, x-stainless-os, x-stainless-package-version,"
    " x-stainless-retry-count, x-stainless-runtime, x-stainless-runtime-version,"
    " x-stainless-timeout, x-stainless-helper-method"
)


def is_preflight(method: str, headers: Mapping[bytes, bytes]) -> bool:
    """Return whether a browser asks whether it may ask."""
    return method == "OPTIONS" and b"access-control-request-method" in headers


async def preflight(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer that a page may; it says nothing of the person, and needs no token."""
    headers = {
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": _HEADERS,
        "Access-Control-Max-Age": _SECONDS,
        "Access-Control-Allow-Private-Network": "true",
    }
    await Response(status_code=204, headers=headers)(scope, receive, send)


def readable_by(allowed: AllowedOrigin, send: Send) -> Send:
    """Return `send` that lets pages of this one origin read the answer."""
    told = [
        (b"access-control-allow-origin", allowed.origin.encode()),
        (b"access-control-expose-headers", b"retry-after"),
        (b"vary", b"origin"),
    ]

    async def readable(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *told]}
        await send(message)

    return readable
