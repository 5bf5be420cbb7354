"""Rules are the person's: conservative until edited, kept in the profile, and named by `why`."""

import pytest
from tests.conftest import OpenAssistant

from homeward.policy.gate import DEFAULT_RULES, Rule, UseContext

WORK = UseContext(audience="work", purpose="mail")


def test_an_edited_rule_is_kept_and_holds_from_the_next_question(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    me.remember("I had surgery on my knee.")
    me.close()
    me = open_assistant()
    conversation = me.conversation(use_context=WORK)
    before = conversation.ask("What surgery on my knee did I have?")
    assert before.text

    me.rules.set(Rule("health stays private", "health", frozenset({"private", "work"})))
    after = conversation.ask("Which knee surgery did I have?")
    assert after.text

    assert [one.rule for one in before.sources.withheld] == ["health stays private"]
    assert [one.text for one in after.sources.memories] == ["I had surgery on my knee."]
    assert before.turn is not None
    assert [one.rule for one in me.why(before.turn).withheld] == ["health stays private"]
    me.close()
    again = open_assistant()
    assert again.rules.edited
    assert len(again.rules.all()) == len(DEFAULT_RULES)


def test_rules_come_and_go(open_assistant: OpenAssistant) -> None:
    rules = open_assistant().rules
    assert rules.all() == DEFAULT_RULES

    mine = Rule("no hobbies", "hobby", purposes=frozenset({"chat"}), about_self=True)
    rules.set(mine)
    assert rules.all()[-1] == mine
    rules.remove("money stays private")
    assert "money" not in {rule.tag for rule in rules.all()}
    with pytest.raises(KeyError):
        rules.remove("money stays private")
    with pytest.raises(ValueError, match="name and a tag"):
        rules.set(Rule(" ", "x"))
    rules.restore()
    assert rules.all() == DEFAULT_RULES


def test_what_is_withheld_does_not_take_the_place_of_what_may_be_used(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    for text in (
        "My horse's surgery hurt.",
        "My horse's surgery was sad.",
        "My horse's surgery is over.",
    ):
        me.remember(text)
    free = me.remember("My horse likes apples.")

    reply = me.conversation(use_context=WORK).ask("What about my horse?")
    assert reply.text

    assert list(reply.sources.memories) == list(free)
    assert len(reply.sources.withheld) >= 2


def test_tags_are_edited_by_memory_and_by_key(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    [memory] = me.remember("I had surgery on my knee.")
    me.attributes["religion"] = "Hindu"

    me.tag(memory.id)
    me.attributes.tag("religion", "hobby")

    assert me.profile.memories.get([memory.id])[0].tags == ()
    assert me.profile.attributes.all()[0].tags == ("hobby",)
