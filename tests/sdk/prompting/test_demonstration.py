"""A small model is shown how a quote is used; a wide one is not, nor is one without a quote."""

import pytest

from homeward.prompting.demonstration import DEMONSTRATION, FOLLOW_UP_DEMONSTRATION
from homeward.prompting.prompt import Quote
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.prompting.prompt_content import PastTurn, PromptContent
from homeward.testing import ScriptedModel

QUOTES = (Quote("I said", "My cat is called Miso."),)


def laid_out(content: PromptContent, *, width: int) -> str:
    """What a model of this width reads after the prefix."""
    model = ScriptedModel(n_embd=width)
    body = PromptBuilder.of(model).build(content).body
    return "".join(model.detokenize(part) for part in body if isinstance(part, tuple))


def said(turns: tuple[PastTurn, ...]) -> list[str]:
    return [text for turn in turns for text in (turn.asked, turn.replied)]


def test_a_small_model_sees_a_question_answered_from_a_quote_before_its_own() -> None:
    content = PromptContent("What is my cat called?", quotes=QUOTES)

    text = laid_out(content, width=576)

    order = [*said(DEMONSTRATION), "Miso", content.question]
    assert [text.count(one) for one in order] == [1] * len(order)
    assert sorted(order, key=text.index) == order


def test_before_an_earlier_exchange_it_sees_a_second_question_answered() -> None:
    past = PastTurn("Hello.", "Good morning.")
    content = PromptContent("What is my cat called?", quotes=QUOTES, past=(past,))

    text = laid_out(content, width=576)

    for one in [*said(FOLLOW_UP_DEMONSTRATION), *said((past,)), "Miso", content.question]:
        _, found, text = text.partition(one)
        assert found


@pytest.mark.parametrize("past", [(), (PastTurn("Hello.", "Good morning."),)])
@pytest.mark.parametrize(("quotes", "width"), [((), 576), (QUOTES, 1024)])
def test_nobody_else_sees_it(
    past: tuple[PastTurn, ...], quotes: tuple[Quote, ...], width: int
) -> None:
    text = laid_out(PromptContent("What is my cat called?", quotes=quotes, past=past), width=width)

    assert not any(one in text for one in said((*DEMONSTRATION, *FOLLOW_UP_DEMONSTRATION)))
