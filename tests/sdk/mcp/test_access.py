"""What a client is told of, refused and let do, decided where everything else is decided."""

from datetime import UTC, datetime

import pytest
from tests.conftest import OpenAssistant

from homeward.assistant import Assistant
from homeward.mcp.access import Access
from homeward_store import Ability, Category, ConsentRequired, Memory, NotFound, Purpose

NAME = "editor"


def access(me: Assistant, *, audience: str = "tool") -> Access:
    me.profile.clients.grant(NAME, *Ability, audience=audience, shown="May it?")
    return Access(me, NAME, now=lambda: datetime.now(UTC))


def texts(memories: list[Memory]) -> list[str]:
    return [memory.text for memory in memories]


def test_what_waits_for_review_is_told_to_no_client(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    me.wishes.set_review(on=True)
    assert me.ask("I sell blue bicycles in Ghent.").text
    [waiting] = me.review.waiting()
    client = access(me)

    assert client.recall("Who sells blue bicycles in Ghent?") == []
    for number in (client.why, client.forget):
        with pytest.raises(NotFound):
            number(waiting.id)

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
        client.why(old.id)
    assert client.why(old.id, question=past).memory.text == old.text


def test_what_a_client_recalled_it_may_also_name_by_its_number(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    [mine] = me.remember("I am a Muslim man of 34 years.")
    client = access(me, audience="private")

    assert texts(client.recall("Which food should I as a Muslim man avoid?")) == [mine.text]
    assert client.why(mine.id).memory.text == mine.text
    assert client.recall("A Muslim man and a Hindu man met. Which man was rude?") == []
    with pytest.raises(NotFound):
        access(me, audience="tool").why(mine.id)


def test_without_consent_to_answer_a_client_learns_nothing_by_number(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    [memory] = me.remember("I sell blue bicycles in Ghent.")
    client = access(me)
    me.profile.consent.withdraw(Purpose.ANSWER, Category.MEMORIES)

    with pytest.raises(NotFound):
        client.why(memory.id)
    with pytest.raises(ConsentRequired):
        client.recall("Who sells blue bicycles in Ghent?")
