"""What an app is told, and an assistant that several threads use at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier, Thread

import pytest
from tests.conftest import OpenAssistant

from homeward import assistant
from homeward.conversation.best_of_n import BestOfN
from homeward.conversation.components import ConversationComponents
from homeward.conversation.conversation import Conversation
from homeward.events import Closed, ConsentAsked, Event, Forgotten, MemoryWritten
from homeward.ports import LanguageModel
from homeward.sampling import Sampling
from homeward.testing import ScriptedModel
from homeward_store import Category, ConsentRequired, InvalidText, Purpose, Selection

LONG = Sampling(max_tokens=3000)


def test_memories_erasures_and_the_end_are_told(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    seen: list[Event] = []
    me.events.subscribe(seen.append)

    [memory] = me.remember("I play the oboe.")
    me.write("The roof needs slates.")
    assert me.ask("My cat is called Miso.").text
    receipt = me.forget(memory)
    me.close()

    kinds = [event.source for event in seen if isinstance(event, MemoryWritten)]
    assert kinds == ["note", "writing", "turn"]
    assert seen[-2:] == [Forgotten(receipt.id, receipt.erased), Closed()]


def test_what_was_not_committed_is_not_told(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    seen: list[Event] = []
    me.events.subscribe(seen.append, MemoryWritten)

    with pytest.raises(InvalidText), me.profile.transaction():
        me.remember("I play the oboe.")
        me.remember("a\0b")
    me.remember("I play the bassoon.")

    [told] = seen
    [kept] = me.profile.memories.all()
    assert told == MemoryWritten((kept.id,), "note")


def test_a_listener_that_fails_keeps_nothing_from_being_written(
    open_assistant: OpenAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    me = open_assistant()
    seen: list[Event] = []

    def fail(_: Event) -> None:
        raise RuntimeError("I play the oboe.")

    me.events.subscribe(fail)
    end = me.events.subscribe(seen.append)
    me.remember("I play the oboe.")
    end()
    me.remember("I play the bassoon.")

    assert len(seen) == 1
    assert me.profile.memories.count() == 2
    assert "RuntimeError" in caplog.text
    assert "oboe" not in caplog.text


def test_a_consent_that_is_missing_is_told(open_assistant: OpenAssistant) -> None:
    def train(*_: object) -> None:
        me.profile.consent.require(*asked)

    asked = (Purpose.LEARN, Category.WRITINGS)
    me = open_assistant()
    me._wiring.loaders = replace(me._wiring.loaders, train=train)  # type: ignore[arg-type]
    seen: list[Event] = []
    me.events.subscribe(seen.append, ConsentAsked)

    with pytest.raises(ConsentRequired):
        me.learn()

    [event] = seen
    assert isinstance(event, ConsentAsked)
    assert event.who == "homeward"
    assert "writings" in event.what


def test_threads_that_ask_first_load_one_model(open_assistant: OpenAssistant) -> None:
    loaded: list[LanguageModel] = []
    me = open_assistant()
    load, together = me._wiring.loaders.language_model, Barrier(6)

    def counted() -> LanguageModel:
        loaded.append(load())
        return loaded[-1]

    object.__setattr__(me._wiring.loaders, "language_model", counted)

    def first(_: int) -> str:
        together.wait()
        return me.conversation().ask("Hello?").text

    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(first, range(6)))

    assert replies == ["Hello, Ada."] * 6
    assert len(loaded) == 1
    assert me.profile.turns.count() == 6


def test_threads_that_ask_in_one_conversation_take_turns(open_assistant: OpenAssistant) -> None:
    me = open_assistant(ScriptedModel(["so long " * 100]))
    conversation = me.conversation("shared")
    together = Barrier(5)

    def ask(number: int) -> str:
        together.wait()
        return conversation.ask(f"Question {number}?", sampling=LONG).text

    with ThreadPoolExecutor(5) as pool:
        replies = list(pool.map(ask, range(5)))

    turns = me.profile.turns.conversation("shared")
    assert sorted(turn.asked for turn in turns) == [f"Question {n}?" for n in range(5)]
    assert sorted(turn.replied for turn in turns) == sorted(replies)
    assert turns[-1].complete


def test_a_thread_that_closes_ends_the_reply_that_another_reads(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant(ScriptedModel(["so long " * 400]))
    conversation = me.conversation()
    reply = conversation.ask("Go on.", sampling=LONG)
    first = next(reply)
    read: list[str] = []
    reader = Thread(target=lambda: read.extend(reply))
    reader.start()

    conversation.close()
    reader.join(10)

    assert not reader.is_alive()
    [turn] = me.profile.turns.latest(9)
    assert turn.replied.startswith(first + "".join(read))
    assert not turn.complete


def test_readers_of_one_reply_get_each_piece_once(open_assistant: OpenAssistant) -> None:
    me = open_assistant(ScriptedModel(["0123456789" * 20]))
    reply = me.ask("Count.")

    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda _: list(reply), range(4)))

    assert sorted("".join(map("".join, parts))) == sorted("0123456789" * 20)
    assert reply.text_so_far == "0123456789" * 20


def test_a_thread_opens_a_conversation_while_others_learn(
    open_assistant: OpenAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = open_assistant()
    kept = [me.conversation("first"), me.conversation("second")]
    adopt, opening = Conversation.adopt, list[Thread]()

    def meanwhile(conversation: Conversation, parts: ConversationComponents) -> None:
        if not opening:
            opening.append(Thread(target=lambda: kept.append(me.conversation("late"))))
            opening[0].start()
            opening[0].join(timeout=0.3)  # in the way of the others, or waiting for them
        adopt(conversation, parts)

    monkeypatch.setattr(Conversation, "adopt", meanwhile)
    me._wiring.reload_learned_state()
    opening[0].join()

    assert {one._parts for one in kept} == {me._wiring.parts}
    assert len(kept) == 3


@pytest.mark.parametrize("meanwhile", ["learn", "forget"])
def test_a_conversation_that_was_opened_meanwhile_holds_nothing_old(
    open_assistant: OpenAssistant, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    class Slow(Conversation):
        def __init__(self, parts: ConversationComponents, *, name: str) -> None:
            super().__init__(parts, name=name)
            if meanwhile == "forget":
                me.forget(Selection(conversations=("talk",)))
            parts = replace(me._wiring.parts, drafting=BestOfN(count=5, ahead=8))
            me._wiring.__dict__["parts"] = parts  # as `reload_learned_state` puts it there

    me = open_assistant()
    assert me.conversation("talk").ask("My cat is called Miso.").text
    made = partial(Slow, name="talk")
    monkeypatch.setattr(assistant, "Conversation", lambda parts, **_: made(parts))

    opened = me.conversation("talk")

    assert opened._parts.drafting is me._wiring.parts.drafting
    assert len(opened._exchanges) == (meanwhile == "learn")
