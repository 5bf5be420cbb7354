"""
Draws a reply that may call an app's tools: a text, or calls whose arguments fit their schemas.

The model says by itself that it wants a tool, as its template or the system message taught it; from
there on the name is drawn among the tools, the arguments under the grammar of their schema, and all
that stands between is written for it. So a call is always whole and of its form.
"""

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event
from typing import Self

from homeward.errors import InvalidArgument
from homeward.ports import Segment, Session
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.prompting.thoughts import Thought
from homeward.prompting.tool_calls import CallPiece, Round, ToolSpec
from homeward.sampling import Sampling
from homeward.tools.grammar import grammar_of
from homeward_store import Memory

AUTO, REQUIRED = "auto", "required"
MOST_TOOLS = 64  # each costs the model some fifty tokens to read
MOST_CALLS = 8  # at once: a model that wants more goes round in circles
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_FIXED = Sampling(temperature=0, repetition_penalty=1, max_tokens=64)

Drawn = Generator[str | Thought | CallPiece, None, None]


@dataclass(frozen=True, slots=True)
class ToolUse:
    """
    The tools that a reply may call, and what those that were called already have printed.

    `choice`: `AUTO`, `REQUIRED` or the name of the tool that has to be called. `several`: calls may
    be made at once. `memories` are what was kept of the results.
    """

    tools: tuple[ToolSpec, ...] = ()
    grammars: tuple[str, ...] = ()  # of their arguments, in their order
    choice: str = AUTO
    several: bool = True
    rounds: tuple[Round, ...] = ()
    memories: tuple[Memory, ...] = ()

    @classmethod
    def of(cls, tools: Sequence[ToolSpec], *, choice: str = AUTO, several: bool = True) -> Self:
        """
        Return the use of `tools`.

        Raises:
            InvalidArgument: a name or a schema cannot be a tool's, there are too many, or `choice`
                is none of them; the message names the tool.
        """
        names = [one.name for one in tools]
        if len(tools) > MOST_TOOLS:
            raise InvalidArgument(f"{len(tools)} tools are too many; {MOST_TOOLS} are allowed")
        if wrong := next((one for one in names if not _NAME.fullmatch(one)), None):
            raise InvalidArgument(f"{wrong!r} cannot be the name of a tool")
        if len(set(names)) < len(names):
            raise InvalidArgument("two tools have the same name")
        if choice not in (AUTO, REQUIRED, *names):
            raise InvalidArgument(f"there is no tool called {choice!r}")
        return cls(tuple(tools), tuple(map(_grammar, tools)), choice, several)

    @property
    def callable(self) -> Mapping[str, str]:
        """The grammar of the arguments of each tool that may be called."""
        pairs = zip((one.name for one in self.tools), self.grammars, strict=True)
        return {name: grammar for name, grammar in pairs if self.choice in (AUTO, REQUIRED, name)}


NO_TOOLS = ToolUse()


def _grammar(tool: ToolSpec) -> str:
    try:
        return grammar_of(tool.parameters)
    except InvalidArgument as error:
        raise InvalidArgument(f"the parameters of {tool.name}: {error}") from None


@dataclass(frozen=True, slots=True)
class CallDrawing:
    """A session that was fed a prompt which offers tools, and how its reply is drawn."""

    session: Session
    prompts: PromptBuilder
    sampling: Sampling
    use: ToolUse
    cancel: Event

    def reply(self, segments: Sequence[Segment]) -> Drawn:
        """Yield the reply to `segments`, which were fed: text, thoughts, and calls."""
        left = self.sampling.max_tokens
        if self.use.choice == AUTO:
            before = yield from self._until_a_call(segments)
            left -= len(self.session.generated)
            if before is None:
                return
            segments = before
        for index in range(MOST_CALLS if self.use.several else 1):
            after = yield from self._call(segments, index, left)
            if after is None:
                return
            segments = [*after, self.prompts.calls.close]
            if not self._wants_another(segments):
                return

    def _until_a_call(
        self, segments: Sequence[Segment]
    ) -> Generator[str | Thought, None, Sequence[Segment] | None]:
        """Yield the text before a call; return what the context then holds, None without one."""
        calls, thought, said = self.prompts.calls, "", ""
        stop = (*self.sampling.stop, calls.sign) if calls.sign else self.sampling.stop
        for piece in self.prompts.speaker.reply(
            self.session,
            segments,
            replace(self.sampling, stop=stop),
            cancel=self.cancel,
            until=calls.sign_token,
        ):
            if isinstance(piece, Thought):
                thought += piece.text
            else:
                said += piece
            yield piece
        if not self._found_a_call():
            return None
        return self.prompts.speaker.after(segments, thought=thought, said=said)

    def _found_a_call(self) -> bool:
        calls = self.prompts.calls
        if self.session.stopped_by == "stop":
            return self.session.stop_found == calls.sign
        return bool(calls.sign_token) and self.session.stopped_by == "until"

    def _call(
        self, segments: Sequence[Segment], index: int, left: int
    ) -> Generator[CallPiece, None, Sequence[Segment] | None]:
        """Yield one call; return what the context then holds, None where it was cut short."""
        calls, tokenize = self.prompts.calls, self.prompts.words
        grammars = self.use.callable
        name = next(iter(grammars)) if len(grammars) == 1 else self._name(segments, list(grammars))
        if name not in grammars:
            return None
        before = [*segments, calls.begin, tokenize(name), calls.between]
        yield CallPiece(index, name)
        self.session.feed(before, cancel=self.cancel)
        how = replace(
            _FIXED,
            temperature=self.sampling.temperature,
            seed=self.sampling.seed,
            max_tokens=max(1, left),
            grammar=grammars[name],
        )
        given = ""
        for piece in self.session.generate(how, cancel=self.cancel):
            given += piece
            yield CallPiece(index, arguments=piece)
        complete = self.session.stopped_by == "end"
        yield CallPiece(index, complete=complete, tokens=len(self.session.generated))
        return [*before, tokenize(given)] if complete else None

    def _name(self, segments: Sequence[Segment], names: Sequence[str]) -> str:
        self.session.feed([*segments, self.prompts.calls.begin], cancel=self.cancel)
        among = " | ".join(f'"{one}"' for one in names)
        how = replace(_FIXED, grammar=f"root ::= {among}")
        return "".join(self.session.generate(how, cancel=self.cancel))

    def _wants_another(self, segments: Sequence[Segment]) -> bool:
        calls = self.prompts.calls
        if not self.use.several or not calls.close:
            return False
        self.session.feed(segments, cancel=self.cancel)
        stop = (calls.sign,) if calls.sign else ()
        most = len(self.prompts.words(calls.sign)) + 4  # it comes at once or not at all
        sign = replace(_FIXED, max_tokens=most, stop=stop)
        for _ in self.session.generate(sign, cancel=self.cancel, until=calls.sign_token):
            pass
        return self._found_a_call()
