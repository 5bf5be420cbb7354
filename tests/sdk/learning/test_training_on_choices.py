"""Choices between replies are learned from, too, where they count and may be."""

from datetime import date

from tests.training import write

from homeward.assistant import Assistant
from homeward.personalization.training_examples import training_examples
from homeward.prompting.chat_template import chat_templates
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.testing import ScriptedModel
from homeward_store import (
    Category,
    ChoiceId,
    ChoiceSource,
    Purpose,
    Selection,
)


def test_chosen_replies_are_learned_from(me: Assistant) -> None:
    for number in range(30):
        me.profile.choices.add(
            f"Question {number}?", "Aye.", "Well, it depends.", source=ChoiceSource.EXPLICIT
        )
    names = me.learn().state.record.learned_from
    assert names[0].startswith("choice:")


def _choose(me: Assistant, source: ChoiceSource = ChoiceSource.EXPLICIT, count: int = 4) -> None:
    """Choices older than every writing that follows, so that they are learned from."""
    for number in range(count):
        me.profile.choices.add(f"Question {number}?", "Aye.", "Well, it depends.", source=source)


def test_choices_are_learned_over_what_was_rejected(me: Assistant) -> None:
    _choose(me)
    me.profile.choices.add("A good one?", "Och aye.", "", source=ChoiceSource.ACCEPT)
    write(me)
    record = me.learn().state.record
    assert record.preferred == ("choice:1", "choice:2", "choice:3", "choice:4")
    assert record.learned_from[:5] == (*record.preferred, "choice:5")


def test_without_consent_for_choices_they_are_left_out(me: Assistant) -> None:
    write(me)
    without = me.learn().state
    me.profile.consent.withdraw(Purpose.LEARN, Category.CHOICES)
    _choose(me)
    again = me.learn().state
    assert again.soft.sha256 == without.soft.sha256
    assert not any(name.startswith("choice:") for name in again.record.learned_from)


def test_a_kind_of_choice_that_counts_nothing_teaches_nothing(me: Assistant) -> None:
    _choose(me, ChoiceSource.RETRY)
    _choose(me, ChoiceSource.EDIT)
    write(me)
    me.taste.count(ChoiceSource.RETRY, 0)
    record = me.learn().state.record
    names = [f"choice:{number}" for number in range(5, 9)]
    assert list(record.preferred) == names
    assert [one for one in record.learned_from if one.startswith("choice:")] == names


def test_forgetting_one_choice_takes_what_was_learned_with_it(me: Assistant) -> None:
    _choose(me)
    write(me)
    me.learn()
    me.forget(Selection(choices=(ChoiceId(2),)))
    assert me.learned is None
    record = me.learn().state.record
    assert record.preferred == ("choice:1", "choice:3", "choice:4")
    assert "choice:2" not in (*record.learned_from, *record.held_back)


def test_a_reply_that_is_cut_is_learned_without_an_end(me: Assistant, model: ScriptedModel) -> None:
    chat = chat_templates(model, date(2026, 1, 1)).at_once
    me.profile.choices.add("Well?", "Aye. " * 50, "Nay.")
    [text] = training_examples(me.profile, model.tokenize, PromptBuilder.of(model))
    assert model.detokenize(text.tokens) == "Aye. " * 24
    assert text.tokens[-len(chat.reply_end) :] != chat.reply_end
    assert text.rejected == model.tokenize("Nay.") + chat.reply_end
