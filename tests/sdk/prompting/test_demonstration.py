"""A small model is shown how a quote is used; a wide one is not, nor is one without a quote."""

import pytest

from homeward.prompting.demonstration import DEMONSTRATION
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


def test_a_small_model_sees_a_question_answered_from_a_quote_before_its_own() -> None:
    past = PastTurn("Hello.", "Good morning.")
    content = PromptContent("What is my cat called?", quotes=QUOTES, past=(past,))

    text = laid_out(content, width=576)

    order = ["Good morning.", DEMONSTRATION.asked, DEMONSTRATION.replied, "Miso", content.question]
    assert [text.count(one) for one in order] == [1] * len(order)
    assert sorted(order, key=text.index) == order


@pytest.mark.parametrize(("quotes", "width"), [((), 576), (QUOTES, 1024)])
def test_nobody_else_sees_it(quotes: tuple[Quote, ...], width: int) -> None:
    content = PromptContent("What is my cat called?", quotes=quotes)

    assert DEMONSTRATION.replied not in laid_out(content, width=width)
