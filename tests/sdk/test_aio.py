"""The assistant for asynchronous apps: streams, cancelling, several people, events."""

import asyncio
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import OpenAssistant

from homeward import aio
from homeward.assistant import Assistant
from homeward.errors import Busy, EmptyQuestion
from homeward.events import Event, Forgotten, MemoryWritten
from homeward.sampling import Sampling
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import Passphrase, Selection, create_profile
from homeward_store.keys.key_derivation import FASTEST

LONG = Sampling(max_tokens=3000)


class Unhurried(ScriptedModel):
    """Takes half a minute for a long reply, so that on any machine there is a middle of it."""

    def check_open(self) -> None:
        super().check_open()
        if self.prompts:
            time.sleep(0.01)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 60))


def test_a_reply_streams_and_says_what_it_used(open_assistant: OpenAssistant) -> None:
    async def work() -> None:
        async with aio.AsyncAssistant(open_assistant()) as me:
            await me.remember("I am allergic to peanuts.")
            reply = await me.ask("What am I allergic to?")
            used = [memory.text for memory in reply.sources.memories]
            pieces = [piece async for piece in reply]

            assert used == ["I am allergic to peanuts."]
            assert "".join(pieces) == await reply.text() == "Hello, Ada."
            assert reply.finished.complete

    run(work())


def test_images_are_shown_as_elsewhere(open_assistant: OpenAssistant, tmp_path: Path) -> None:
    (tmp_path / "beach.png").write_bytes(b"sand")

    async def work() -> None:
        async with aio.AsyncAssistant(open_assistant(projector=tmp_path)) as me:
            reply = await me.ask("Where was I?", images=[tmp_path / "beach.png"])

            assert reply.sources.images == ("beach.png",)
            assert await reply.text() == "Hello, Ada."

    run(work())


def test_leaving_a_reply_ends_it_and_its_turn_keeps_the_text_so_far(
    open_assistant: OpenAssistant,
) -> None:
    async def work() -> None:
        assistant = open_assistant(Unhurried(["so long " * 400]))
        async with aio.AsyncAssistant(assistant) as me:
            async with await me.ask("Go on.", sampling=LONG) as reply:
                with pytest.raises(ValueError, match="still"):
                    _ = reply.finished
                first = await anext(reply)
            [turn] = await me.run(lambda one: one.profile.turns.latest(9))

            assert turn.replied.startswith(first)
            assert not turn.complete

    run(work())


def test_a_task_that_is_cancelled_while_it_waits_gives_up_its_place(
    open_assistant: OpenAssistant,
) -> None:
    async def work() -> None:
        assistant = open_assistant(Unhurried(["so long " * 400]))
        async with aio.AsyncAssistant(assistant, waiting=1) as me:
            running = await me.ask("First?", sampling=LONG)
            waiting = asyncio.create_task(me.ask("Second?"))
            await asyncio.sleep(0)
            with pytest.raises(Busy):
                await me.ask("Third?")
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            running.cancel()
            await running.text()
            turns = await me.run(lambda one: one.profile.turns.latest(9))

            assert [turn.asked for turn in turns] == ["First?"]

    run(work())


def test_an_error_is_raised_where_the_question_was_asked(open_assistant: OpenAssistant) -> None:
    async def work() -> None:
        async with aio.AsyncAssistant(open_assistant()) as me:
            with pytest.raises(EmptyQuestion):
                await me.ask(" ")
            assert await (await me.ask("Still there?")).text() == "Hello, Ada."

    run(work())


def test_forgetting_in_the_middle_of_a_reply_ends_it(open_assistant: OpenAssistant) -> None:
    async def work() -> None:
        assistant = open_assistant(Unhurried(["so long " * 400]))
        async with aio.AsyncAssistant(assistant) as me:
            reply = await me.ask("I play the oboe.", sampling=LONG)
            await anext(reply)
            await me.forget(Selection(topic="oboe"))
            text = await reply.text()

            assert len(text) < len("so long " * 400)
            assert await me.run(lambda one: one.profile.turns.count()) == 0

    run(work())


def test_several_people_are_asked_at_once(tmp_path: Path) -> None:
    def person(name: str) -> aio.AsyncAssistant:
        profile = create_profile(tmp_path / name, unlock=[Passphrase(name)], cost=FASTEST).profile
        model = ScriptedModel([f"Hello, {name}."])
        return aio.AsyncAssistant(Assistant(profile, ModelLoaders(lambda: model, HashEmbedder)))

    async def work() -> None:
        names = ["ada", "ben", "cleo"]
        everybody = [person(name) for name in names]
        await asyncio.gather(
            *(me.remember(f"My name is {name}.") for me, name in zip(everybody, names, strict=True))
        )
        replies = await asyncio.gather(*(me.ask("What is my name?") for me in everybody))
        used = [[memory.text for memory in reply.sources.memories] for reply in replies]
        texts = await asyncio.gather(*(reply.text() for reply in replies))
        await asyncio.gather(*(me.close() for me in everybody))

        assert texts == [f"Hello, {name}." for name in names]
        assert used == [[f"My name is {name}."] for name in names]

    run(work())


def test_events_are_followed_until_the_assistant_is_closed(open_assistant: OpenAssistant) -> None:
    async def work() -> None:
        me = aio.AsyncAssistant(open_assistant())

        async def follow() -> list[Event]:
            return [event async for event in me.events(MemoryWritten, Forgotten)]

        following = asyncio.create_task(follow())
        await asyncio.sleep(0)
        [memory] = await me.remember("I play the oboe.")
        await me.forget(memory)
        await me.close()
        seen = await following

        assert [type(event) for event in seen] == [MemoryWritten, Forgotten]
        assert seen[0] == MemoryWritten((memory.id,), "note")

    run(work())


@pytest.mark.model
def test_open_gives_the_real_assistant(
    tmp_path: Path, models_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").symlink_to(models_home / "models")
    create_profile(
        tmp_path / "profiles" / "ada", unlock=[Passphrase("ada")], cost=FASTEST
    ).profile.close()

    async def work() -> None:
        unlock = Passphrase("ada")
        async with await aio.open("ada", unlock=unlock, home=tmp_path) as me:
            await me.remember("My cat is called Miso.")
            sampling = Sampling(temperature=0, max_tokens=30)
            reply = await me.ask("What is my cat called?", sampling=sampling)

            assert "Miso" in await reply.text()

    run(work())
