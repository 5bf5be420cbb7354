"""
A terminal session holds the current conversation and shows its replies.

Knows no commands; `slash` has them, and `chat` reads the keyboard.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from rich.console import Console

from homeward import Assistant, ChoiceSource, Reply, Sampling, UseContext
from homeward.cli.chat.interrupt import stopping
from homeward.cli.render import Flow, plain
from homeward.conversation.best_of_n import freer
from homeward.conversation.conversation import Conversation

Read = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ChatExchange:
    """The last question and its reply."""

    asked: str
    reply: Reply


class Talk:
    """One person, one console, one conversation at a time."""

    def __init__(
        self,
        assistant: Assistant,
        console: Console,
        *,
        read: Read,
        conversation: str | None = None,
        incognito: bool = False,
        use_context: UseContext | None = None,
        sampling: Sampling,
    ) -> None:
        self.assistant = assistant
        self.console = console
        self.read = read
        self.last: ChatExchange | None = None
        self.over = False
        self._images: list[Path] = []  # they go with the next question
        self._sampling = sampling
        self._use_context = use_context
        self._conversation = self._opened(conversation, incognito=incognito)

    @property
    def incognito(self) -> bool:
        """Whether nothing that is said now is kept."""
        return self._conversation.incognito

    def ask(self, question: str) -> None:
        """Answer on the console and remember the exchange."""
        images, self._images = self._images, []
        with self.console.status("thinking…"):
            reply = self._conversation.ask(question, sampling=self._sampling, images=images)
        self.last = ChatExchange(question, reply)
        self._show(reply)

    def attach(self, image: Path) -> None:
        """Show an image to the model with the next question."""
        self._images.append(image)

    def retry(self) -> tuple[ChatExchange, ChatExchange] | None:
        """Answer the last question anew; return the old and the new exchange."""
        if self.last is None:
            return None
        before = self.last
        with self.console.status("thinking…"):
            reply = self._conversation.retry(sampling=freer(self._sampling))
        self.last = ChatExchange(before.asked, reply)
        self._show(reply)
        return before, self.last

    def settle(self, kept: ChatExchange, rejected: ChatExchange) -> None:
        """Make the reply of `kept` the conversation's own, and remember the choice."""
        chosen = kept.reply.text_so_far
        self._conversation.settle(chosen)
        self.last = kept
        self.prefer(chosen, rejected.reply.text_so_far, source=ChoiceSource.RETRY)

    def prefer(self, chosen: str, rejected: str, *, source: ChoiceSource) -> None:
        """Keep a choice about the last question."""
        if self.last is not None:
            self.assistant.prefer(
                self.last.asked,
                chosen=chosen,
                rejected=rejected,
                source=source,
                turn=self.last.reply.turn,
            )

    def copy(self) -> None:
        """Copy the last reply to the terminal's clipboard."""
        if self.last is not None:
            # OSC 52; the text goes as base64, so nothing in it can be an order to the terminal.
            text = base64.b64encode(self.last.reply.text_so_far.encode()).decode()
            self.console.file.write(f"\x1b]52;c;{text}\a")
            self.console.file.flush()

    def turn_over(self, *, incognito: bool) -> None:
        """Leave this conversation and begin a new one."""
        self._conversation.close()
        self.last, self._images = None, []
        self._conversation = self._opened(None, incognito=incognito)

    def note(self, text: str) -> None:
        """Print a message of the program, not of the model."""
        self.console.print(plain(text, style="dim"))

    def _opened(self, name: str | None, *, incognito: bool) -> Conversation:
        with self.console.status("loading the model…"):
            return self.assistant.conversation(
                name, incognito=incognito, use_context=self._use_context
            )

    def _show(self, reply: Reply) -> None:
        flow, thoughts = Flow(self.console), Flow(self.console, style="dim")
        with stopping(reply):
            with self.console.status("thinking…"):
                thinking = reply.thinking
                begun = next(thinking, "")
            for piece in chain([begun], thinking):
                thoughts.write(piece)
            if begun:
                thoughts.end()
            for piece in reply:
                flow.write(piece)
        flow.end()
        if not reply.complete:
            self.note("(stopped; the conversation keeps the reply up to here)")
        if reply.dropped_turns:
            what = "turn" if reply.dropped_turns == 1 else f"{reply.dropped_turns} turns"
            self.note(f"(the oldest {what} did not fit the model's context and was left out)")
