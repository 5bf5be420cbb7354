"""
Fetching a published prior: one request for one static file, or none at all.

The only module here, beside the flower adapter, that opens a connection, and only when it is
called. It sends no cookie, identity or parameter; the host sees an address and a path.
"""

import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from homeward_federated.envelope import MAX_MESSAGE_BYTES
from homeward_federated.errors import PriorRefused, ServerUnreachable

_SECONDS = 30


def fetch_prior(source: str) -> bytes:
    """
    Return the bytes at a path, or at an https URL (http only on this machine).

    Raises:
        ServerUnreachable: the file or host does not answer.
        PriorRefused: the URL is not https, or the file is larger than a prior can be.
    """
    parts = urlsplit(source)
    if parts.scheme in {"", "file"}:
        return _read(Path(parts.path))
    loopback = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise PriorRefused(f"a prior is fetched over https, not {parts.scheme}")
    # The default agent would tell the host this machine's Python version.
    request = urllib.request.Request(source, headers={"User-Agent": "homeward"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return _bounded(answer.read(MAX_MESSAGE_BYTES + 1))
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise ServerUnreachable(f"no prior at {parts.hostname}: {error}") from error


def _read(path: Path) -> bytes:
    try:
        return _bounded(path.read_bytes())
    except OSError as error:
        raise ServerUnreachable(f"no prior at {path.name}: {error.strerror}") from error


def _bounded(data: bytes) -> bytes:
    if len(data) > MAX_MESSAGE_BYTES:
        raise PriorRefused(f"a file of more than {MAX_MESSAGE_BYTES} bytes is no prior")
    return data
