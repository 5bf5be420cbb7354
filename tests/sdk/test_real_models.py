"""The main job on the real models: an assistant that knows the person, across a restart."""

from datetime import date

import pytest
from tests.conftest import OpenAssistant

from homeward.ports import Embedder, LanguageModel
from homeward.prompting.chat_template import chat_templates
from homeward.sampling import Sampling

pytestmark = pytest.mark.model

GREEDY = Sampling(temperature=0, repetition_penalty=1, max_tokens=24)
QUESTION = "What am I allergic to?"


def test_the_template_is_cut_into_its_pieces(smollm2: LanguageModel) -> None:
    chat = chat_templates(smollm2, date(2026, 1, 1)).at_once

    assert chat.opening == smollm2.tokenize("<|im_start|>system\n", special=True)
    assert (
        chat.reply_start
        == chat.past_reply_start
        == smollm2.tokenize("<|im_end|>\n<|im_start|>assistant\n", special=True)
    )
    assert (
        chat.system_end
        == chat.reply_end
        == smollm2.tokenize("<|im_end|>\n<|im_start|>user\n", special=True)
    )


def test_it_knows_what_it_was_told_and_still_after_a_restart(
    open_assistant: OpenAssistant, smollm2: LanguageModel, minilm: Embedder
) -> None:
    first = open_assistant(smollm2, embedder=minilm)
    first.remember("I am allergic to peanuts.")
    first.remember("The spare key is under the blue flowerpot.")
    without = first.conversation().ask(QUESTION, sampling=GREEDY, personalize=False).text
    told = first.conversation().ask(QUESTION, sampling=GREEDY)
    assert "peanut" in told.text.lower()
    assert "peanut" not in without.lower()
    assert [memory.text for memory in told.sources.memories] == ["I am allergic to peanuts."]
    first.close()

    second = open_assistant(smollm2, embedder=minilm)
    again = second.conversation().ask(QUESTION, sampling=GREEDY)
    assert "peanut" in again.text.lower()

    second.forget(again.sources.memories[0])
    forgotten = second.conversation().ask(QUESTION, sampling=GREEDY)
    assert "peanut" not in forgotten.text.lower()
    assert forgotten.sources.memories == ()


def test_a_running_conversation_reuses_all_but_the_newest_turn(
    open_assistant: OpenAssistant, smollm2: LanguageModel, minilm: Embedder
) -> None:
    me = open_assistant(smollm2, embedder=minilm)
    me.attributes["name"] = "Ada"
    assert me.ask("Name three rivers.", sampling=GREEDY).text

    reply = me.ask("Name three more.", sampling=GREEDY)

    assert reply.text
    assert reply.fed is not None
    # One position more than the template and the question: the last reply's undecoded token.
    assert reply.fed.decoded <= len(smollm2.tokenize("Name three more.")) + 12


def test_the_snapshot_gives_the_same_reply_as_decoding(
    open_assistant: OpenAssistant, smollm2: LanguageModel, minilm: Embedder
) -> None:
    me = open_assistant(smollm2, embedder=minilm)
    me.attributes.update({"name": "Ada", "job": "bookbinder", "home town": "Bristol"})
    me.attributes["pet"] = "a grey cat called Miso who sleeps on the warmest book in the house"
    decoded = me.conversation().ask("Who am I?", sampling=GREEDY)
    assert decoded.text

    loaded = me.conversation().ask("Who am I?", sampling=GREEDY)

    assert loaded.text == decoded.text
    assert loaded.fed is not None
    assert loaded.fed.reused >= 48
