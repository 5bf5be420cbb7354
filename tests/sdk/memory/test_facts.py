"""Facts that a model reads out: only from one that can, and only what its quote says."""

import json

import pytest
from tests.conftest import OpenAssistant

from homeward.memory.facts import CASES, Fact, SelfTest, grounded_facts, self_test
from homeward.ports import LanguageModel
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.testing import ScriptedModel
from homeward.text.spans import TextSpan
from homeward_store import Origin, Selection

SOURCE = "Hello! I live in Leeds with 2 cats. Is it far?"


def answer(*pairs: tuple[str, str]) -> str:
    return json.dumps([{"quote": quote, "fact": fact} for quote, fact in pairs])


def test_a_fact_says_what_its_quote_says_and_where_that_stands() -> None:
    said = answer(("I live in Leeds", "The user lives in Leeds"))

    assert grounded_facts(said, SOURCE) == [Fact("The user lives in Leeds", TextSpan(7, 22))]


@pytest.mark.parametrize(
    "said",
    [
        answer(("I live in London", "The user lives in London")),  # not in the source
        answer(("I live in Leeds", "The user lives in Leeds and is rich")),  # more than the quote
        answer(("I live in Leeds with 2 cats", "The user has 3 cats")),
        answer(("Leeds", "Leeds")),  # a word quotes nothing
        answer(("I live in Leeds", "The user")),
        answer(("I live in Leeds", "The user lives in Leeds"))[:-4],  # cut off
        '[{"quote": 1, "fact": 2}]',
        "[1]",
        "{}",
        "",
    ],
)
def test_anything_else_is_not_believed(said: str) -> None:
    assert grounded_facts(said, SOURCE) == []


@pytest.mark.model
def test_smollm2_fails_the_self_test_so_that_nothing_is_asked_of_it(
    open_assistant: OpenAssistant, smollm2: LanguageModel
) -> None:
    me = open_assistant(smollm2)
    with me.profile.transaction():
        me.profile.turns.begin("c", SOURCE, model="none")

    derived = me.derive_facts()

    assert derived.self_test.of == len(CASES) == 10
    assert not derived.self_test.passed
    assert derived.memories == ()


def passing() -> list[str]:
    """Return what a model would say that passes the self-test, case by case."""
    right = [
        ("I live in Leeds with two cats", "The user lives in Leeds"),
        ("My daughter Nell is nine", "Nell is their daughter"),
        ("I am allergic to peanuts", "The user is allergic to peanuts"),
        ("I switched to Python last year", "The user switched to Python last year"),
        ("We moved our shop to Harbour Street", "Their shop moved to Harbour Street"),
        ("I prefer bullet points", "The user prefers bullet points"),
        ("I have worked as a nurse for ten years", "The user worked as a nurse for ten years"),
    ]
    return [*(answer(one) for one in right), "[]", "[]", "[]"]


def test_a_model_that_passes_is_asked_once_about_every_turn(open_assistant: OpenAssistant) -> None:
    told = answer(("I live in Leeds", "The user lives in Leeds"))
    model = ScriptedModel(["Fine.", *passing(), told])
    me = open_assistant(model)
    assert me.ask(SOURCE).text

    derived = me.derive_facts()

    assert derived.self_test == SelfTest(10, 10)
    [memory] = derived.memories
    assert (memory.text, memory.origin) == ("The user lives in Leeds", Origin.ASSISTANT)
    assert SOURCE[memory.source.start : memory.source.end] == "I live in Leeds"
    assert me.derive_facts().memories == ()
    me.forget(memory)
    assert me.profile.memories.count() == 0
    assert me.profile.turns.latest(9) == []


def test_a_turn_that_is_forgotten_while_it_is_read_gives_no_fact(
    open_assistant: OpenAssistant,
) -> None:
    told = answer(("I live in Leeds", "The user lives in Leeds"))

    def forget_and_tell(_: str) -> str:
        if said:
            return said.pop(0)
        me.profile.forget(Selection(everything=True))
        return told

    said = ["Fine.", *passing()]
    me = open_assistant(ScriptedModel(forget_and_tell))
    assert me.ask(SOURCE).text
    assert me.derive_facts().memories == ()
    assert me.profile.memories.count() == 0


def test_a_turn_longer_than_the_context_is_read_in_pieces_and_costs_the_next_one_nothing(
    open_assistant: OpenAssistant,
) -> None:
    told = [
        answer((f"I live in {town}", f"The user lives in {town}")) for town in ("Ghent", "Bonn")
    ]
    self_test_answers = passing()

    def say(prompt: str) -> str:
        newest = prompt.rpartition("Text: ")[2]
        if self_test_answers:
            return self_test_answers.pop(0)
        return told[0] if "Ghent" in newest else told[1] if "Bonn" in newest else "[]"

    me = open_assistant(ScriptedModel(say, n_ctx=1024))
    long = "I walked on. " * 300 + "I live in Ghent. " + "x" * 3000
    with me.profile.transaction():
        me.profile.turns.begin("c", long, model="none")
        me.profile.turns.begin("c", "I live in Bonn.", model="none")

    found = me.derive_facts().memories

    assert [one.text for one in found] == ["The user lives in Ghent", "The user lives in Bonn"]
    assert long[found[0].source.start : found[0].source.end] == "I live in Ghent"


def test_a_context_too_small_for_the_instructions_reads_nothing() -> None:
    model = ScriptedModel([answer(("I live in Leeds", "The user lives in Leeds"))], n_ctx=128)

    assert not self_test(model, PromptBuilder.of(model)).passed


def test_half_of_the_self_test_is_not_enough() -> None:
    model = ScriptedModel([*passing()[:4], *["[]"] * 6])

    assert self_test(model, PromptBuilder.of(model)) == SelfTest(7, 10)
    assert not SelfTest(7, 10).passed


def test_a_fact_is_no_less_private_than_the_words_it_was_read_from(
    open_assistant: OpenAssistant,
) -> None:
    told = answer(("I live in Leeds", "The user lives in Leeds"))
    me = open_assistant(ScriptedModel(["Fine.", *passing(), told]))
    me.wishes.set_review(on=True)
    assert me.ask(SOURCE).text
    waiting = me.review.waiting()
    me.tag(waiting[0].id, "secret")
    me.wishes.set_review(on=False)

    [fact] = me.derive_facts().memories

    assert {"secret", "unreviewed"} <= set(fact.tags)
