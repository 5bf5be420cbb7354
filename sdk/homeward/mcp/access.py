"""
Handles a client's request in order: permission, rate limit, work, and the ledger entry.

What it may do was granted by the person by name; the name is what the client calls itself, and the
client was started by the person, so consent is per program and not a proof of who it is.
"""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from homeward.assistant import Assistant
from homeward.events import ConsentAsked
from homeward.mcp.limits import REFUSALS_KEPT, WINDOW, too_often
from homeward.policy.gate import UseContext
from homeward_store import (
    Ability,
    Client,
    Erasure,
    Memory,
    MemoryId,
    NotFound,
    Origin,
    RequestOutcome,
    Selection,
    SourceKind,
    TurnId,
)

PURPOSE = "tool"
"""The purpose in the use context of every request: another program asked."""

Done = tuple[object, list[int]]


class AccessRefused(Exception):
    """The client may not do this, or not so often. The message is for the client's person."""


@dataclass(frozen=True, slots=True)
class MemoryProvenance:
    """The source of a memory."""

    memory: Memory
    replies: int  # that were built on it, of those that were made in the client's own use context


@dataclass(frozen=True, slots=True)
class Erased:
    """The client's view of an erasure: that the memory is gone, and nothing else."""

    state: Erasure
    erased: tuple[tuple[str, int], ...] = ((SourceKind.MEMORY.value, 1),)


class ClientAccess:
    """
    Runs one client's requests on one assistant, one at a time.

    A memory is named by its handle, since numbers that run on would tell of others.

    Guarantees:
        What a request returns or raises depends on nothing that the client may not see, but for the
        numbers in the `Memory` records, which are not to be shown to it: see `handle`.
    """

    def __init__(self, me: Assistant, client: str, *, now: Callable[[], datetime]) -> None:
        self._me, self._client, self._now = me, client, now

    def handle(self, memory: Memory) -> str:
        """Return what the client calls a memory by, in this session and in others."""
        return self._me.profile.handles.of(memory.id)

    def recall(self, question: str) -> list[Memory]:
        """The memories that fit a question and may be seen by the client's audience."""
        client = self._admitted(Ability.RECALL)
        found = [one.memory for one in self._me.recall(question, use_context=_use_context(client))]
        self._enter(Ability.RECALL, found)
        return found

    def remember(self, text: str) -> list[Memory]:
        """Keep a text as something that a tool said: it is quoted as such, and never learned."""
        client = self._admitted(Ability.REMEMBER)
        try:
            made = self._me.write(
                text, title=self._client, origin=Origin.TOOL, use_context=_use_context(client)
            )
        except Exception:
            self._record(Ability.REMEMBER, RequestOutcome.FAILED)
            raise
        self._enter(Ability.REMEMBER, list(made))
        return list(made)  # what was left out, and why, is the person's alone to know

    def forget(self, memory: str, *, question: str | None = None) -> Erased:
        """
        Erase a memory that the client may see, and its words where it came from.

        What else was said there stays: the client may not see it. The receipt is the person's.
        """
        client = self._admitted(Ability.FORGET)
        found = self._seen(client, memory, Ability.FORGET, question)
        receipt = self._me.forget(Selection(passages=(found.id,)))
        self._enter(Ability.FORGET, [found])
        return Erased(receipt.state)

    def why(self, memory: str, *, question: str | None = None) -> MemoryProvenance:
        """Where a memory that the client may see comes from, and how many replies it served."""
        client = self._admitted(Ability.WHY)
        found = self._seen(client, memory, Ability.WHY, question)
        profile = self._me.profile
        replies = profile.plan(Selection(memories=(found.id,))).replies
        turns = [profile.turns.get(TurnId(one)) for one in replies]
        self._enter(Ability.WHY, [found])
        told = sum(turn is not None and turn.use_context == _use_context(client) for turn in turns)
        return MemoryProvenance(found, told)

    def _admitted(self, ability: Ability) -> Client:
        clients = self._me.profile.clients
        client = clients.find(self._client)
        if client is None or ability not in client.may:
            self._refuse(ability, RequestOutcome.NOT_GRANTED)
            self._me.events.publish(ConsentAsked(self._client, ability.value))
            raise AccessRefused(
                f"{self._client!r} may not {ability.value}; the person can let it: "
                f"homeward clients grant --may {ability.value} -- {shlex.quote(self._client)}"
            )
        done = self._counted(ability, RequestOutcome.DONE, RequestOutcome.FAILED)
        if too_often(ability, done=done):
            self._refuse(ability, RequestOutcome.TOO_OFTEN)
            raise AccessRefused(
                f"{ability.value} was asked {done} times in a minute; wait a minute"
            )
        return client

    def _seen(self, client: Client, handle: str, ability: Ability, question: str | None) -> Memory:
        """Find a memory; one that the gate withholds is as good as not there."""
        number = self._me.profile.handles.number(handle)
        named = [] if number is None else [MemoryId(number)]
        admission = self._me.gate.asked(question, _use_context(client))
        for memory in self._me.profile.memories.get(named):
            if admission.admits(memory):
                return memory
        self._record(ability, RequestOutcome.FAILED)
        raise NotFound(f"there is no memory {handle}")

    def _refuse(self, ability: Ability, outcome: RequestOutcome) -> None:
        if self._counted(ability, outcome) < REFUSALS_KEPT:
            self._record(ability, outcome)

    def _counted(self, ability: Ability, *outcomes: RequestOutcome) -> int:
        now = self._now()
        return self._me.profile.clients.count(
            self._client, ability, *outcomes, since=now - WINDOW, until=now
        )

    def _enter(self, ability: Ability, memories: list[Memory]) -> None:
        numbers = [memory.id for memory in memories]
        self._me.profile.clients.record(
            self._client, ability, RequestOutcome.DONE, memories=numbers
        )

    def _record(self, ability: Ability, outcome: RequestOutcome) -> None:
        self._me.profile.clients.record(self._client, ability, outcome)


def _use_context(client: Client) -> UseContext:
    return UseContext(audience=client.audience, purpose=PURPOSE)
