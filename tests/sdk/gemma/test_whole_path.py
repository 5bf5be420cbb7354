"""The whole product path on a second real model: what is promised holds for it as for the first."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated

import jsonschema
import pytest
from tests.conftest import PASSPHRASE, OpenAssistant
from tests.images import RED, solid
from tests.sdk.conversation.test_incognito import digests

import homeward
from homeward.assistant import Assistant
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.errors import CannotSee, ContextOverflow
from homeward.ports import Embedder, LanguageModel
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.sampling import Sampling
from homeward.tools import grammar_of, tool_of
from homeward.tools.deciding import decision_schema
from homeward.tools.toolbox import decide
from homeward_store import Origin

from .conftest import GREEDY, NAME, ONE_THREAD

pytestmark = [pytest.mark.model, pytest.mark.timeout(600)]

Open = Callable[[], Assistant]
QUESTION = "What am I allergic to?"
FACT = "I am allergic to peanuts."


def test_it_is_opened_by_its_name_and_remembers_across_a_restart(home: Path) -> None:
    def opened() -> Assistant:
        return homeward.open("ada", unlock=PASSPHRASE, home=home, model=NAME, settings=ONE_THREAD)

    with opened() as me:
        me.remember(FACT)
        me.remember("The spare key is under the blue flowerpot.")
        assert me.model.architecture == "gemma3"
        told = me.ask(QUESTION, sampling=GREEDY)
        assert told.text
    with opened() as me:
        [turn] = me.profile.turns.latest(1)
        assert (turn.asked, turn.replied) == (QUESTION, told.text)
        assert [one.text for one in me.why(turn.id).memories] == [FACT]
        assert me.recall("Where is my key?")[0].memory.text.startswith("The spare")


def test_a_reply_is_built_on_what_recall_found_until_that_is_forgotten(with_gemma: Open) -> None:
    me = with_gemma()
    me.remember(FACT)
    me.remember("The spare key is under the blue flowerpot.")

    without = me.conversation().ask(QUESTION, sampling=GREEDY, personalize=False)
    told = me.conversation().ask(QUESTION, sampling=GREEDY)
    assert "peanut" not in without.text.lower()
    assert "peanut" in told.text.lower()
    assert (without.sources.memories, [one.text for one in told.sources.memories]) == ((), [FACT])

    receipt = me.forget(told.sources.memories[0])
    after = me.conversation().ask(QUESTION, sampling=GREEDY)
    assert receipt
    assert "peanut" not in after.text.lower()
    assert after.sources.memories == ()
    assert not any("peanut" in turn.replied.lower() for turn in me.profile.turns.latest(9))


def test_a_restart_loads_the_snapshot_and_replies_as_if_decoded(with_gemma: Open) -> None:
    me = with_gemma()
    me.attributes.update({"name": "Ada", "job": "bookbinder", "home town": "Bristol"})
    me.attributes["pet"] = "a grey cat called Miso who sleeps on the warmest book in the house"
    decoded = me.ask("Who am I?", sampling=GREEDY)
    assert decoded.text
    me.close()

    loaded = with_gemma().ask("Who am I?", sampling=GREEDY)

    assert loaded.text == decoded.text
    assert loaded.fed is not None
    assert loaded.fed.reused >= 40


def test_a_running_conversation_decodes_only_the_newest_turn(with_gemma: Open) -> None:
    me = with_gemma()
    first = me.ask("Name three rivers.", sampling=GREEDY)
    assert first.text
    assert first.fed is not None

    reply = me.ask("Name three more.", sampling=GREEDY)

    assert reply.text
    assert reply.fed is not None
    assert reply.fed.reused >= first.fed.reused + first.fed.decoded


def test_what_does_not_fit_is_refused_and_what_is_long_past_makes_room(
    open_assistant: OpenAssistant, gemma_file: Path, minilm: Embedder
) -> None:
    with closing(open_model(gemma_file, EngineSettings(context=256, threads=1))) as small:
        me = open_assistant(small, embedder=minilm)
        with pytest.raises(ContextOverflow, match="tokens"):
            me.ask("very " * 300, sampling=GREEDY)
        assert me.profile.turns.count() == 0
        for number in range(6):
            question = f"Tell me more about it, please, as you did before: part {number}."
            assert me.ask(question, sampling=GREEDY).text
        assert me.profile.turns.count() == 6
        me.close()


def test_incognito_leaves_the_profile_byte_identical(with_gemma: Open, tmp_path: Path) -> None:
    me = with_gemma()
    me.remember(FACT)
    assert me.ask("I am learning the cello.", sampling=GREEDY).text
    before = digests(tmp_path / "profile")

    with me.conversation(incognito=True) as hidden:
        assert hidden.ask(QUESTION, sampling=GREEDY).sources.memories
        assert hidden.ask("I am leaving my job in May.", sampling=GREEDY).text

    assert digests(tmp_path / "profile") == before


def weather(city: Annotated[str, "Its name."], days: int = 1) -> str:
    """Forecast the weather of a city."""
    return f"In {city} it rains for {days} days."


def test_a_tools_arguments_are_valid_and_its_words_stay_its_own(
    with_gemma: Open, gemma: LanguageModel
) -> None:
    tool = tool_of(weather)
    call = decision_schema([tool])["anyOf"][1]
    with gemma.session() as session:
        session.feed([gemma.tokenize("User: What is the weather in Bath?\nAssistant: ")])
        sampling = Sampling(temperature=1.0, grammar=grammar_of(call), seed=1, max_tokens=60)
        written = json.loads("".join(session.generate(sampling)))
    jsonschema.validate(written, call)
    assert tool.arguments(written["arguments"])
    decision = decide(gemma, PromptBuilder.of(gemma), [tool], "How is the weather in Bath?", [])
    assert decision is None or tool.arguments(decision.arguments)

    me = with_gemma()
    me.tools.register(weather)
    calls, reply = me.ask_with_tools("How is the weather in Bath?", sampling=GREEDY)
    assert reply.text
    shown = [memory.origin for memory in reply.sources.memories]
    assert shown == [Origin.TOOL for one in calls for _ in one.memories]


def test_an_image_is_refused_and_nothing_of_it_recorded(home: Path, tmp_path: Path) -> None:
    image = tmp_path / "red.png"
    image.write_bytes(solid(RED))
    with homeward.open("ada", unlock=PASSPHRASE, home=home, model=NAME, settings=ONE_THREAD) as me:
        with pytest.raises(CannotSee, match=r"gemma-3-270m.*mmproj"):
            me.ask("What colour is this?", images=[image])
        assert me.profile.turns.count() == 0
