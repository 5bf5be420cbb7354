"""
Decides who may use the server at all, before every route.

Threats: another machine (the socket is bound to loopback elsewhere); another user or program of
this machine (the token); a page in the person's browser, by a form or a script from its own site
(Origin and Sec-Fetch-Site), or by a name of its own that it re-points to 127.0.0.1 (Host).

A page of an origin that the person allowed is let in to `/v1` alone, with that origin's own token,
and only as the audience that it was allowed as.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from homeward.policy.allowed_origins import AllowedOrigin
from homeward.serving.cross_origin import is_preflight, preflight, readable_by
from homeward.serving.failures import Failure
from homeward.serving.limits import MOST_BODY_BYTES
from homeward.serving.timeouts import in_time

_GUARDED = ("/v1/", "/homeward/", "/openapi.json")
_OPEN = "/v1/"  # what pages of allowed origins reach
_OWN_SITES = (b"same-origin", b"none")  # none: typed into the address bar


_WRONG_TOKEN = Failure(
    401,
    "wrong_token",
    "the bearer token is missing or wrong; `homeward serve` prints the file that holds it",
)


def _nobody(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """
    What the guard compares with. Without a key only pages that hold no data are shown.

    `token` is that of apps, None where none is let in; `pages` knows the keys of pages; `origins`
    are those that the person allowed.
    """

    token: str | None
    port: int
    pages: Callable[[str], bool] = _nobody
    origins: Callable[[], tuple[AllowedOrigin, ...]] = tuple

    @property
    def hosts(self) -> tuple[bytes, ...]:
        """The names under which the server knows itself."""
        names = (f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]"))
        return tuple(name.encode() for name in names)

    def refusal(self, path: str, headers: Mapping[bytes, bytes]) -> Failure | None:
        """Return why a request is refused, or None. Pure."""
        if headers.get(b"host", b"").lower() not in self.hosts:
            return Failure(403, "wrong_host", "the Host header does not name this server")
        if (allowed := self.allowed(path, headers)) is not None:
            return None if allowed.has(_given(headers)) else _WRONG_TOKEN
        origin = headers.get(b"origin")
        if origin is not None and origin.removeprefix(b"http://") not in self.hosts:
            return Failure(
                403,
                "cross_origin",
                "requests from other origins are refused, but for /v1 from those that the person"
                " allowed with `homeward clients allow-origin`",
            )
        if headers.get(b"sec-fetch-site", b"none") not in _OWN_SITES:
            return Failure(403, "cross_origin", "requests from other sites are refused")
        if path.startswith(_GUARDED) and not self._is_token(_given(headers)):
            return _WRONG_TOKEN
        return None

    def allowed(self, path: str, headers: Mapping[bytes, bytes]) -> AllowedOrigin | None:
        """Return the origin of a request, if the person allowed it and it asks for `/v1`."""
        origin = headers.get(b"origin", b"").decode("latin-1")
        if not path.startswith(_OPEN):
            return None
        return next((one for one in self.origins() if one.origin == origin), None)

    def _is_token(self, given: bytes) -> bool:
        # Compared in constant time: how long it takes tells nothing of how much was right.
        is_app = self.token and hmac.compare_digest(given, self.token.encode())
        return bool(is_app) or self.pages(given.decode("utf-8", "replace"))


class RequestPolicyMiddleware:
    """ASGI middleware: passes on what `RequestPolicy` lets in, up to `MOST_BODY_BYTES` of body."""

    def __init__(self, app: ASGIApp, door: RequestPolicy) -> None:
        self._app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refused request without the application having seen it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no route speaks WebSocket; uvicorn then answers 403
        headers = _once(scope["headers"])
        allowed = self._door.allowed(scope["path"], headers)
        if allowed is not None and headers.get(b"host", b"").lower() in self._door.hosts:
            send = readable_by(allowed, send)
            if is_preflight(scope["method"], headers):
                await preflight(scope, receive, send)
                return
            scope.setdefault("state", {})["audience"] = allowed.audience
        refusal = self._door.refusal(scope["path"], headers)
        if refusal is None and _length(scope["headers"]) > MOST_BODY_BYTES:
            refusal = Failure(413, "too_large", f"a request has at most {MOST_BODY_BYTES} bytes")
        if refusal is not None:
            await refusal.response()(scope, receive, send)
            return
        await self._app(scope, in_time(_bounded(receive)), send)


def _given(headers: Mapping[bytes, bytes]) -> bytes:
    """Return the token of a request: a bearer's, or Anthropic's key; nothing beside a wrong one."""
    authorization = headers.get(b"authorization")
    if authorization is None:
        return headers.get(b"x-api-key", b"").strip()
    scheme, _, given = authorization.partition(b" ")
    return given.strip() if scheme.lower() == b"bearer" else b""


def _once(headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return headers by name; a duplicated header becomes invalid, so that neither copy passes."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        found[name] = b"\0" if name in found else value
    return found


def _length(headers: list[tuple[bytes, bytes]]) -> int:
    declared = dict(headers).get(b"content-length", b"0")
    return int(declared) if declared.isdigit() else 0


def _bounded(receive: Receive) -> Receive:
    """Count the bytes of a body that did not say how long it is."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MOST_BODY_BYTES:
            # Not `Failure`: FastAPI lets only its own kind through while it reads a body.
            raise HTTPException(413, f"a request has at most {MOST_BODY_BYTES} bytes")
        return message

    return bounded
