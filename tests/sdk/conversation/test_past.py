"""What of a conversation stands before its next question, and what is left of what was quoted."""

from pathlib import Path

import pytest
from tests.conftest import OpenAssistant
from tests.images import solid

from homeward.conversation.conversation import Conversation
from homeward.errors import EmptyQuestion
from homeward.policy.gate import UseContext
from homeward.ports import Embedder
from homeward.testing import ScriptedModel
from homeward_store import SourceKind, Used

RENT = "The rent is due on the fifth."


def cache(chat: Conversation, model: ScriptedModel) -> str:
    """Return what lies in a conversation's KV cache."""
    session = chat._live._session
    assert session is not None
    return model.detokenize([cell for cell in session._cells if isinstance(cell, int)])  # type: ignore[attr-defined]


def test_a_quote_serves_one_question(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel(["On the fifth.", "You are welcome."])
    me = open_assistant(model)
    me.remember(RENT)
    assert me.ask("When is the rent due?").text
    assert RENT in model.prompts[-1]

    assert me.ask("Thanks again!").text
    assert "user\nWhen is the rent due?<|im_end|>" in model.prompts[-1]
    assert model.prompts[-1].count(RENT) == 1  # found anew, for this question

    assert me.ask("Who painted the chapel in Rome?", personalize=False).text
    assert RENT not in model.prompts[-1]


def test_what_stands_on_its_own_is_asked_without_the_past(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel(["Paris."])
    chat = open_assistant(model).conversation()
    assert chat.ask("What is the capital of France?").text

    assert chat.ask("Who painted the ceiling of the chapel in Rome?").text

    assert "Paris" not in model.prompts[-1]


def test_what_refers_back_is_asked_after_what_it_refers_to(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel(["Paris.", "Two million."])
    chat = open_assistant(model).conversation()
    assert chat.ask("What is the capital of France?").text

    reply = chat.ask("And how many people live there?")

    assert reply.text
    assert "What is the capital of France?" in model.prompts[-1]
    assert "Paris." in model.prompts[-1]
    assert [turn.asked for turn in reply.sources.turns] == ["What is the capital of France?"]


def test_a_wide_model_is_shown_more_of_the_past(open_assistant: OpenAssistant) -> None:
    small, wide = ScriptedModel(["Right."], n_embd=576), ScriptedModel(["Right."], n_embd=2048)
    for model in (small, wide):
        chat = open_assistant(model).conversation()
        for number in range(6):
            assert chat.ask(f"And number {number}?").text
        chat.close()
        chat._parts.profile.close()

    assert small.prompts[-1].count("number") == 2
    assert wide.prompts[-1].count("number") == 5


def test_what_an_app_gives_as_past_follows_the_same_rule(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel(["Well."])
    past = [("What is the capital of France?", "Paris.")]
    me = open_assistant(model)

    assert me.conversation(past=past).ask("Who painted the ceiling in Rome?").text
    assert "Paris" not in model.prompts[-1]

    assert me.conversation(past=past).ask("How large is it?").text
    assert "Paris" in model.prompts[-1]


def test_a_question_that_refers_back_finds_memories_through_the_one_before(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant(ScriptedModel(["In Leeds."]))
    me.remember("My sister Clara lives in Leeds.")
    me.remember("The boiler was serviced in March.")
    assert me.ask("Where lives my sister Clara?").text

    reply = me.ask("Why in that town?")

    assert reply.text
    assert [memory.text for memory in reply.sources.memories] == ["My sister Clara lives in Leeds."]


@pytest.mark.model
def test_what_is_wanted_once_more_is_what_was_told(
    open_assistant: OpenAssistant, minilm: Embedder
) -> None:
    me = open_assistant(ScriptedModel(["On three."]), embedder=minilm)
    for told in ("I parked on level three.", "My nephew has to repeat the exam."):
        me.remember(told)
    assert me.ask("On which level did I park?").text

    reply = me.ask("Could you repeat it?")

    assert reply.text
    assert reply.sources.memories[0].text == "I parked on level three."


def test_a_reply_is_recorded_with_the_turns_that_it_had_before_its_eyes(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant(ScriptedModel(["On the fifth.", "As I said."]))
    me.remember(RENT)
    first = me.ask("When is the rent due?")
    assert first.text

    second = me.ask("Say that again.")

    assert second.text
    assert first.turn is not None
    assert second.turn is not None
    stored = me.profile.turns.get(second.turn)
    assert stored is not None
    assert Used(SourceKind.TURN, first.turn) in stored.used
    assert me.why(second.turn).turns == second.sources.turns != ()


def test_forgetting_reaches_a_reply_through_the_reply_before_it(
    open_assistant: OpenAssistant,
) -> None:
    def say(prompt: str) -> str:
        return "On the fifth, to Zorblax." if "Zorblax" in prompt else "I do not know."

    model = ScriptedModel(say)
    me = open_assistant(model)
    [memory] = me.remember("The rent is due on the fifth to Zorblax.")
    chat = me.conversation("one")
    assert chat.ask("When is the rent due?").text
    assert chat.ask("Repeat that, please.").text == "On the fifth, to Zorblax."

    me.forget(memory)

    assert [turn.replied for turn in me.profile.turns.conversation("one")] == ["", ""]
    assert chat.ask("And again?").text == "I do not know."
    assert "Zorblax" not in model.prompts[-1]


def test_without_personalization_only_what_used_nothing_personal_is_shown(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(["You are Ada.", "Paris.", "Large."])
    me = open_assistant(model)
    chat = me.conversation()
    me.attributes["name"] = "Ada"
    assert chat.ask("Who am I, by the way?").text

    assert chat.ask("And the capital of France?", personalize=False).text
    assert "Ada" not in model.prompts[-1]

    assert chat.ask("And how large is it?", personalize=False).text
    assert "Paris." in model.prompts[-1]
    assert "Ada" not in model.prompts[-1]


def test_a_reply_to_an_impersonal_question_is_personal_if_it_saw_what_was(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(["You are Ada.", "Ada, as I said.", "Well."])
    me = open_assistant(model)
    chat = me.conversation()
    me.attributes["name"] = "Ada"
    assert chat.ask("Who am I, by the way?").text
    del me.attributes["name"]
    me.attributes["town"] = "Leeds"
    assert chat.ask("And again?").text

    assert chat.ask("And once more?", personalize=False).text

    assert "Ada" not in model.prompts[-1]
    assert "Leeds" not in model.prompts[-1]


@pytest.mark.parametrize("incognito", [False, True])
def test_an_exchange_is_not_shown_where_what_it_stood_on_is_withheld(
    open_assistant: OpenAssistant, *, incognito: bool
) -> None:
    model = ScriptedModel(["Zorblaxian.", "As I said.", "The second."])
    me = open_assistant(model)
    me.attributes["religion"] = "Zorblaxian"
    chat = me.conversation(incognito=incognito)
    assert chat.ask("What is my religion?").text
    assert chat.ask("Say that again about my religion.").text
    assert "assistant\nZorblaxian." in model.prompts[-1]

    assert chat.ask("And who of them should be hired?").text

    assert "Zorblaxian" not in model.prompts[-1]
    assert "religion" not in model.prompts[-1]


def test_an_exchange_is_not_shown_after_what_it_stood_on_changed(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(["In Leeds.", "Well."])
    me = open_assistant(model)
    me.attributes["town"] = "Leeds"
    assert me.ask("Where am I at home?").text
    me.attributes["town"] = "York"

    assert me.ask("And how large is it?").text

    assert "Leeds" not in model.prompts[-1]


def test_an_audience_is_not_shown_what_was_said_before_another(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(["Asthma.", "Well."])
    me = open_assistant(model)
    me.remember("I was diagnosed with asthma in May.")
    assert me.conversation("one").ask("Which illness was I diagnosed with in May?").text

    chat = me.conversation("one", use_context=UseContext(audience="colleagues"))
    assert chat.ask("And since when?").text

    assert "asthma" not in model.prompts[-1].casefold()


def test_an_incognito_exchange_is_gone_on_with_and_kept_nowhere(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(["On the fifth.", "As I said."])
    me = open_assistant(model)
    me.remember(RENT)
    chat = me.conversation(incognito=True)
    assert chat.ask("When is the rent due?").text

    reply = chat.ask("Say that again.")

    assert reply.text
    assert "On the fifth." in model.prompts[-1]
    assert reply.sources.turns == ()
    assert me.profile.turns.count() == 0


def test_a_reply_that_only_repeats_the_one_before_is_answered_without_it(
    open_assistant: OpenAssistant,
) -> None:
    def say(prompt: str) -> str:
        seen = prompt.count("Your son plays football.")
        return (
            "Your niece plays tennis."
            if not seen and "niece?" in prompt
            else ("Your son plays football.")
        )

    model = ScriptedModel(say)
    me = open_assistant(model)
    me.remember("My son plays football.")
    me.remember("My niece plays tennis.")
    assert me.ask("What does my son play?").text == "Your son plays football."

    reply = me.ask("And my niece?")

    assert reply.text == "Your niece plays tennis."
    assert reply.sources.turns == ()
    assert reply.turn is not None
    stored = me.profile.turns.get(reply.turn)
    assert stored is not None
    assert SourceKind.TURN not in [used.kind for used in stored.used]


def test_a_reply_may_repeat_where_that_is_asked(open_assistant: OpenAssistant) -> None:
    me = open_assistant(ScriptedModel(["The rent is due on the fifth of May."]))
    me.remember("The rent is due on the fifth.")
    assert me.ask("When is the rent due?").text

    reply = me.ask("Can you repeat that?")

    assert reply.text == "The rent is due on the fifth of May."
    assert len(reply.sources.turns) == 1


def test_a_reply_may_repeat_where_nothing_else_was_recalled(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel(["You dropped your glasses in the canal."])
    me = open_assistant(model)
    me.remember("I dropped my glasses in the canal.")
    assert me.ask("Where did I drop my glasses?").text

    reply = me.ask("Where did I drop them, sorry?")

    assert reply.text == "You dropped your glasses in the canal."
    assert len(reply.sources.turns) == 1
    assert len(model.prompts) == 2


def test_a_retry_a_kept_version_and_a_reopened_conversation_stand_as_they_are(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(["Paris.", "Lyon.", "Large.", "Small.", "Old."])
    me = open_assistant(model)
    chat = me.conversation("one")
    assert chat.ask("What is the capital of France?").text
    assert chat.retry().text == "Lyon."
    chat.settle("Paris, of course.")
    assert chat.ask("How large is it?").text
    assert "Paris, of course." in model.prompts[-1]
    assert "Lyon" not in model.prompts[-1]
    me.close()

    again = open_assistant(model).conversation("one")

    assert again.ask("How old is it?").text
    assert "How large is it?" in model.prompts[-1]


def test_an_image_stands_before_its_exchange_where_that_is_referred_to(
    open_assistant: OpenAssistant, tmp_path: Path
) -> None:
    file = tmp_path / "beach.png"
    file.write_bytes(solid((255, 0, 0)))
    model = ScriptedModel(["A beach."])
    me = open_assistant(model, projector=Path("any.gguf"))
    assert me.ask("What does this show?", images=[file]).text

    assert me.ask("And what colour is it?").text
    assert "user\n\ufffc\nWhat does this show?" in model.prompts[-1]

    assert me.ask("What is this?", images=[file]).text
    assert "What does this show?" not in model.prompts[-1]


def test_what_was_said_elsewhere_is_shown_and_neither_answered_nor_settled_again(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant(ScriptedModel(["In Leeds, I think."]))
    first = me.ask("Where does Ada live?")
    chat = me.conversation(past=[("Where does Ada live?", first.text)])
    assert chat.turn is None
    with pytest.raises(EmptyQuestion):
        chat.retry()
    with pytest.raises(EmptyQuestion):
        chat.settle("In Bath.")
    assert [turn.replied for turn in me.profile.turns.latest(9)] == ["In Leeds, I think."]
