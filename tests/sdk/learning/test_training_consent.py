"""What was learned is used only while what allowed it holds: consents, and topics not denied."""

import pytest
from tests.training import VIRTUAL, write

from homeward.assistant import Assistant
from homeward.events import Event as AnyEvent, SwitchedOff
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import (
    Category,
    Consent,
    ConsentRequired,
    Profile,
    Purpose,
)


def test_nothing_is_learned_without_consent(me: Assistant) -> None:
    write(me)
    me.profile.consent.withdraw(Purpose.LEARN, Category.WRITINGS)

    with pytest.raises(ConsentRequired):
        me.learn()
    assert me.learned is None


def test_a_withdrawn_consent_switches_off_what_stood_on_it_and_says_so(
    me: Assistant, model: ScriptedModel
) -> None:
    write(me)
    me.learn()
    conversation, events = me.conversation(), list[AnyEvent]()
    me.events.subscribe(events.append, SwitchedOff)
    assert conversation.ask("Well?").text
    assert VIRTUAL in model.prompts[-1]

    assert me.profile.consent.withdraw(Purpose.LEARN, Category.WRITINGS) == ("learned style",)

    assert events == [SwitchedOff(("learned style",))]
    assert conversation.ask("And now?").text
    assert VIRTUAL not in model.prompts[-1]
    assert me.learned is not None
    assert not me.learned.on
    with pytest.raises(ConsentRequired):
        me.switch_learned(on=True)


def test_a_topic_denied_after_learning_switches_off_what_was_learned_of_it_and_says_so(
    me: Assistant, model: ScriptedModel
) -> None:
    write(me)
    me.write("The Zorblaxes came for tea, and we played chess until late.")
    me.learn()
    conversation, events = me.conversation(), list[AnyEvent]()
    me.events.subscribe(events.append, SwitchedOff)

    assert me.wishes.deny("golf") == ()
    assert conversation.ask("Well?").text
    assert VIRTUAL in model.prompts[-1]
    assert me.wishes.deny("golf", "Zorblax") == ("learned style",)

    assert events == [SwitchedOff(("learned style",))]
    assert conversation.ask("And now?").text
    assert VIRTUAL not in model.prompts[-1]
    me.learn()
    assert me.learned is not None
    assert me.learned.on
    assert me.wishes.deny("Zorblax", "golf") == ()  # it was learned without them
    assert me.learned.on


def test_a_consent_given_again_switches_on_nothing_by_itself(
    me: Assistant, model: ScriptedModel
) -> None:
    write(me)
    me.learn()
    consent = me.profile.consent
    consent.withdraw(Purpose.LEARN)
    consent.grant(Purpose.LEARN, Category.WRITINGS, shown="May it again?")

    assert me.ask("Well?").text
    assert VIRTUAL not in model.prompts[-1]
    me.switch_learned(on=True)
    assert me.ask("And now?").text
    assert VIRTUAL in model.prompts[-1]
    assert consent.withdraw(Purpose.LEARN, Category.NOTES) == ()
    assert me.ask("And then?").text
    assert VIRTUAL in model.prompts[-1]


def test_a_consent_withdrawn_while_no_assistant_was_open_counts_as_well(
    me: Assistant, tmp_profile: Profile
) -> None:
    write(me)
    me.learn()
    consent = Consent(tmp_profile._ledger)  # as by a program that knows the store alone
    consent.withdraw(Purpose.LEARN, Category.WRITINGS)
    consent.grant(Purpose.LEARN, Category.WRITINGS, shown="May it again?")

    model = ScriptedModel(["Hello."], n_embd=32)
    later = Assistant(tmp_profile, ModelLoaders(lambda: model, HashEmbedder))
    assert later.ask("Well?").text
    assert VIRTUAL not in model.prompts[-1]
