"""What a model thinks before it replies: read apart, bounded, and kept nowhere."""

import asyncio
from datetime import date

import pytest
from tests.conftest import OpenAssistant
from tests.sdk.prompting import templates

from homeward.aio import AsyncAssistant
from homeward.assistant import Assistant
from homeward.importing.captions import caption
from homeward.prompting.images import placeholder
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.sampling import Sampling
from homeward.testing import ScriptedModel
from homeward_store import Category, Purpose

THOUGHT = "The person likes tea. I shall say so."
THINKING = Sampling(thinking=200)


def thinker(thought: str = THOUGHT, *, template: str = templates.HYBRID) -> ScriptedModel:
    """A model that thinks where a thought is open, and else replies."""

    def says(prompt: str) -> str:
        return f"{thought}\n</think>\n\nNever." if prompt.endswith("<think>\n") else "Tea is ready."

    return ScriptedModel(says, template=template)


@pytest.fixture
def model() -> ScriptedModel:
    return thinker()


@pytest.fixture
def me(open_assistant: OpenAssistant, model: ScriptedModel) -> Assistant:
    return open_assistant(model)


def test_without_being_asked_to_it_does_not_think(me: Assistant, model: ScriptedModel) -> None:
    reply = me.ask("What is there to drink?")

    assert list(reply.thinking) == []
    assert reply.text == "Tea is ready."
    assert model.prompts[-1].endswith("<think>\n\n</think>\n\n")


def test_a_thought_is_streamed_apart_from_the_reply(me: Assistant) -> None:
    reply = me.ask("What is there to drink?", sampling=THINKING)

    thoughts = list(reply.thinking)
    assert len(thoughts) > 1
    assert "".join(thoughts) == reply.thought_so_far == f"{THOUGHT}\n"
    assert "".join(reply) == "Tea is ready."
    assert reply.thought_tokens == len(f"{THOUGHT}\n</think>")  # bytes are this model's tokens
    assert reply.generated == reply.thought_tokens + len("Tea is ready.")
    assert reply.stopped_by == "end"


def test_who_does_not_read_the_thought_gets_the_reply_alone(me: Assistant) -> None:
    reply = me.ask("What is there to drink?", sampling=THINKING)

    assert next(reply) == "T"
    assert reply.text == "Tea is ready."
    assert reply.thought_so_far == f"{THOUGHT}\n"


def test_a_thought_is_stored_nowhere_and_shown_to_no_later_question(
    me: Assistant, model: ScriptedModel
) -> None:
    assert me.ask("What is there to drink?", sampling=THINKING).text
    assert me.ask("And what else is there of it?", sampling=THINKING).text

    assert [one.replied for one in me.profile.turns.latest(9)] == ["Tea is ready."] * 2
    assert not any("shall" in one.text for one in me.profile.memories.all())
    assert "assistant\nTea is ready.<|im_end|>" in model.prompts[-2]
    assert THOUGHT not in model.prompts[-2]


def test_a_soft_prompt_learns_nothing_of_a_thought(me: Assistant, model: ScriptedModel) -> None:
    reply = me.ask("What is there to drink?", sampling=THINKING)
    assert reply.text
    me.profile.consent.grant(Purpose.LEARN, *Category, shown="May it?")
    me.feedback.rate(reply, good=True)

    [choice] = me.profile.choices.all()
    assert choice.chosen == "Tea is ready."


def test_a_thought_that_is_too_long_is_ended_and_the_reply_comes(
    open_assistant: OpenAssistant,
) -> None:
    model = thinker("and then " * 500)
    reply = open_assistant(model).ask("Well?", sampling=Sampling(thinking=90))

    assert "".join(reply.thinking) == "and then " * 10
    assert reply.text == "Tea is ready."
    assert model.prompts[-1].endswith("and then</think>\n\n")


def test_a_stop_text_ends_the_reply_and_not_the_thought(me: Assistant) -> None:
    sampling = Sampling(thinking=200, stop=(" is",))
    reply = me.ask("Well?", sampling=sampling)

    assert "".join(reply.thinking) == f"{THOUGHT}\n"
    assert reply.text == "Tea"
    assert reply.stopped_by == "stop"


def test_what_a_model_thinks_unasked_is_no_part_of_its_reply(
    open_assistant: OpenAssistant,
) -> None:
    def says(prompt: str) -> str:
        done = prompt.endswith("</think>\n\n")
        return "Tea is ready." if done else f"<think>\n{THOUGHT}\n</think>\n\nNever."

    me = open_assistant(ScriptedModel(says, template=templates.UNTOLD))
    reply = me.ask("Well?")

    assert reply.text == "Tea is ready."
    assert reply.thought_so_far.strip() == THOUGHT
    [turn] = me.profile.turns.latest(1)
    assert turn.replied == "Tea is ready."


def test_a_reply_that_only_looks_like_a_thought_at_first_is_whole(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel([" <thi is no tag.", "<"], template=templates.UNTOLD)
    me = open_assistant(model)

    assert me.ask("Well?").text == " <thi is no tag."
    assert me.ask("And?").text == "<"


def test_cancelling_within_a_thought_ends_the_reply_without_a_word(me: Assistant) -> None:
    reply = me.ask("Well?", sampling=THINKING)
    assert next(reply.thinking)
    reply.cancel()

    assert reply.text == ""
    assert not reply.complete
    assert me.ask("Well?").text == "Tea is ready."


def test_thinking_leaves_room_for_the_reply_in_a_small_context(
    open_assistant: OpenAssistant,
) -> None:
    def says(prompt: str) -> str:
        return "on and on " * 99 if prompt.endswith("<think>\n") else "Tea is ready."

    model = ScriptedModel(says, n_ctx=400, template=templates.HYBRID)
    reply = open_assistant(model).ask("Well?", sampling=Sampling(thinking=4000, max_tokens=20))

    assert reply.text == "Tea is ready."


def test_a_model_that_cannot_think_ignores_that_it_may(open_assistant: OpenAssistant) -> None:
    reply = open_assistant(ScriptedModel(["Tea."])).ask("Well?", sampling=THINKING)
    assert list(reply.thinking) == []
    assert reply.text == "Tea."


def test_an_image_is_described_without_a_thought() -> None:
    def says(prompt: str) -> str:
        done = prompt.endswith("</think>\n\n")
        return "A cup of tea." if done else "<think>Hm.</think>Never."

    model = ScriptedModel(says, template=templates.UNTOLD)
    image = placeholder("tea.png", model)
    assert caption(image, model, PromptBuilder.of(model)).text == "A cup of tea."


def test_thoughts_reach_an_asyncio_app_apart_from_the_reply(me: Assistant) -> None:
    async def run() -> tuple[str, str]:
        async with AsyncAssistant(me) as assistant:
            reply = await assistant.ask("Well?", sampling=THINKING)
            thought = "".join([piece async for piece in reply.thinking])
            return thought, await reply.text()

    assert asyncio.run(run()) == (f"{THOUGHT}\n", "Tea is ready.")


def test_a_conversation_keeps_the_day_that_it_began_on(
    open_assistant: OpenAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ScriptedModel(template=templates.CHANNELS)
    me, days = open_assistant(model), [date(2026, 11, 28)]
    monkeypatch.setattr("homeward.prompting.prompt_builder.today", lambda: days[0])
    conversation = me.conversation()
    assert conversation.ask("Well?").text
    days[0] = date(2026, 11, 29)
    me._wiring.reload_learned_state()  # as after learning: it hands out new parts
    assert conversation.ask("Well?").text
    assert me.conversation().ask("Well?").text

    told = [prompt.partition("Today is ")[2][:10] for prompt in model.prompts]
    assert told == ["2026-11-28", "2026-11-28", "2026-11-29"]
