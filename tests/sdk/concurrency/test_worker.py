"""One thread that owns an object: who waits, who is told to come again, how it ends."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from homeward.concurrency.worker import MOST_CALLS, Worker
from homeward.errors import Busy, Cancelled


class Steps:
    """A stream that makes a piece each time it is let."""

    def __init__(self, *, most: int = 1000) -> None:
        self.let = threading.Semaphore(0)
        self.most = most
        self.cancelled = threading.Event()
        self.closed = False

    def __iter__(self) -> Iterator[str]:
        for number in range(self.most):
            while not self.let.acquire(timeout=0.01):
                if self.cancelled.is_set():
                    return
            yield str(number)

    def cancel(self) -> None:
        self.cancelled.set()

    def close(self) -> None:
        self.closed = True


class Ear:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.error: BaseException | None = None
        self.begun, self.heard, self.over = (threading.Event() for _ in range(3))

    def began(self, stream: object) -> None:  # noqa: ARG002
        self.begun.set()

    def piece(self, text: str) -> None:
        self.pieces.append(text)
        self.heard.set()

    def ended(self, error: BaseException | None) -> None:
        self.error = error
        self.over.set()


@contextmanager
def working(*, waiting: int = 8) -> Iterator[Worker[list[str]]]:
    worker = Worker[list[str]]([], name="test", waiting=waiting)
    try:
        yield worker
    finally:
        worker.close()


def test_a_call_is_taken_between_two_pieces_of_a_stream() -> None:
    with working() as worker:
        steps, ear = Steps(), Ear()
        worker.follow(lambda _: steps, ear)
        assert ear.begun.wait(5)

        answer = worker.call(lambda owned: owned.append("called") or len(ear.pieces))  # type: ignore[func-returns-value]
        steps.let.release()

        assert answer.result(timeout=5) == 1
        assert not ear.over.is_set()


def test_streams_run_one_after_the_other_and_the_rest_are_told_when_to_come() -> None:
    with working(waiting=1) as worker:
        first, second, ears = Steps(most=1), Steps(most=1), [Ear(), Ear()]
        worker.follow(lambda _: first, ears[0])
        assert ears[0].begun.wait(5)
        worker.follow(lambda _: second, ears[1])

        with pytest.raises(Busy) as refused:
            worker.follow(lambda _: Steps(), Ear())
        assert refused.value.retry_after >= 1
        assert not ears[1].begun.is_set()
        first.let.release()
        assert ears[1].begun.wait(5)


def test_one_that_gave_up_waiting_leaves_its_place() -> None:
    with working(waiting=1) as worker:
        ears = [Ear() for _ in range(3)]
        worker.follow(lambda _: Steps(), ears[0])
        assert ears[0].begun.wait(5)
        worker.follow(lambda _: Steps(), ears[1]).cancel()

        worker.follow(lambda _: Steps(), ears[2])

        assert ears[1].over.wait(5)
        assert isinstance(ears[1].error, Cancelled)


def test_calls_are_bounded_too() -> None:
    with working() as worker:
        held = threading.Event()
        worker.call(lambda _: held.wait(10))
        with pytest.raises(Busy):
            for _ in range(MOST_CALLS + 2):
                worker.call(lambda _: None)
        held.set()


def test_an_error_belongs_to_whoever_asked() -> None:
    def fail(_: list[str]) -> Steps:
        raise ValueError("no")

    with working() as worker:
        ear = Ear()
        worker.follow(fail, ear)

        with pytest.raises(ValueError, match="no"):
            worker.call(fail).result(timeout=5)
        assert ear.over.wait(5)
        assert isinstance(ear.error, ValueError)
        assert worker.call(len).result(timeout=5) == 0


def test_a_listener_that_fails_ends_its_stream_alone() -> None:
    class Deaf(Ear):
        def piece(self, text: str) -> None:  # noqa: ARG002
            raise RuntimeError("the loop is closed")

    with working() as worker:
        steps, deaf = Steps(), Deaf()
        worker.follow(lambda _: steps, deaf)
        steps.let.release()

        assert deaf.over.wait(5)
        assert steps.closed
        assert worker.call(len).result(timeout=5) == 0


def test_closing_ends_what_runs_and_what_waits() -> None:
    with working() as worker:
        steps, ears = Steps(), [Ear(), Ear()]
        worker.follow(lambda _: steps, ears[0])
        assert ears[0].begun.wait(5)
        worker.follow(lambda _: Steps(), ears[1])

        worker.close()

        assert steps.closed
        assert all(ear.over.is_set() for ear in ears)
        assert isinstance(ears[1].error, Cancelled)
        with pytest.raises(Cancelled):
            worker.call(len)
        with pytest.raises(Cancelled):
            worker.follow(lambda _: Steps(), Ear())
