"""Where the person wants to see memories first, nothing unseen is used."""

import pytest
from tests.conftest import OpenAssistant

from homeward.policy.gate import Rule
from homeward.testing import ScriptedModel
from homeward_store import MemoryId, NotFound


def test_what_waits_is_withheld_until_it_is_accepted(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel()
    me = open_assistant(model)
    me.wishes.set_review(on=True)
    assert me.ask("I drink green tea in the morning.").text
    [memory] = me.review.waiting()

    before = me.ask("What tea do I drink?")
    assert before.text
    me.review.accept(memory.id)
    after = me.ask("Which green tea do I drink?")
    assert after.text

    assert [one.rule for one in before.sources.withheld] == ["it waits for your review"]
    assert [one.id for one in after.sources.memories] == [memory.id]
    assert not me.review.waiting()


def test_what_is_rejected_goes_and_its_turn_stays(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    me.wishes.set_review(on=True)
    assert me.ask("I drink green tea.").text
    [memory] = me.review.waiting()

    me.review.reject(memory.id)

    assert me.profile.memories.count() == 0
    assert me.recall("green tea") == []
    assert [turn.asked for turn in me.profile.turns.latest(9)] == ["I drink green tea."]
    for decide in (me.review.accept, me.review.reject):
        with pytest.raises(NotFound):
            decide(memory.id)


def test_what_waits_supersedes_nothing_until_it_is_accepted(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    me.remember("My phone number is 555 1234.")
    me.wishes.set_review(on=True)
    assert me.ask("My phone number is 555 9876.").text
    old, new = me.profile.memories.all()
    assert old.superseded_by is None

    me.review.accept(new.id)

    assert me.profile.memories.get([old.id])[0].superseded_by == new.id


def test_notes_do_not_wait_and_no_rule_lets_out_what_does(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    me.wishes.set_review(on=True)
    me.remember("I collect stamps from Peru.")
    assert me.ask("I drink green tea.").text
    me.rules.set(Rule("it waits for your review", "unreviewed"))

    reply = me.ask("What green tea do I drink?")
    assert reply.text

    assert [one.text for one in me.review.waiting()] == ["I drink green tea."]
    assert not reply.sources.memories


def test_nothing_else_can_be_decided_about(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    [memory] = me.remember("I collect stamps from Peru.")

    with pytest.raises(NotFound):
        me.review.reject(memory.id)
    with pytest.raises(NotFound):
        me.review.accept(MemoryId(99))
