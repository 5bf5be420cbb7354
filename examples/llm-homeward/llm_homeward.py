"""A plug-in for llm: the person's own assistant as one of its models. See README.md beside it."""

import atexit
import getpass
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import llm
from pydantic import Field

import homeward
from homeward import Assistant, Keychain, Passphrase, Sampling, UseContext

PRIVATE = UseContext()


@llm.hookimpl
def register_models(register: Any) -> None:  # noqa: ANN401  llm's own callback, untyped
    """Offer one model for the person, whichever model answers behind it."""
    register(Homeward())


class Homeward(llm.Model):
    """Answers with what is known of the person; says in the logs which memories it used."""

    model_id = "homeward"
    can_stream = True

    class Options(llm.Options):
        """What `-o` takes."""

        person: str = Field(default="me", description="Whose profile")
        keychain: bool = Field(default=False, description="Unlock with the system's keychain")
        incognito: bool = Field(default=False, description="Use what is known; keep nothing")
        audience: str = Field(
            default=PRIVATE.audience, description="Who will read the reply; work, say"
        )
        temperature: float = Field(default=Sampling().temperature, ge=0, le=2)
        max_tokens: int = Field(default=Sampling().max_tokens, ge=1)

    def execute(
        self,
        prompt: llm.Prompt,
        stream: bool,  # noqa: ARG002, FBT001  llm's signature; a reply comes in pieces either way
        response: llm.Response,
        conversation: llm.Conversation | None,
    ) -> Iterator[str]:
        """Stream the reply; Ctrl-C keeps what was said so far."""
        options: Any = prompt.options  # an `Options` of this class
        me = _opened(options.person, options.keychain)
        with me.conversation(
            conversation.id if conversation else None,
            incognito=options.incognito,
            use_context=UseContext(audience=options.audience),
        ) as talk:
            sampling = Sampling(temperature=options.temperature, max_tokens=options.max_tokens)
            with talk.ask(prompt.prompt, sampling=sampling) as reply:
                yield from reply
        response.response_json = {
            "turn": reply.turn,
            "memories": [memory.id for memory in reply.sources.memories],
            "attributes": [attribute.key for attribute in reply.sources.attributes],
            "withheld": [one.rule for one in reply.sources.withheld],
        }


@cache
def _opened(person: str, keychain: bool) -> Assistant:  # noqa: FBT001  the key of the cache
    """Open a profile once for the process: `llm chat` asks many times."""
    unlock = Keychain("homeward") if keychain else Passphrase(_passphrase(person))
    try:
        me = homeward.open(person, unlock=unlock)
    except (homeward.StoreError, homeward.ModelError) as error:
        raise llm.ModelError(str(error)) from error
    atexit.register(me.close)
    return me


def _passphrase(person: str) -> str:
    file = os.environ.get("HOMEWARD_PASSPHRASE_FILE")
    if file:
        return Path(file).read_text(encoding="utf-8").splitlines()[0]
    if not sys.stdin.isatty():
        raise llm.ModelError("no terminal to ask on; set HOMEWARD_PASSPHRASE_FILE, or -o keychain")
    return getpass.getpass(f"Passphrase of {person}: ")
