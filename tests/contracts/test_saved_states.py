"""A saved KV state goes on where it was, on the same model only, or not at all."""

from collections.abc import Callable

import pytest

from homeward.errors import StateMismatch
from homeward.ports import LanguageModel, Segment, Session, SoftPrompt, Tokens
from homeward.sampling import Sampling
from homeward.testing import ScriptedModel

GREEDY = Sampling(temperature=0, max_tokens=24, repetition_penalty=1.0)
Opener = Callable[[int], LanguageModel]
Soft = Callable[[float], SoftPrompt]


def test_a_saved_session_goes_on_as_the_original_would(
    model: LanguageModel, session: Session, ids: Tokens, soft: Soft
) -> None:
    segments: list[Segment] = [ids[:6], soft(0.01), ids]
    session.feed(segments)
    state = session.save()
    whole = "".join(session.generate(GREEDY))
    with model.session() as other:
        other.load(state)
        assert other.length == len(ids) + 9
        assert other.feed(segments).decoded == 1
        assert "".join(other.generate(GREEDY)) == whole


def test_an_empty_session_can_be_saved(session: Session) -> None:
    state = session.save()
    session.feed([(1, 2, 3)])
    session.load(state)
    assert session.length == 0


def test_a_loaded_state_must_be_fed_before_it_continues(session: Session, ids: Tokens) -> None:
    session.feed([ids])
    session.load(session.save())
    with pytest.raises(ValueError, match="session is empty"):
        session.generate(GREEDY)


def test_a_damaged_or_foreign_state_is_refused_and_leaves_an_empty_cache(
    session: Session, open_one: Opener, ids: Tokens
) -> None:
    session.feed([ids])
    state = session.save()
    places = [*range(0, 110, 10), *range(110, len(state), max(1, len(state) // 10))]
    damaged = [state[:at] + bytes([state[at] ^ 1]) + state[at + 1 :] for at in places]
    foreign = ScriptedModel(n_embd=3)
    with foreign.session() as elsewhere:
        elsewhere.feed([(1, 2, 3)])
        damaged.append(elsewhere.save())
    for wrong in [*damaged, state[:-1], b"", b"HWKV"]:
        session.feed([(1, 2, 3)])
        with pytest.raises(StateMismatch):
            session.load(wrong)
        assert session.length == 0


def test_a_state_that_is_longer_than_the_context_is_refused(
    session: Session, open_one: Opener
) -> None:
    session.feed([(1,) * 65])
    state = session.save()
    small = open_one(64)
    with small.session() as other:
        with pytest.raises(StateMismatch, match="65"):
            other.load(state)
        assert other.length == 0
    small.close()
