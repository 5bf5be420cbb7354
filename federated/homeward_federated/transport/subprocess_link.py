"""
Runs the Flower connection in its own process, away from the open profile.

Flower ends its process when a connection fails, interrupts it when the server says so, and brings
some sixty packages; an app must survive all of that, and none of it may read the app's memory. So a
child process holds the connection and passes messages through pipes; of the device's secrets it is
given the transport key only. Frames on the pipes: kind (1 byte), length (4 bytes), data.
"""

import json
import math
import queue
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from typing import IO

from homeward_federated.errors import Malformed, ServerUnreachable
from homeward_federated.transport import child_process
from homeward_federated.transport.transport import Link, Question
from homeward_federated.wire.envelope import MAX_MESSAGE_BYTES

_IDLE_SECONDS = 0.5
# A SuperLink may report a node that signs off right after its last answer as gone, and drop that.
_LINGER_SECONDS = 5.0
# How the machine reaches others, where it may not do so directly.
_PROXIES = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy")
_MISSING = "Flower is missing: pip install 'homeward[federated]'"


class Frame(IntEnum):
    """One message through the pipes."""

    QUESTION = 1
    FAILURE = 2  # no connection: why
    ANSWER = 3
    DECLINE = 4


def _write(pipe: IO[bytes], kind: Frame, data: bytes = b"") -> None:
    pipe.write(bytes((kind,)) + len(data).to_bytes(4, "big") + data)
    pipe.flush()


def _read(pipe: IO[bytes]) -> tuple[Frame, bytes] | None:
    """Return the next frame; None at the end of the pipe."""
    head = pipe.read(5)
    if len(head) < 5:
        return None
    size = int.from_bytes(head[1:], "big")
    if size > MAX_MESSAGE_BYTES:
        raise Malformed(f"a frame of {size} bytes")
    data = pipe.read(size)
    return (Frame(head[0]), data) if len(data) == size else None


class _Incoming:
    """The frames of one pipe, read ahead on a thread: reading a pipe cannot be given up on."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._frames: queue.Queue[tuple[Frame, bytes] | None] = queue.Queue()
        threading.Thread(target=self._pump, args=(pipe,), daemon=True).start()

    def _pump(self, pipe: IO[bytes]) -> None:
        frame: tuple[Frame, bytes] | None = (Frame.DECLINE, b"")
        while frame is not None:
            try:
                frame = _read(pipe)
            except (Malformed, OSError, ValueError):
                frame = None
            self._frames.put(frame)

    def get(self, *, seconds: float | None) -> tuple[Frame, bytes] | None:
        """Return a frame, or None at the end; raise `queue.Empty` when there is none in time."""
        return self._frames.get(block=seconds != 0, timeout=seconds)


class CourierLink:
    """The app's end: a `Link` whose connection is another process's."""

    def __init__(self, incoming: IO[bytes], outgoing: IO[bytes]) -> None:
        self._incoming, self._outgoing = _Incoming(incoming), outgoing

    def next(self) -> Question | None:
        """
        Return the next waiting question, or None.

        Raises:
            ServerUnreachable: the connection has ended, or was never made.
        """
        try:
            frame = self._incoming.get(seconds=0)
        except queue.Empty:
            return None
        if frame is None:
            raise ServerUnreachable("the connection has ended")
        kind, data = frame
        if kind is not Frame.QUESTION:
            raise ServerUnreachable(data.decode(errors="replace"))
        return Question(data, None)

    def answer(self, question: Question, data: bytes) -> None:  # noqa: ARG002  one at a time
        """Send the answer."""
        self._send(Frame.ANSWER, data)

    def decline(self, question: Question) -> None:  # noqa: ARG002  one at a time
        """Tell the server not to wait."""
        self._send(Frame.DECLINE)

    def _send(self, kind: Frame, data: bytes = b"") -> None:
        try:
            _write(self._outgoing, kind, data)
        except OSError:
            raise ServerUnreachable("the connection has ended") from None


@contextmanager
def connect_apart(address: str, *, ca: bytes, node_key: bytes) -> Iterator[CourierLink]:
    """
    Connect to a SuperLink from a process of its own, for as long as this lasts.

    Raises:
        ServerUnreachable: from the link, once it is known that there is no connection.
    """
    # Flower's log goes nowhere: what fails comes as a frame.
    process = child_process.start_module(
        "homeward_federated.transport.subprocess_link", names=_PROXIES
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a child process without pipes")
    settings = {"address": address, "ca": ca.decode(), "node_key": node_key.decode()}
    try:
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(settings).encode() + b"\n")
            process.stdin.flush()
        yield CourierLink(process.stdout, process.stdin)
    finally:
        _end(process)


def _end(process: child_process.Process) -> None:
    with suppress(BrokenPipeError):
        if process.stdin is not None:
            process.stdin.close()  # the child signs off at the end of its input
    try:
        process.wait(30)
    except child_process.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def carry(
    link: Link, incoming: IO[bytes], outgoing: IO[bytes], *, linger: float = _LINGER_SECONDS
) -> None:
    """Pass questions out and answers in, until the app ends its pipe and `linger` seconds more."""
    frames, answered = _Incoming(incoming), -math.inf
    while True:
        question = link.next()
        if question is None:
            with suppress(queue.Empty):
                if frames.get(seconds=_IDLE_SECONDS) is None:
                    break
            continue
        _write(outgoing, Frame.QUESTION, question.data)
        reply = frames.get(seconds=None)
        if reply is None:
            break
        kind, data = reply
        if kind is Frame.ANSWER:
            link.answer(question, data)
            answered = time.monotonic()
        else:
            link.decline(question)
    time.sleep(max(0.0, answered + linger - time.monotonic()))


def main() -> None:
    """Connect as the app asks on standard input, and carry."""
    child_process.conceal()
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what Flower prints must not come between frames
    settings = json.loads(incoming.readline())
    try:
        from homeward_federated.transport.flower_device import connect  # noqa: PLC0415  # an extra

        ca, node_key = settings["ca"].encode(), settings["node_key"].encode()
        with connect(settings["address"], ca=ca, node_key=node_key) as link:
            carry(link, incoming, outgoing)
    except ImportError:
        _write(outgoing, Frame.FAILURE, _MISSING.encode())
    except ServerUnreachable as error:
        _write(outgoing, Frame.FAILURE, str(error).encode())


if __name__ == "__main__":
    main()
