"""
Downloads a published prior with a single request for a static file.

The only module here, beside the flower adapter, that opens a connection, and only when it is
called. It sends no cookie, identity or parameter; the host sees an address and a path. What the
host answers decides nothing: not which other host or port hears of this device, nor whether the
line stays closed.
"""

import time
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO
from urllib.parse import SplitResult, urlsplit

from homeward_federated.errors import PriorRefused, ServerUnreachable
from homeward_federated.wire.envelope import MAX_MESSAGE_BYTES

_SECONDS = 30  # without a byte
_PATIENCE = 120  # seconds for all of it: a host may not hold the caller by a byte now and then
_CHUNK = 1 << 16  # bytes
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_PORTS = {"https": 443, "http": 80}


class _SameOrigin(urllib.request.HTTPRedirectHandler):
    """Follows redirects to another path alone; urllib itself refuses loops and long chains."""

    def redirect_request(  # noqa: PLR0917  # as urllib calls it
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        asked = urlsplit(req.full_url)
        try:
            stays = _origin(urlsplit(newurl)) == _origin(asked)
        except PriorRefused:
            stays = False
        if not stays:
            fp.close()
            raise PriorRefused(f"{asked.hostname} redirects to another origin: refused")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch_prior(source: str) -> bytes:
    """
    Return the bytes at a path, or at an https URL (http only on this machine).

    Guarantees:
        Nobody but the host in `source` is asked: a redirect to another scheme, host or port, or
        with a name and password in it, is refused.

    Raises:
        ServerUnreachable: the file or host does not answer, or redirects in circles.
        PriorRefused: the URL is not https, holds a password or redirects elsewhere, or the file is
            larger than a prior can be.
    """
    parts = urlsplit(source)
    if parts.scheme in {"", "file"}:
        return _read(_local(parts))
    origin = _origin(parts)
    if parts.scheme != "https" and not (parts.scheme == "http" and origin[1] in _LOOPBACK):
        raise PriorRefused(f"a prior is fetched over https, not {parts.scheme}")
    # The default agent would tell the host this machine's Python version.
    request = urllib.request.Request(source, headers={"User-Agent": "homeward"})  # noqa: S310
    try:
        with urllib.request.build_opener(_SameOrigin).open(request, timeout=_SECONDS) as answer:
            return _body(answer)
    except (OSError, HTTPException) as error:
        raise ServerUnreachable(f"no prior at {parts.hostname}: {error}") from error


def _origin(url: SplitResult) -> tuple[str, str, int]:
    """Scheme, host and port; who speaks, whatever the path."""
    try:
        port = url.port or _PORTS.get(url.scheme, 0)
    except ValueError as error:
        raise PriorRefused(f"a prior's URL names no port that there is: {error}") from None
    if "@" in url.netloc:
        raise PriorRefused("a prior's URL holds a name or password: published files need none")
    return url.scheme, url.hostname or "", port


def _body(answer: IO[bytes]) -> bytes:
    until, data = time.monotonic() + _PATIENCE, b""
    while chunk := answer.read(_CHUNK):
        data = _bounded(data + chunk)
        if time.monotonic() > until:
            raise ServerUnreachable(f"the prior did not arrive within {_PATIENCE} s")
    return data


def _local(url: SplitResult) -> Path:
    if url.netloc not in {"", "localhost"}:  # on Windows it would be fetched from a share
        raise PriorRefused("a file:// URL of another machine is no path")
    return Path(urllib.request.url2pathname(url.path) if url.scheme else url.path)


def _read(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # a pipe or a device may never end
        raise PriorRefused(f"{path.name} is no regular file")
    try:
        with path.open("rb") as file:
            return _bounded(file.read(MAX_MESSAGE_BYTES + 1))
    except OSError as error:
        raise ServerUnreachable(f"no prior at {path.name}: {error.strerror}") from error


def _bounded(data: bytes) -> bytes:
    if len(data) > MAX_MESSAGE_BYTES:
        raise PriorRefused(f"a file of more than {MAX_MESSAGE_BYTES} bytes is no prior")
    return data
