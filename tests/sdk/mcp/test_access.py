"""What a client is told of, refused and let do, decided where everything else is decided."""

import shlex
from datetime import UTC, datetime

import pytest
from tests.conftest import OpenAssistant

from homeward.assistant import Assistant
from homeward.mcp.access import AccessRefused, ClientAccess
from homeward.testing import ScriptedModel
from homeward_store import Ability, Category, ConsentRequired, Memory, NotFound, Purpose

NAME = "editor"


def access(me: Assistant, *, audience: str = "tool") -> ClientAccess:
    me.profile.clients.grant(NAME, *Ability, audience=audience, shown="May it?")
    return ClientAccess(me, NAME, now=lambda: datetime.now(UTC))


def texts(memories: list[Memory]) -> list[str]:
    return [memory.text for memory in memories]


def test_what_waits_for_review_is_told_to_no_client(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    me.wishes.set_review(on=True)
    assert me.ask("I sell blue bicycles in Ghent.").text
    [waiting] = me.review.waiting()
    client = access(me)

    assert client.recall("Who sells blue bicycles in Ghent?") == []
    for asked in (client.why, client.forget):
        with pytest.raises(NotFound):
            asked(me.profile.handles.of(waiting.id))

    me.review.accept(waiting.id)
    assert texts(client.recall("Who sells blue bicycles in Ghent?")) == [waiting.text]


def test_what_is_no_longer_true_is_told_only_where_the_past_is_asked_for(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    [old] = me.remember("My phone number is 555 0101.")
    [new] = me.remember("My phone number is 555 0202.")
    me.profile.memories.supersede(old.id, by=new.id)
    client, past = access(me), "What was my phone number before?"

    assert texts(client.recall("What is my phone number?")) == [new.text]
    assert old.text in texts(client.recall(past))
    with pytest.raises(NotFound):
        client.why(me.profile.handles.of(old.id))
    assert client.why(me.profile.handles.of(old.id), question=past).memory.text == old.text


def test_what_a_client_recalled_it_may_also_name_by_its_number(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    [mine] = me.remember("I am a Muslim man of 34 years.")
    client = access(me, audience="private")

    assert texts(client.recall("Which food should I as a Muslim man avoid?")) == [mine.text]
    assert client.why(me.profile.handles.of(mine.id)).memory.text == mine.text
    assert client.recall("A Muslim man and a Hindu man met. Which man was rude?") == []
    with pytest.raises(NotFound):
        access(me, audience="tool").why(me.profile.handles.of(mine.id))


def test_without_consent_to_answer_a_client_learns_nothing_by_number(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    [memory] = me.remember("I sell blue bicycles in Ghent.")
    client = access(me)
    me.profile.consent.withdraw(Purpose.ANSWER, Category.MEMORIES)

    with pytest.raises(NotFound):
        client.why(me.profile.handles.of(memory.id))
    with pytest.raises(ConsentRequired):
        client.recall("Who sells blue bicycles in Ghent?")


def test_what_a_client_gives_is_answered_alike_whatever_is_withheld_from_it(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    me.remember("I was diagnosed with HIV in March.")
    [tagged] = me.remember("My project has the name Zorblax.")
    me.tag(tagged.id, "health")
    client = access(me)

    for known, unknown in (
        ("I was diagnosed with HIV in March.", "I was diagnosed with lupus in March."),
        ("My project has the name Zorblax.", "My project has the name Quibble."),
    ):
        assert texts(client.remember(known)) == [known]
        assert texts(client.remember(unknown)) == [unknown]
    # What it may see counts as known, as it could recall it.
    me.remember("I sell blue bicycles in Ghent.")
    assert client.remember("I sell blue bicycles in Ghent.") == []


TOLD = (
    "I sell blue bicycles in the town of Ghent and repair old frames. What should I do with rust?"
    " I was diagnosed with diabetes last spring by my doctor."
)


def test_forgetting_by_a_client_takes_the_words_it_may_see_and_leaves_those_beside_them(
    open_assistant: OpenAssistant,
) -> None:
    model = ScriptedModel(lambda prompt: "Blue bicycles, then." if "bicycles" in prompt else "?")
    me = open_assistant(model)
    assert me.ask(TOLD).text
    sold, ill = me.profile.memories.all()
    assert me.conversation().ask("Which bicycles do I sell in Ghent?").text

    gone = access(me).forget(me.profile.handles.of(sold.id))

    assert dict(gone.erased) == {"memory": 1}
    assert [one.text for one in me.profile.memories.all()] == [ill.text]
    said, asked = sorted(me.profile.turns.latest(9), key=lambda turn: turn.id)
    assert "bicycles" not in said.text
    assert "What should I do with rust?" in said.asked
    assert said.asked[ill.source.start : ill.source.end] == ill.text
    assert (asked.asked, asked.replied) == ("Which bicycles do I sell in Ghent?", "")
    assert dict(me.profile.receipts()[-1].erased) == {"memory": 1, "redaction": 1, "reply": 2}
    assert me.forget(ill.id).erased
    assert me.profile.turns.count() == 1


def test_forgetting_by_a_client_removes_a_note_that_says_nothing_else(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    [toys] = me.remember("I sell wooden toys to the museum shop.")

    access(me).forget(me.profile.handles.of(toys.id))

    assert me.profile.notes.all() == []
    assert me.profile.memories.count() == 0


def test_a_client_is_not_told_how_often_others_were_answered(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    [toys] = me.remember("I sell wooden toys to the museum shop.")
    client = access(me)
    before = client.why(me.profile.handles.of(toys.id))

    assert me.ask("To which shop do I sell wooden toys?").text
    assert me.profile.turns.latest(1)[0].used

    assert client.why(me.profile.handles.of(toys.id)) == before


@pytest.mark.parametrize("client", ["it's $(touch /tmp/x) x", "--may", "a b", "x; rm -r y", "`id`"])
def test_the_command_of_a_refusal_is_safe_to_paste_whatever_a_client_calls_itself(
    open_assistant: OpenAssistant, client: str
) -> None:
    with pytest.raises(AccessRefused) as refused:
        ClientAccess(open_assistant(), client, now=lambda: datetime.now(UTC)).recall("Who am I?")

    words = shlex.split(str(refused.value).partition("let it: ")[2])
    assert words == ["homeward", "clients", "grant", "--may", "recall", "--", client]
