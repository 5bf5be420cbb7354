"""What a soft prompt may be trained on: nothing that may not even be a memory."""

import pytest
from hypothesis import given, strategies as st
from tests.conftest import OpenAssistant

from homeward.assistant import Assistant
from homeward.personalization.training_examples import permitted_part, training_examples
from homeward.policy.secrets import contains_secret
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.settings import Settings
from homeward.testing import ScriptedModel
from homeward_store import Category, ChoiceSource, Purpose

SECRETS = [
    "My password is hunter22-Tulip.",
    "Mein Passwort lautet Tulpe-1983.",
    "The card is 4111 1111 1111 1111.",
    "Pay to DE89 3704 0044 0532 0130 00.",
    "Use ghp_0123456789abcdefghijABCDEFGHIJ for it.",
]
HARMLESS = "I walk by the river each morning, whatever the weather."
MODEL = ScriptedModel()


@pytest.fixture
def me(open_assistant: OpenAssistant) -> Assistant:
    me = open_assistant(MODEL, settings=Settings(denied_topics=["divorce"]))
    me.profile.consent.grant(Purpose.LEARN, *Category, shown="May it?")
    return me


def trained_on(me: Assistant) -> str:
    """All the words that training would put before the model."""
    refused = me._wiring.remembering.refused
    examples = training_examples(
        me.profile, MODEL.tokenize, PromptBuilder.of(MODEL), refused=refused
    )
    parts = (part for one in examples for part in (one.context, one.tokens, one.rejected))
    return "\n".join(map(MODEL.detokenize, parts))


@pytest.mark.parametrize("secret", SECRETS)
def test_of_a_writing_with_a_secret_the_other_paragraphs_are_learned(
    me: Assistant, secret: str
) -> None:
    me.write(f"{HARMLESS}\n\n{secret}\n\nThe heron stands there still.")

    assert HARMLESS in trained_on(me)
    assert "The heron stands there still." in trained_on(me)
    assert secret not in trained_on(me)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_choice_with_a_secret_anywhere_is_not_learned(me: Assistant, secret: str) -> None:
    me.prefer(secret, chosen="Fine.", rejected="No.")
    me.prefer("And now?", chosen=secret, rejected="No.")
    me.prefer("And then?", chosen="Fine.", rejected=secret, source=ChoiceSource.RATING)

    assert trained_on(me) == ""


def test_a_denied_topic_is_not_learned_from_writings_or_choices(me: Assistant) -> None:
    me.write(f"{HARMLESS}\n\nThe divorce was in May.")
    me.prefer("How was the divorce?", chosen="Sad.", rejected="Fine.")

    assert HARMLESS in trained_on(me)
    assert "divorce" not in trained_on(me)


def test_a_topic_that_is_denied_later_is_not_learned_from_then_on(me: Assistant) -> None:
    me.write(f"{HARMLESS}\n\nMy neighbour Tomas plays the tuba.")
    assert "tuba" in trained_on(me)

    me.wishes.deny("tuba")
    assert "tuba" not in trained_on(me)
    assert HARMLESS in trained_on(me)


def test_a_reply_to_what_was_not_to_be_kept_is_not_learned(me: Assistant) -> None:
    me.prefer("Don't remember this: I am ill.", chosen="Get well.", rejected="Hm.")

    assert trained_on(me) == ""


def test_without_an_assistant_secrets_are_left_out_all_the_same(me: Assistant) -> None:
    me.write(f"{HARMLESS}\n\n{SECRETS[0]}")

    found = training_examples(me.profile, MODEL.tokenize, PromptBuilder.of(MODEL))
    assert [MODEL.detokenize(one.tokens).splitlines()[0] for one in found] == [HARMLESS]


@given(
    before=st.lists(st.sampled_from([HARMLESS, "Short.", "A pin?"]), max_size=4),
    secret=st.sampled_from(SECRETS),
    gap=st.sampled_from(["\n", "\n\n", " ", "\n\n\n"]),
    cut=st.integers(0, 40),
)
def test_what_is_left_of_a_text_holds_no_secret_wherever_it_is_broken(
    before: list[str], secret: str, gap: str, cut: int
) -> None:
    text = gap.join([*before, secret[:cut] + gap + secret[cut:], HARMLESS])

    assert not contains_secret(permitted_part(text, contains_secret))


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n \n"])
def test_a_secret_that_runs_over_two_paragraphs_costs_both(gap: str) -> None:
    text = f"{HARMLESS}\n\nThe card is 4111 1111{gap}1111 1111 and no other.\n\nThe heron."

    left = permitted_part(text, contains_secret)
    assert "1111" not in left
    assert HARMLESS in left
    assert "The heron." in left


def test_a_harmless_text_stays_as_it_is() -> None:
    text = f"{HARMLESS}\n\n  Two  spaces.\nA line.\n"

    assert permitted_part(text, contains_secret) == text
