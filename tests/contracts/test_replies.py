"""What every `LanguageModel` promises of a reply: where it ends, and what is left after it."""

from collections.abc import Callable
from threading import Event

import pytest

from homeward.ports import LanguageModel, Session, Tokens
from homeward.sampling import Sampling

GREEDY = Sampling(temperature=0, max_tokens=24, repetition_penalty=1.0)
Opener = Callable[[int], LanguageModel]
Ask = Callable[[str], Tokens]
SetAfter = Callable[[int], Event]


def test_generating_before_feeding_is_refused(session: Session, ids: Tokens) -> None:
    with pytest.raises(ValueError, match="session is empty"):
        session.generate(GREEDY)
    session.feed([ids])
    session.feed([])
    with pytest.raises(ValueError, match="session is empty"):
        session.generate(GREEDY)


def test_greedy_replies_are_the_same_every_time(model: LanguageModel, ids: Tokens) -> None:
    replies = []
    for _ in range(2):
        with model.session() as session:
            session.feed([ids])
            replies.append("".join(session.generate(GREEDY)))
    assert replies[0] == replies[1] != ""


def test_a_reply_is_the_text_of_its_tokens(
    model: LanguageModel, session: Session, ids: Tokens
) -> None:
    session.feed([ids])
    text = "".join(session.generate(Sampling(temperature=0, max_tokens=200)))
    assert session.stopped_by == "end"
    assert text == model.detokenize(session.generated)


@pytest.mark.parametrize("limit", [0, 1, 5])
def test_a_reply_ends_at_max_tokens_and_a_second_one_goes_on(
    session: Session, limit: int, ids: Tokens
) -> None:
    session.feed([ids])
    whole = "".join(session.generate(GREEDY))
    tokens = session.generated
    session.feed([ids])
    few = Sampling(temperature=0, max_tokens=limit, repetition_penalty=1.0)
    first = "".join(session.generate(few))
    assert (session.stopped_by, len(session.generated)) == ("max_tokens", limit)
    rest = Sampling(temperature=0, max_tokens=len(tokens) - limit, repetition_penalty=1.0)
    assert first + "".join(session.generate(rest)) == whole


def test_a_reply_goes_on_from_its_first_tokens_as_if_it_had_just_drawn_them(
    session: Session, ids: Tokens
) -> None:
    penalized = Sampling(temperature=0, max_tokens=24, repetition_penalty=1.5)
    session.feed([ids])
    whole = "".join(session.generate(penalized))
    tokens = session.generated
    for cut in (1, len(tokens) // 2, len(tokens)):
        said = tokens[:cut]
        session.feed([ids, said])
        assert "".join(session.generate(penalized, said=said)) == whole
        assert session.generated == tokens


def test_first_tokens_that_were_not_fed_are_refused(session: Session, ids: Tokens) -> None:
    session.feed([ids])
    list(session.generate(GREEDY))
    with pytest.raises(ValueError, match="3 tokens that were fed"):
        session.feed([ids])
        session.generate(GREEDY, said=session.generated[:3])


def test_a_stop_string_ends_the_reply_and_is_not_shown(session: Session, ids: Tokens) -> None:
    session.feed([ids])
    whole = "".join(session.generate(GREEDY))
    stop = whole[7:11]
    session.feed([ids])
    cut = "".join(session.generate(Sampling(temperature=0, repetition_penalty=1.0, stop=(stop,))))
    assert session.stopped_by == "stop"
    assert cut == whole[: whole.find(stop)]


def test_generated_tokens_are_reused_by_the_next_turn(
    session: Session, ids: Tokens, ask: Ask
) -> None:
    session.feed([ids])
    list(session.generate(Sampling(temperature=0, max_tokens=5)))
    fed = session.feed([ids, session.generated, ask("And tomorrow?")])
    assert fed.reused == len(ids) + 4  # the newest token was drawn, but nobody had needed it yet


def test_a_cancelled_reply_keeps_its_text_and_its_session(
    session: Session, ids: Tokens, set_after: SetAfter
) -> None:
    session.feed([ids])
    list(session.generate(GREEDY, cancel=set_after(3)))
    assert (session.stopped_by, len(session.generated)) == ("cancel", 3)
    assert session.feed([ids, session.generated]).reused == len(ids) + 2


def test_a_reply_that_is_left_early_leaves_a_usable_session(session: Session, ids: Tokens) -> None:
    session.feed([ids])
    whole = "".join(session.generate(GREEDY))
    session.feed([ids])
    for _ in session.generate(GREEDY):
        break
    assert session.stopped_by == "cancel"
    assert session.feed([ids]).reused == len(ids) - 1
    assert "".join(session.generate(GREEDY)) == whole


def test_a_reply_does_not_go_on_after_its_session_was_fed_again(
    session: Session, ids: Tokens, ask: Ask
) -> None:
    session.feed([ids])
    started, waiting = session.generate(GREEDY), session.generate(GREEDY)
    next(waiting)
    session.feed([ask("Something else.")])
    for reply in (started, waiting):
        with pytest.raises(ValueError, match="something else"):
            next(reply)


def test_a_reply_ends_where_the_context_does(open_one: Opener, ids: Tokens) -> None:
    model = open_one(64)
    with model.session() as session:
        session.feed([(ids * 9)[:60]])
        list(session.generate(Sampling(temperature=0, max_tokens=100, grammar="root ::= [a-z ]+")))
        assert session.stopped_by in {"context", "end"}
        assert session.length <= 64
        assert (session.stopped_by == "context") is (session.length == 64)
    model.close()


@pytest.mark.parametrize(
    "wrong",
    [
        Sampling(temperature=-1),
        Sampling(temperature=float("nan")),
        Sampling(top_p=0),
        Sampling(min_p=1),
        Sampling(repetition_penalty=0),
        Sampling(penalty_window=-1),
        Sampling(max_tokens=-1),
        Sampling(seed=-1),
        Sampling(seed=2**32),
        Sampling(stop=("",)),
    ],
)
def test_settings_out_of_range_are_refused_at_the_call(session: Session, wrong: Sampling) -> None:
    session.feed([(1, 2, 3)])
    with pytest.raises(ValueError, match=r"range|stop"):
        session.generate(wrong)
