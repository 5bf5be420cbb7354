"""After a reply the cache loses its quotes, and the pause is used until the next question."""

import time
from collections.abc import Callable
from threading import Thread, enumerate as enumerate_threads

import numpy as np
import pytest
from tests.conftest import OpenAssistant

from homeward.conversation.conversation import Conversation
from homeward.ports import Embedder, LanguageModel
from homeward.sampling import Sampling
from homeward.testing import ScriptedModel

RENT = "The rent is due on the fifth."
GREEDY = Sampling(temperature=0, max_tokens=24)


def cache(chat: Conversation, model: ScriptedModel) -> str:
    """Return what lies in a conversation's KV cache."""
    session = chat._live._session
    assert session is not None
    return model.detokenize([cell for cell in session._cells if isinstance(cell, int)])  # type: ignore[attr-defined]


def wait_for(done: Callable[[], bool]) -> None:
    """Wait for what is done in the pause."""
    until = time.monotonic() + 10
    while not done():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_when_a_reply_ends_nothing_that_was_quoted_is_left_in_the_cache(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(["Soon."])
    me = open_assistant(model)
    me.remember(RENT)
    chat = me.conversation()

    reply = chat.ask("When is the rent due?")
    next(reply)
    assert "fifth" in cache(chat, model)
    reply.close()

    assert "fifth" not in cache(chat, model)
    wait_for(lambda: "When is the rent due?" in cache(chat, model))
    assert "fifth" not in cache(chat, model)


def test_forgetting_in_the_pause_leaves_nothing_in_the_cache(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(["On the fifth."])
    me = open_assistant(model)
    [memory] = me.remember(RENT)
    chat = me.conversation("one")
    assert chat.ask("When is the rent due?").text
    wait_for(lambda: "On the fifth." in cache(chat, model))

    me.forget(memory)

    assert chat._live._session is None
    time.sleep(0.3)
    assert chat._live._session is None


def test_a_question_ends_the_pause_at_once(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel(["Well."], n_ctx=100_000)
    chat = open_assistant(model).conversation()
    assert chat.ask("long " * 10_000).text

    for number in range(20):
        time.sleep(0.02 * number)  # before, during and after the pause's work
        begun = time.monotonic()
        assert next(chat.ask("How is the weather in May?"))
        assert time.monotonic() - begun < 2


def test_another_thread_may_ask_in_the_pause(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel(["Well."])
    chat = open_assistant(model).conversation()
    assert chat.ask("How is the weather in May?").text
    replies: list[str] = []

    threads = [Thread(target=lambda: replies.append(chat.ask("And in June?").text)) for _ in "123"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert "Well." in replies
    assert chat.ask("And in July?").text == "Well."


@pytest.mark.model
def test_a_trimmed_cache_gives_the_same_logits_as_a_fresh_one(smollm2: LanguageModel) -> None:
    chat = [smollm2.tokenize(text) for text in ("System.", "What is it?", " A quote.", " A cat.")]
    system, asked, quoted, replied = chat
    target = smollm2.tokenize(" It purrs.")
    with smollm2.session() as used, smollm2.session() as fresh:
        used.feed([system, quoted, asked, replied])
        used.trim([system, asked, replied])
        assert used.length == len(system)

        after = used.log_probabilities([system, asked, replied], target)
        never = fresh.log_probabilities([system, asked, replied], target)

    # A chunk of another length rounds differently (docs/log.md).
    assert np.allclose(after, never, atol=0.1)


@pytest.mark.model
def test_the_pause_saves_the_next_question_the_decoding_of_the_past(
    open_assistant: OpenAssistant, smollm2: LanguageModel, minilm: Embedder
) -> None:
    me = open_assistant(smollm2, embedder=minilm)
    me.attributes["name"] = "Ada"
    me.remember("My sister Clara lives in Leeds.")
    chat = me.conversation()
    assert chat.ask("Where does my sister live?", sampling=GREEDY).text
    session = chat._live._session
    assert session is not None
    wait_for(lambda: "homeward-pause" not in [thread.name for thread in enumerate_threads()])

    held = session.length
    reply = chat.ask("And what is she called?", sampling=GREEDY)

    assert reply.text
    assert reply.fed is not None
    assert reply.fed.reused == held
    assert len(reply.sources.turns) == 1
