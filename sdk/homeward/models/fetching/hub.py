"""
Fetches files and answers over HTTPS; no other module of the SDK opens a connection.

Knows ranges, redirects and retries. What a file should be, `PartialFile` knows.
"""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO
from urllib.parse import quote, urlencode

from homeward.errors import DownloadFailed
from homeward.models.disk import CHUNK, PartialFile

_TIMEOUT = 30  # seconds without a byte
_MOST_JSON = 16 << 20  # bytes; the listing of a repository with a thousand files is one
PAUSES = (0.5, 2.0)  # seconds before the next attempts, when one has brought nothing
_FINAL = {400, 401, 403, 404, 405, 410, 451}  # asking again would not change these


class _Interrupted(Exception):
    """The connection ended early; what came is kept."""


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirects (hubs point at their storage), but never to an open line."""

    def redirect_request(  # noqa: PLR0917  # as urllib calls it
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not newurl.startswith("https://"):
            fp.close()
            raise DownloadFailed(
                f"{_host(req.full_url)} redirects to an unencrypted address; "
                "the download was refused"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(url: str, part: PartialFile) -> None:
    """
    Bring the file at `url` into `part`, from where it stands; the bytes are checked by `part`.

    Raises:
        DownloadFailed: the server refuses, or several attempts in a row brought nothing.
        ModelCorrupt: more bytes came than are pinned.
    """
    failures = 0
    while part.length < part.file.bytes:
        before = part.length
        try:
            for chunk in _body(url, part):
                part.write(chunk)
        except _Interrupted as err:
            if part.length > before:
                failures = 0
                continue
            if failures == len(PAUSES):
                raise DownloadFailed(f"{part.file.name} from {_host(url)}: {err}") from err
            time.sleep(PAUSES[failures])
            failures += 1


def read_json(url: str, query: Mapping[str, str], *, seconds: float = _TIMEOUT) -> object:
    """
    What the server answers to `query` at `url`, as JSON.

    Raises:
        DownloadFailed: it cannot be reached, refuses, or answers something else.
    """
    try:
        asked = f"{url}?{urlencode(query)}"
        with _opened(asked, {"Accept": "application/json"}, seconds) as response:
            answer = response.read(_MOST_JSON + 1)
            found: object = json.loads(answer) if len(answer) <= _MOST_JSON else None
    except urllib.error.HTTPError as err:
        raise DownloadFailed(f"{_host(url)} answers {err.code} {err.reason} to {url}") from err
    except (OSError, HTTPException) as err:
        raise DownloadFailed(f"{_host(url)}: no connection: {getattr(err, 'reason', err)}") from err
    except ValueError as err:
        raise DownloadFailed(f"{_host(url)} answers something that is no JSON to {url}") from err
    return found


def _opened(url: str, headers: dict[str, str], seconds: float) -> HTTPResponse:
    headers = {"User-Agent": "homeward", "Accept-Encoding": "identity"} | headers
    request = urllib.request.Request(quote(url, safe=":/%?=&@+~"), headers=headers)  # noqa: S310  # https, by the catalogue
    response: HTTPResponse = urllib.request.build_opener(_HttpsOnly).open(request, timeout=seconds)
    return response


def _body(url: str, part: PartialFile) -> Iterator[bytes]:
    """What is left of the file; restarts `part` where the server cannot continue."""
    with _open(url, part) as response:
        if part.length and not _continues(response, part.length):
            part.restart()
        while True:
            try:
                chunk = response.read(CHUNK)
            except (OSError, HTTPException) as err:
                raise _Interrupted(f"the connection broke: {err}") from err
            if not chunk:
                break
            yield chunk
    if part.length < part.file.bytes:
        raise _Interrupted(f"the connection ended at {part.length} of {part.file.bytes} bytes")


def _open(url: str, part: PartialFile) -> HTTPResponse:
    headers = {"Range": f"bytes={part.length}-"} if part.length else {}
    try:
        return _opened(url, headers, _TIMEOUT)
    except urllib.error.HTTPError as err:
        if err.code == 416:  # no such range: the part on disk is not of this file
            part.restart()
        if err.code in _FINAL:
            raise DownloadFailed(
                f"{part.file.name}: {_host(url)} answers {err.code} {err.reason}"
            ) from err
        raise _Interrupted(f"the server answers {err.code} {err.reason}") from err
    except (OSError, HTTPException) as err:
        raise _Interrupted(f"no connection: {getattr(err, 'reason', err)}") from err


def _continues(response: HTTPResponse, start: int) -> bool:
    given = response.headers.get("Content-Range", "")
    return response.status == 206 and given.startswith(f"bytes {start}-")


def _host(url: str) -> str:
    return url.split("/")[2]
