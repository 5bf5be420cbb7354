"""A newer statement supersedes an older one about the same; nothing is deleted."""

from datetime import UTC, datetime

import pytest
from tests.conftest import OpenAssistant

from homeward.conversation.context import quote
from homeward.memory.superseding import repeats, supersedes
from homeward.model_traits import ModelTraits
from homeward.ports import Embedder
from homeward.testing import ScriptedModel
from homeward_store import Memory

UNTRUE_NOW = [
    ("I live in Leeds.", "I moved to York last month."),
    ("I live in Leeds.", "I live in York now."),
    ("My phone number is 555 1234.", "My phone number is 555 9876."),
    ("My favourite colour is teal.", "My favourite colour is orange."),
    ("I drink coffee without sugar.", "I no longer drink coffee."),
    ("I work at Siemens.", "I started a new job at Bosch."),
    ("I am 34 years old.", "I turned 35."),
    ("The demo is on Thursday.", "The demo is now on Friday."),
    ("The demo is on Thursday.", "The demo was moved to Friday."),
    ("My boss is called Karen.", "My new boss is Tom."),
    ("I eat meat every day.", "I stopped eating meat."),
    ("I play the cello.", "I switched from the cello to the piano."),
    ("My rent is 900 euros.", "My rent is 1,050 euros now."),
    (
        "My dentist appointment is on Monday at 9.",
        "My dentist appointment has been moved to Tuesday at 10.",
    ),
    ("Ich wohne in Kiel.", "Ich wohne jetzt in Hamburg."),
    ("J'habite à Lyon.", "J'habite maintenant à Paris."),
    ("Vivo en Madrid.", "Ahora vivo en Sevilla."),
    ("I smoke ten cigarettes a day.", "I don't smoke anymore."),
    ("My girlfriend is Anna.", "My girlfriend is Maria."),
    ("My salary is 62,000.", "My salary changed to 68,000."),
    ("I go to the gym on Mondays.", "I quit the gym."),
    ("My email is ada@a.org", "My new email is ada@b.org"),
    ("My phone number is 555 1234.", "My phone number is 1234 555."),
    ("My favourite emoji is 👍.", "My favourite emoji is 👎."),
]
BOTH_TRUE = [
    ("I work at Siemens.", "I work as a nurse."),
    ("I work at Siemens.", "I work at night."),
    ("I live in Leeds.", "My parents live in York."),
    ("My sister is called Clara.", "My sister is called Maud."),
    ("My friend is from Leeds.", "My friend is from York."),
    ("I live in Leeds.", "I used to live in York."),
    ("I like green tea.", "I like black tea."),
    ("I play the cello.", "I play the piano."),
    ("I live in Leeds. I work at Siemens.", "I moved to York."),
    ("My favourite colour is teal.", "My favourite book is Dune."),
    ("My phone number is 555 1234.", "My office number is 555 9876."),
    ("The demo is on Thursday.", "The party is now on Friday."),
    ("I drink coffee without sugar.", "I no longer drink beer."),
    ("I work at Siemens.", "I now work from home on Fridays."),
    ("My dog is called Rex.", "My cat is called Tom."),
    ("My phone number is 555 1234.", "My phone number is 555 1234."),
    ("I have a bike.", "I have a new bike."),
    ("My boss is called Karen.", "My boss likes golf."),
    ("I was in Leeds last year.", "I moved to York."),
    ("My hobby is chess.", "My hobby is sailing."),
    ("I am 34 years old.", "I am tired now."),
    ("We moved the table to the kitchen.", "We moved to York."),
    ("I eat meat every day.", "I stopped at the butcher's."),
    ("My sister lives in Leeds.", "I live in York now."),
    ("I live in Leeds.", "My sister moved to York."),
]


TOLD_APART = [
    ("My brother taught my sister chess.", "My sister taught my brother chess."),
    ("I fly from Oslo to Rome on Friday.", "I fly from Rome to Oslo on Friday."),
    ("My blood pressure is 120 over 80.", "My blood pressure is 80 over 120."),
    ("I work 9 to 5.", "I work 5 to 9."),
    ("I keep box 12 on shelf 40.", "I keep box 40 on shelf 12."),
    ("I rate this film 👍", "I rate this film 👎"),
    ("My mood today is 😀.", "My mood today is 😢."),
    ("My rule for walks is 5 > 3.", "My rule for walks is 5 < 3."),
    ("My rule for walks is 5 > 3.", "My rule for walks is 3 > 5."),
    ("It was -5 degrees in my garden.", "It was 5 degrees in my garden."),
    ("My grade in maths was a B+.", "My grade in maths was a B-."),
    ("My lens has 1.4 as its stop.", "My lens has 14 as its stop."),
    ("My field is 5² metres wide.", "My field is 52 metres wide."),
    ("My lamp needs 5 mW of power.", "My lamp needs 5 MW of power."),
    ("Take 5 mg in the evening.", "Take 5 Mg in the evening."),
    ("My room is 12a.", "My room is 12A."),
    ("I pay a Buße every year.", "I pay a Busse every year."),
    ("I work in IT at a bank.", "I work in it at a bank."),
    ("I love Polish food.", "I love polish food."),
    ("I bought my Turkey guide.", "I bought my turkey guide."),
    (
        "My best friend is called May, and Mark has met Will.",
        "My best friend is called May, and mark has met will.",
    ),
    ("In March I met the Smith.", "In March I met the smith."),
    (
        "My team is 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f.",
        "My team is 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f.",
    ),
    ("My neighbour is 👩🏽.", "My neighbour is 👩🏿."),
    ("I like tea more than coffee.", "I like coffee more than tea."),
    ("I only eat fish on Fridays.", "I eat only fish on Fridays."),
    ("I do not think that I will move.", "I will move."),
    ("I like tea.", "I do not like tea."),
    ("I paid €5 for my coffee.", "I paid $5 for my coffee."),
]
SAID_AGAIN = [
    ("My café is on Rue Zoé.", "My cafe\u0301 is on Rue Zoe\u0301."),
    ("I have a dog called Rex.", "I have  a dog\u00a0called Rex"),
    ("I have a dog called Rex.", "i have a dog called rex!"),
    ("I have a dog called Rex.", "I HAVE A DOG CALLED REX"),
    ("I walk my dog, and I feed it.", "i walk my dog, and i feed it"),
    ("Note: The key lies under the mat.", "note: the key lies under the mat."),
    ("I have a dog called Rex.", "I have a dog\u200b called \u2068Rex\u2069."),
    ("I'm allergic to walnuts.", "I am allergic to walnuts."),
    ("I'm allergic to walnuts.", "I’m allergic to walnuts."),  # noqa: RUF001
    ("I have a dog called Rex. He is three years old.", "He is three years old."),
    ("I love my garden ❤️", "I love my garden ❤"),
    ("My PIN pad shows １２.", "My PIN pad shows 12."),  # noqa: RUF001
]


@pytest.mark.parametrize(("older", "newer"), TOLD_APART)
def test_what_another_order_or_sign_says_is_no_repetition(older: str, newer: str) -> None:
    assert not repeats(newer, older)
    assert not repeats(older, newer)


@pytest.mark.parametrize(("older", "newer"), SAID_AGAIN)
def test_another_way_of_typing_is_a_repetition(older: str, newer: str) -> None:
    assert repeats(newer, older)


@pytest.mark.parametrize(("older", "newer"), TOLD_APART)
def test_both_of_two_facts_in_the_same_words_are_remembered(
    open_assistant: OpenAssistant, older: str, newer: str
) -> None:
    me = open_assistant()
    me.remember(older)
    me.remember(newer)

    assert {memory.text for memory in me.profile.memories.all()} == {older, newer}


@pytest.mark.model
def test_both_are_remembered_with_real_vectors_and_what_is_said_again_once(
    open_assistant: OpenAssistant, minilm: Embedder
) -> None:
    me = open_assistant(embedder=minilm)
    for older, newer in (*TOLD_APART, *SAID_AGAIN):
        me.remember(older)
        me.remember(newer)

    told = {one for pair in TOLD_APART for one in pair} | {older for older, _ in SAID_AGAIN}
    assert {memory.text for memory in me.profile.memories.all()} >= told
    assert not {newer for _, newer in SAID_AGAIN[1:]} & {
        memory.text for memory in me.profile.memories.all()
    }


def similarity(minilm: Embedder, one: str, other: str) -> float:
    first, second = minilm.embed([one, other])
    return float(first @ second)


@pytest.mark.model
@pytest.mark.parametrize(("older", "newer"), UNTRUE_NOW)
def test_what_changed_supersedes(minilm: Embedder, older: str, newer: str) -> None:
    assert supersedes(newer, older, similarity=similarity(minilm, older, newer))


@pytest.mark.model
@pytest.mark.parametrize(("older", "newer"), BOTH_TRUE)
def test_what_may_both_be_true_stays(minilm: Embedder, older: str, newer: str) -> None:
    assert not supersedes(newer, older, similarity=similarity(minilm, older, newer))


def by_text(memories: object) -> dict[str, Memory]:
    return {memory.text: memory for memory in memories}  # type: ignore[attr-defined]


@pytest.mark.model
def test_the_newest_answers_and_the_old_one_is_still_there_to_ask_for(
    open_assistant: OpenAssistant, minilm: Embedder
) -> None:
    model = ScriptedModel()
    me = open_assistant(model, embedder=minilm)
    [old] = me.remember("I live in Leeds.")
    [new] = me.remember("I moved to York last month.")

    now = me.ask("Where do I live?")
    assert now.text
    then = me.ask("Where did I live before York?")
    assert then.text

    assert [memory.text for memory in now.sources.memories] == [new.text]
    assert old.text in [memory.text for memory in then.sources.memories]
    assert 'I said earlier: "I live in Leeds."' in model.prompts[-1]
    kept = me.profile.memories.get([old.id])[0]
    assert kept.superseded_by == new.id
    assert kept.valid_until == new.said_at


def test_what_is_told_later_but_was_true_earlier_supersedes_nothing(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    me.remember("I live in York.")
    me.remember("I used to live in Leeds.")

    assert [one.superseded_by for one in me.profile.memories.all()] == [None, None]


@pytest.mark.parametrize("dates", [True, False])
def test_a_models_traits_say_whether_dates_are_shown(
    open_assistant: OpenAssistant, *, dates: bool
) -> None:
    model = ScriptedModel(traits=ModelTraits(dates=dates))
    me = open_assistant(model)
    [memory] = me.remember("The rent is due on the fifth.")

    assert me.ask("When is the rent due?").text

    when = memory.said_at
    assert (f"I said on {when.day} {when:%B} {when.year}: " in model.prompts[-1]) == dates


def test_a_dated_quote_says_until_when_it_was_true(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    [old] = me.remember("My phone number is 555 1234.")
    [new] = me.remember("My phone number is 555 9876.")
    me.profile.memories.supersede(old.id, by=new.id, at=datetime(2026, 5, 3, tzinfo=UTC))

    [superseded] = me.profile.memories.get([old.id])
    assert quote(superseded, dated=True).lead.endswith(" (true until 3 May 2026)")
