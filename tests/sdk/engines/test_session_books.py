"""When the runtime fails or the person interrupts, the session still knows what is in the cache."""

import pytest

from homeward.engines.runtime import CHUNK
from homeward.engines.session import CachedSession
from homeward.errors import ModelError
from homeward.ports import Tokens, Vector
from homeward.sampling import Sampling
from homeward.testing import ScriptedModel
from homeward.testing.scripted_model import _ScriptedRuntime

LONG = (65,) * (2 * CHUNK + 10)


class Faulty(_ScriptedRuntime):
    """Takes half of a chunk that contains byte 33, or dies of an interrupt at byte 34."""

    def append(self, chunk: Tokens | Vector, *, all_logits: bool = False) -> None:
        if 33 in chunk:
            super().append(chunk[: len(chunk) // 2])
            raise ModelError("half of it")
        super().append(chunk, all_logits=all_logits)
        if 34 in chunk:
            raise KeyboardInterrupt

    def step(self, token: int) -> None:
        super().step(token)
        raise KeyboardInterrupt


@pytest.fixture
def session() -> CachedSession:
    model = ScriptedModel(["Hello."])
    return CachedSession(Faulty(model), model.info, layout="faulty")


def test_a_failed_chunk_is_forgotten_as_a_whole(session: CachedSession) -> None:
    with pytest.raises(ModelError):
        session.feed([LONG, (33,)])
    assert session.length == session._runtime.length() == 2 * CHUNK
    assert session.feed([LONG]).reused == 2 * CHUNK


def test_an_interrupted_feed_is_repaired_by_the_next_one(session: CachedSession) -> None:
    with pytest.raises(KeyboardInterrupt):
        session.feed([LONG[:CHUNK], (34,)])
    assert session.feed([LONG]).reused == CHUNK
    assert session.length == session._runtime.length() == len(LONG)


def test_an_interrupted_reply_cannot_go_on_from_a_doubled_token(session: CachedSession) -> None:
    session.feed([LONG])
    with pytest.raises(KeyboardInterrupt):
        list(session.generate(Sampling()))
    with pytest.raises(ValueError, match="session is empty"):
        session.generate(Sampling())
    session.feed([LONG, session.generated])
    assert session.length == session._runtime.length() == len(LONG) + 1
