"""Taste in a conversation: only after its trial was won, and named in what a reply used."""

import threading

import numpy as np
import pytest
from tests.conftest import OpenAssistant

from homeward import Sampling
from homeward.assistant import Assistant
from homeward.errors import Cancelled, TooFewChoices
from homeward.taste.trial import nested
from homeward.testing import ScriptedModel
from homeward_store import (
    Category,
    Choice,
    ChoiceSource,
    ConsentRequired,
    Purpose,
    Selection,
    SourceForgotten,
)

WILD, CALM = "Yes! Do it! Now! Today!", "It would be good to do it. There is no hurry at all."


def consenting(open_assistant: OpenAssistant, model: ScriptedModel | None = None) -> Assistant:
    me = open_assistant(model)
    me.profile.consent.grant(Purpose.LEARN, Category.CHOICES, shown="May it?")
    return me


def prefer_wild(me: Assistant, n: int, *, against: bool = False) -> list[Choice]:
    chosen, rejected = (CALM, WILD) if against else (WILD, CALM)
    return [
        me.prefer(f"Shall I do thing {at}?", chosen=f"{chosen} {at}", rejected=f"{rejected} {at}")
        for at in range(n)
    ]


def picks(me: Assistant) -> bool:
    """Whether taste picked a reply's beginning, which is known once it was read."""
    reply = me.ask("Shall I?")
    assert reply.text
    return reply.sources.taste is not None


def test_taste_is_not_used_before_a_trial(open_assistant: OpenAssistant) -> None:
    me = consenting(open_assistant)
    prefer_wild(me, 30)
    reply = me.ask("Shall I?")
    assert reply.text
    assert reply.sources.taste is None
    assert reply.sources.examples == ()
    assert me.taste.last_trial is None
    assert me.taste.switch(examples=True, drafts=True) is None


def test_a_steady_taste_wins_its_trial_and_picks_the_draft(open_assistant: OpenAssistant) -> None:
    me = consenting(open_assistant, ScriptedModel([CALM, WILD, CALM]))
    prefer_wild(me, 40)

    trial = me.taste.trial()

    assert trial.use_drafts
    assert trial.drafts.items == 12
    assert trial == me.taste.last_trial
    chat = me.conversation()
    reply = chat.ask("Shall I do it?")
    assert reply.text == WILD
    assert reply.sources.taste is not None
    assert (reply.sources.taste.index, reply.sources.taste.of) == (1, 3)
    assert [turn.replied for turn in me.profile.turns.latest(1)] == [WILD]
    assert chat.ask("And then?").text  # the history goes on from the draft that was shown


def test_a_fickle_taste_loses_its_trial_and_stays_off(open_assistant: OpenAssistant) -> None:
    me = consenting(open_assistant, ScriptedModel([CALM, WILD, CALM]))
    for against in np.random.default_rng(0).random(40) < 0.5:
        prefer_wild(me, 1, against=bool(against))
    trial = me.taste.trial()
    assert not trial.use_drafts
    assert not picks(me)


def test_a_trial_needs_choices_between_two_replies(open_assistant: OpenAssistant) -> None:
    me = consenting(open_assistant)
    prefer_wild(me, 15)
    for at in range(20):
        me.prefer("How?", chosen=f"{WILD} {at}", rejected="", source=ChoiceSource.RATING)
    with pytest.raises(TooFewChoices, match="got 15"):
        me.taste.trial()


def test_a_cancelled_trial_decides_nothing(open_assistant: OpenAssistant) -> None:
    me = consenting(open_assistant)
    prefer_wild(me, 20)
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(Cancelled, match="0 of"):
        me.taste.trial(cancel=cancelled)
    assert me.taste.last_trial is None


def test_forgetting_a_choice_ends_what_was_decided_on_it(open_assistant: OpenAssistant) -> None:
    me = consenting(open_assistant, ScriptedModel([CALM, WILD, CALM]))
    choices = prefer_wild(me, 40)
    assert me.taste.trial().use_drafts
    me.forget(Selection(choices=(choices[3].id,)))
    assert me.taste.last_trial is None
    assert not picks(me)


def test_taste_ends_with_the_consent_to_it(open_assistant: OpenAssistant) -> None:
    me = consenting(open_assistant, ScriptedModel([CALM, WILD, CALM]))
    prefer_wild(me, 40)
    assert me.taste.trial().use_drafts
    consent = me.profile.consent
    assert consent.withdraw(Purpose.LEARN, Category.CHOICES) == ("taste",)
    assert not picks(me)
    with pytest.raises(ConsentRequired):
        me.taste.switch(examples=False, drafts=True)

    consent.grant(Purpose.LEARN, Category.CHOICES, shown="May it again?")
    assert not picks(me)
    me.taste.switch(examples=False, drafts=True)
    assert picks(me)


@pytest.mark.parametrize("at", [0, 5])
def test_a_trial_whose_choice_is_forgotten_meanwhile_decides_nothing(
    open_assistant: OpenAssistant, at: int
) -> None:
    me = consenting(open_assistant, ScriptedModel([CALM, WILD, CALM]))
    choices = prefer_wild(me, 40)

    def forget(done: int, _of: int) -> None:
        if done == at:
            me.forget(Selection(choices=(choices[3].id,)))

    with pytest.raises(SourceForgotten):
        me.taste.trial(report=forget)
    assert me.taste.last_trial is None
    assert me.profile.blobs.keys("taste-trial") == []
    assert not picks(me)


def test_greedy_and_impersonal_replies_are_left_alone(open_assistant: OpenAssistant) -> None:
    me = consenting(open_assistant, ScriptedModel([CALM, WILD, CALM]))
    prefer_wild(me, 40)
    me.taste.trial()
    me.taste.switch(examples=True, drafts=True)
    assert me.ask("Shall I?", sampling=Sampling(temperature=0)).sources.taste is None
    plain = me.conversation().ask("Shall I?", personalize=False)
    assert (plain.sources.taste, plain.sources.examples) == (None, ())


def test_examples_stand_before_the_conversation_and_stay_the_same(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(["Well."])
    me = consenting(open_assistant, model)
    prefer_wild(me, 20)
    me.taste.trial()
    me.taste.switch(examples=True, drafts=False)
    chat = me.conversation()
    first = chat.ask("Shall I do thing 4?")
    assert first.text
    assert len(first.sources.examples) == 2
    for example in first.sources.examples:
        assert f"user\n{example.prompt}<|im_end|>" in model.prompts[-1]
        assert f"assistant\n{example.chosen}<|im_end|>" in model.prompts[-1]
    second = chat.ask("And thing 5?")
    assert second.text
    assert second.sources.examples == first.sources.examples
    before, last, _ = model.prompts[-2].partition(second.sources.examples[-1].chosen)
    assert model.prompts[-1].startswith(before + last)


def test_a_forgotten_example_takes_the_replies_that_it_shaped(
    open_assistant: OpenAssistant,
) -> None:
    me = consenting(open_assistant, ScriptedModel(["Well."]))
    prefer_wild(me, 20)
    me.taste.trial()
    me.taste.switch(examples=True, drafts=False)
    reply = me.ask("Shall I do thing 4?")
    assert reply.text
    me.forget(Selection(choices=(reply.sources.examples[0].id,)))
    [turn] = me.profile.turns.latest(1)
    assert (turn.asked, turn.replied) == ("Shall I do thing 4?", "")


def test_what_must_not_be_told_to_everyone_is_no_example(open_assistant: OpenAssistant) -> None:
    me = consenting(open_assistant)
    prefer_wild(me, 20)
    me.prefer("Who am I?", chosen="You are a gay man! Yes!", rejected="That I do not know.")
    me.taste.trial()
    me.taste.switch(examples=True, drafts=False)
    shown = me.ask("Who am I?").sources.examples
    assert shown
    assert "Who am I?" not in [example.prompt for example in shown]


def test_drafts_must_beat_what_examples_alone_give() -> None:
    rng = np.random.default_rng(0)
    helps, noise = rng.normal(1, 0.3, 20), rng.normal(0, 0.3, 20)
    examples, drafts = nested(helps, noise)
    assert examples.wins
    assert not drafts.wins
    examples, drafts = nested(noise, helps)
    assert not examples.wins
    assert drafts.wins
    examples, drafts = nested(helps, -helps)
    assert examples.wins
    assert drafts.high < 0


def test_every_signal_of_a_reply_is_kept_with_its_kind(open_assistant: OpenAssistant) -> None:
    me = consenting(open_assistant, ScriptedModel(["Well."]))
    reply = me.ask("Shall I?")
    assert reply.text
    assert me.feedback.rate(reply, good=True)
    assert me.feedback.rate(reply, good=False)
    assert me.feedback.accept(reply)
    assert me.feedback.edit(reply, "Well, yes.")
    assert me.feedback.edit(reply, "Well.") is None
    kept = [(one.source, one.chosen, one.rejected) for one in me.profile.choices.all()]
    assert kept == [
        (ChoiceSource.RATING, "Well.", ""),
        (ChoiceSource.RATING, "", "Well."),
        (ChoiceSource.ACCEPT, "Well.", ""),
        (ChoiceSource.EDIT, "Well, yes.", "Well."),
    ]
    assert me.profile.turns.latest(1)[0].replied == "Well, yes."


def test_an_incognito_reply_teaches_nothing(open_assistant: OpenAssistant) -> None:
    me = consenting(open_assistant)
    reply = me.conversation(incognito=True).ask("Shall I?")
    assert reply.text
    assert me.feedback.rate(reply, good=True) is None
    assert me.feedback.accept(reply) is None
    assert me.feedback.edit(reply, "No.") is None
    assert me.profile.choices.all() == []
