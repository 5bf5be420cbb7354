"""Flower's process can fail, babble or die; the app's goes on, and sees an error of ours."""

import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from homeward_federated import ServerUnreachable
from homeward_federated.enrolment.node_key import NodeKey
from homeward_federated.transport.in_memory import InMemoryTransport
from homeward_federated.transport.subprocess_link import CourierLink, Frame, carry, connect_apart
from homeward_federated.transport.transport import Question


class Apart:
    """An exchange whose node lives at the other end of two pipes."""

    def __init__(self) -> None:
        self.exchange = InMemoryTransport([7])
        down, down_end = os.pipe()
        up, up_end = os.pipe()
        self.app_in, self.app_out = os.fdopen(down, "rb"), os.fdopen(up_end, "wb")
        self.link = CourierLink(self.app_in, self.app_out)
        self.child = threading.Thread(target=self.live, args=(up, down_end))
        self.child.start()

    def live(self, up: int, down: int) -> None:
        with os.fdopen(up, "rb") as incoming, os.fdopen(down, "wb") as outgoing:
            carry(self.exchange.links[7], incoming, outgoing, linger=0.1)

    def next(self) -> Question:
        while (question := self.link.next()) is None:
            pass
        return question


@pytest.fixture
def apart() -> Iterator[Apart]:
    made = Apart()
    yield made
    if not made.app_out.closed:
        made.app_out.close()
    made.child.join(10)
    assert not made.child.is_alive()
    with suppress(ServerUnreachable):  # at the end of the pipe its reader is done with it
        while True:
            made.link.next()
    made.app_in.close()


def collected(exchange: InMemoryTransport) -> tuple[int, bytes | None]:
    while not (arrived := exchange.collect()):
        pass
    [answer] = arrived
    return answer.node, answer.data


def test_questions_and_answers_pass_through_whole(apart: Apart) -> None:
    assert apart.link.next() is None
    for message in (b"", b"HWF\x01\x02", bytes(range(256)) * 1000):
        apart.exchange.ask({7: message})
        question = apart.next()
        assert question.data == message
        apart.link.answer(question, message[::-1])
        assert collected(apart.exchange) == (7, message[::-1])
    apart.exchange.ask({7: b"again"})
    apart.link.decline(apart.next())
    assert collected(apart.exchange) == (7, None)


def test_an_app_that_ends_its_pipe_in_the_middle_ends_the_child(apart: Apart) -> None:
    apart.exchange.ask({7: b"question"})
    apart.next()
    apart.app_out.close()
    apart.child.join(10)
    assert not apart.child.is_alive()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\x01",
        b"\x01\x00\x00\x00\x09short",
        b"\x01\xff\xff\xff\xff",
        b"\x09\x00\x00\x00\x00",
        b"Flower says hello\n",
        bytes((Frame.ANSWER, 0, 0, 0, 0)),
    ],
)
def test_a_child_that_babbles_or_dies_is_a_lost_connection(said: bytes) -> None:
    link = CourierLink(io.BytesIO(said), io.BytesIO())
    with pytest.raises(ServerUnreachable):
        while True:
            link.next()


def test_a_server_that_is_not_there_is_an_error_and_not_the_end_of_the_process() -> None:
    program = """
import sys, time
from importlib.util import find_spec
from homeward_federated import ServerUnreachable
from homeward_federated.transport.subprocess_link import connect_apart
try:
    with connect_apart("127.0.0.1:9", ca=b"none", node_key=sys.stdin.buffer.read()) as link:
        while True:
            link.next()
except ServerUnreachable as error:
    print("survived:", str(error))
time.sleep(6 if find_spec("flwr") else 0)  # Flower ends its process five seconds after a refusal
print([name for name in ("flwr", "grpc", "httpx") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=NodeKey.generate().secret,
        capture_output=True,
        check=True,
    )
    first, second = done.stdout.decode().splitlines()
    assert first.startswith("survived: ")
    assert second == "[]"


def test_the_child_ends_with_its_context(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def watched(*arguments: object, **options: object) -> "subprocess.Popen[bytes]":
        started.append(popen(*arguments, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", watched)
    with (
        pytest.raises(RuntimeError),
        connect_apart("127.0.0.1:9", ca=b"", node_key=NodeKey.generate().secret),
    ):
        raise RuntimeError
    assert started[0].poll() is not None


def test_a_package_that_lies_in_the_current_folder_does_not_become_the_courier(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    planted = tmp_path / "homeward_federated"
    planted.mkdir()
    (planted / "__init__.py").touch()
    (planted / "courier.py").write_text(
        "import os, pathlib; pathlib.Path('caught').write_text(str(dict(os.environ)))"
    )
    monkeypatch.chdir(tmp_path)

    with (
        pytest.raises(ServerUnreachable),
        connect_apart("127.0.0.1:9", ca=b"", node_key=NodeKey.generate().secret) as link,
    ):
        while True:
            link.next()

    assert not (tmp_path / "caught").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="reads a process's environment in /proc")
def test_the_courier_is_not_given_the_apps_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def watched(*arguments: object, **options: object) -> "subprocess.Popen[bytes]":
        started.append(popen(*arguments, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", watched)
    monkeypatch.setenv("PLANTED_SECRET", "hunter2")
    with connect_apart("127.0.0.1:9", ca=b"", node_key=NodeKey.generate().secret):
        given = Path(f"/proc/{started[0].pid}/environ").read_bytes()

    assert given
    assert b"hunter2" not in given
