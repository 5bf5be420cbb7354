"""Several beginnings of one reply: which one goes on, and what the session holds after it."""

from collections.abc import Sequence
from threading import Event

import pytest

from homeward.conversation.best_of_n import BestOfN, best_draft, freer, worth_drafting
from homeward.errors import Cancelled
from homeward.ports import LanguageModel, Session
from homeward.sampling import Sampling
from homeward.testing import ScriptedModel

REPLIES = ("Yes, of course.", "No, never.", "Ask again.")


def draft(session: Session, model: LanguageModel, prefer: str, ahead: int = 4) -> str:
    segments, sampling = [model.tokenize("Is it so? ")], Sampling()

    def choose(drafts: Sequence[str]) -> int:
        return next(at for at, text in enumerate(drafts) if prefer.startswith(text[:2]))

    best = best_draft(
        session, segments, sampling, drafting=BestOfN(3, ahead), choose=choose, cancel=None
    )
    return "".join(session.generate(sampling, said=best.tokens))


@pytest.mark.parametrize("wanted", REPLIES)
@pytest.mark.parametrize("ahead", [4, 400])
def test_the_chosen_draft_is_the_one_that_goes_on(wanted: str, ahead: int) -> None:
    model = ScriptedModel(REPLIES)
    with model.session() as session:
        assert draft(session, model, wanted, ahead) == wanted
        assert session.generated == model.tokenize(wanted)


def test_drafts_are_only_as_long_as_the_look_ahead() -> None:
    model, seen = ScriptedModel(REPLIES), list[str]()
    with model.session() as session:
        best = best_draft(
            session,
            [model.tokenize("Is it so? ")],
            Sampling(),
            drafting=BestOfN(3, 4),
            choose=lambda drafts: seen.extend(drafts) or 1,  # type: ignore[func-returns-value]
        )
    assert seen == ["Yes,", "No, ", "Ask "]
    assert not best.whole


def test_a_draft_that_ended_by_itself_is_whole() -> None:
    model = ScriptedModel(["Yes."])
    with model.session() as session:
        best = best_draft(
            session,
            [model.tokenize("Is it so? ")],
            Sampling(),
            drafting=BestOfN(2, 16),
            choose=lambda _: 0,
        )
    assert (best.text, best.whole) == ("Yes.", True)


def test_cancelling_ends_the_drafts() -> None:
    model, cancel = ScriptedModel(REPLIES), Event()
    cancel.set()
    with model.session() as session, pytest.raises(Cancelled):
        best_draft(
            session,
            [model.tokenize("Is it so? ")],
            Sampling(),
            drafting=BestOfN(),
            choose=lambda _: 0,
            cancel=cancel,
        )


def test_greedy_replies_are_not_drafted_and_a_second_one_is_freer() -> None:
    assert not worth_drafting(Sampling(temperature=0))
    assert worth_drafting(Sampling(temperature=0.3))
    assert freer(Sampling(temperature=0.3)).temperature == 0.8
    assert freer(Sampling(temperature=1.1)).temperature == 1.1


def test_one_draft_is_no_choice() -> None:
    with pytest.raises(ValueError, match="count must be at least 2"):
        BestOfN(1, 16)
