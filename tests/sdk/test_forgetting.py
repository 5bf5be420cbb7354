"""Forgetting reaches what was derived: replies, snapshots, the running conversation."""

import pytest
from tests.conftest import OpenAssistant

from homeward.testing import ScriptedModel
from homeward_store import Erasure, Selection, SourceKind, UseContext

RENT = "The rent is due on the fifth."


def repeat_the_fifth(prompt: str) -> str:
    return "On the fifth." if "fifth" in prompt else "I do not know."


def test_a_forgotten_note_is_gone_from_recall_and_from_the_running_conversation(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(repeat_the_fifth)
    me = open_assistant(model)
    [memory] = me.remember(RENT)
    assert me.ask("When is the rent due?").text == "On the fifth."

    receipt = me.forget(memory)

    assert receipt.state is Erasure.COMPLETE
    assert receipt.verify()
    assert dict(receipt.erased) == {"memory": 1, "note": 1, "reply": 1}
    assert me.recall("When is the rent due?") == []
    assert me.ask("When is the rent due?").text == "I do not know."
    assert "fifth" not in model.prompts[-1]


def test_what_was_said_three_times_is_forgotten_once_and_taught_no_more(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(["ok"])
    me = open_assistant(model)
    [memory] = me.remember(RENT)
    me.ask(f"Did you know? {RENT}").text  # noqa: B018  read to its end
    me.write(f"Dear landlord, {RENT.lower()} So be it.")
    me.forget(memory)
    me.ask("And what else?").text  # noqa: B018
    assert "fifth" not in model.prompts[-1]
    assert [turn.asked for turn in me.profile.turns.latest(9)] == ["And what else?"]
    assert "fifth" not in me.profile.writings.all()[0].text


def test_a_reply_that_was_built_on_it_goes_and_its_question_stays(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant(ScriptedModel(repeat_the_fifth))
    [memory] = me.remember(RENT)
    reply = me.ask("When is the rent due?")
    assert reply.text
    assert reply.turn is not None

    me.forget(memory)

    turn = me.profile.turns.get(reply.turn)
    assert turn is not None
    assert (turn.asked, turn.replied) == ("When is the rent due?", "")


def test_a_choice_made_on_such_a_reply_goes_too(open_assistant: OpenAssistant) -> None:
    me = open_assistant(ScriptedModel(repeat_the_fifth))
    [memory] = me.remember(RENT)
    reply = me.ask("When is the rent due?")
    me.prefer("When is the rent due?", chosen=reply.text, rejected="No idea.", turn=reply.turn)
    assert me.profile.memories.count() == 2

    me.forget(memory)

    assert me.profile.choices.all() == []
    assert list(me.profile.memories.all()) == []


def test_a_forgotten_choice_takes_its_memory_along(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    choice = me.prefer("How do I greet?", chosen="Good morning to you.", rejected="Hi.")
    [memory] = me.profile.memories.all()
    assert memory.source.kind is SourceKind.CHOICE

    me.forget(Selection(choices=(choice.id,)))

    assert me.profile.memories.count() == 0


def test_deleting_an_attribute_erases_its_history_and_replies_that_say_it(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(["You live in Leeds, Ada.", "Indeed."])
    me = open_assistant(model)
    me.attributes["home town"] = "York"
    me.attributes["home town"] = "Leeds"
    me.attributes["name"] = "Ada"
    chat = me.conversation("one")
    assert chat.ask("Where do I live?").text
    assert chat.ask("Really?").text

    del me.attributes["home town"]

    assert dict(me.attributes) == {"name": "Ada"}
    assert me.profile.attributes.history("home town") == []
    assert [turn.replied for turn in me.profile.turns.conversation("one")] == ["", ""]
    assert chat.ask("And now?").text
    assert "Leeds" not in model.prompts[-1]


def test_the_prefix_snapshot_is_shredded_with_an_attribute(open_assistant: OpenAssistant) -> None:
    me = open_assistant(ScriptedModel(["Fine."]))
    me.attributes["home town"] = "Leeds"
    assert me.ask("How are you?").text
    assert any((me.profile.path / "blobs").iterdir())

    del me.attributes["home town"]

    assert not any((me.profile.path / "blobs").iterdir())
    assert me.profile.blobs.stale() == []


def test_everything_can_be_forgotten(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    me.attributes["name"] = "Ada"
    me.remember(RENT)
    me.write("Dear diary, it rained again today.", title="Diary")
    me.prefer("Sing!", chosen="La la la la.", rejected="No.")
    assert me.ask("My sister Clara lives in Leeds. Hello?").text

    me.forget(Selection(everything=True))

    assert dict(me.attributes) == {}
    assert me.profile.memories.count() == 0
    assert me.profile.turns.count() == 0
    assert me.profile.writings.all() == []
    assert me.profile.choices.all() == []
    assert me.profile.notes.all() == []


def test_a_secret_that_was_said_twice_is_forgotten_once(open_assistant: OpenAssistant) -> None:
    secret = "My wifi password is correct-horse-9."
    me = open_assistant(ScriptedModel(["ok"]))
    me.remember(secret)
    me.write(f"Dear guests,\n\n{secret}\n\nSee you soon.")
    me.ask(secret).text  # noqa: B018  read to its end
    [turn] = me.profile.turns.latest(1)
    me.forget(Selection(turns=(turn.id,)))
    assert not me.profile.notes.all()
    [writing] = me.profile.writings.all()
    assert "correct" not in writing.text
    assert "See you soon" in writing.text


def test_forgetting_a_question_leaves_another_that_asks_the_same(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant(ScriptedModel(["ok"]))
    for _ in range(2):
        me.ask("What shall we have for dinner tonight? Ok thanks.").text  # noqa: B018
    me.forget(Selection(turns=(me.profile.turns.latest(1)[0].id,)))
    assert len(me.profile.turns.latest(9)) == 1


@pytest.mark.parametrize(
    ("key", "value", "asked", "replied"),
    [
        ("home", "東京都", "私はどこに住んでいますか", "あなたは東京都に住んでいます。"),
        ("diet", "vegetarian", "What do I eat?", "Vegetarians like you eat peas."),
        ("phone", "+31 6 12-34 56 78", "What is my number?", "Call +31612345678."),
        ("vegetarian", "yes", "What do I eat?", "You are a vegetarian."),
    ],
)
def test_a_reply_that_says_a_forgotten_attribute_in_other_forms_is_emptied(
    open_assistant: OpenAssistant, key: str, value: str, asked: str, replied: str
) -> None:
    me = open_assistant(ScriptedModel([replied]))
    me.attributes[key] = value
    assert me.ask(asked).text == replied
    me.forget(Selection(keys=(key,)))
    assert [turn.replied for turn in me.profile.turns.latest(9)] == [""]


def test_what_was_said_after_a_past_from_elsewhere_stands_on_what_that_stood_on(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(repeat_the_fifth)
    me = open_assistant(model)
    [memory] = me.remember(RENT)
    past = [("When is the rent due?", me.ask("When is the rent due?").text + "\n")]

    reply = me.conversation(past=past).ask("Repeat that, please.")
    assert reply.text == "On the fifth."
    assert [turn.asked for turn in reply.sources.turns] == ["When is the rent due?"]
    assert me.conversation(past=past).ask("Repeat that.", personalize=False).text
    assert "fifth" not in model.prompts[-1]

    me.forget(memory)
    assert not any("fifth" in turn.replied for turn in me.profile.turns.latest(9))


def test_a_past_is_known_by_its_reply_where_an_app_changed_the_question(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(lambda prompt: f"It is due on the {'fifth' * ('fifth' in prompt)}, dear.")
    me = open_assistant(model)
    [memory] = me.remember(RENT)
    replied = me.ask("When is the rent due?").text
    past = [("Today is Monday. When is the rent due?", replied)]
    assert me.conversation(past=past).ask("Repeat that, please.").text == replied
    colleagues = me.conversation(past=past, use_context=UseContext("colleagues"))
    assert colleagues.ask("Repeat that.", personalize=False).text
    assert "fifth" not in model.prompts[-1]
    me.forget(memory)
    assert not any("fifth" in turn.replied for turn in me.profile.turns.latest(9))


def test_a_choice_goes_with_the_reply_that_it_repeats_whether_or_not_the_turn_was_named(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant(ScriptedModel(repeat_the_fifth))
    [memory] = me.remember(RENT)
    reply = me.ask("When is the rent due?")
    choice = me.prefer("When is the rent due?", chosen=reply.text, rejected="Never.")
    assert choice.turn == reply.turn
    me.forget(memory)
    assert not me.profile.choices.all()
