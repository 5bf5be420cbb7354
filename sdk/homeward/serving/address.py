"""
Sets the host and port of the server, and opens a socket there that only this machine can reach.

The only module that listens. Nothing of the server connects to anybody.
"""

import contextlib
import ipaddress
import socket
from collections.abc import Iterator

from homeward.errors import NotLoopback, PortTaken

HOST, PORT = "127.0.0.1", 8766
_BACKLOG = 128  # connections that wait to be accepted


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """
    Return a socket that listens on a loopback address.

    Raises:
        NotLoopback, PortTaken: as for `serve`.
    """
    address = _loopback(host)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((str(address), port))
        except OSError as error:
            raise PortTaken(f"port {port} is not available: {error.strerror}") from None
        bound.listen(_BACKLOG)
        yield bound


def _loopback(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    # Names are not looked up: what "localhost" stands for is for the system's files to say.
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise NotLoopback(f"{host!r} is not an IP address; use 127.0.0.1 or ::1") from None
    if not address.is_loopback:
        raise NotLoopback(f"{host} can be reached by others; only 127.0.0.1 and ::1 are served")
    return address
