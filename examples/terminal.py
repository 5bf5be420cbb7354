"""
A terminal assistant: streams, says what it used, learns from which of two replies you keep.

    python examples/terminal.py ada

Ctrl-C stops a reply, Ctrl-D leaves. /other answers anew and asks which one to keep, /why shows what
the last reply used and what was withheld from it, /forget WORDS erases and prints the receipt.
"""

import getpass
import os
import sys
from collections.abc import Callable
from pathlib import Path

import homeward
from homeward import Assistant, Passphrase, Reply, Sampling, Selection
from homeward.conversation.conversation import Conversation


def opened(person: str) -> Assistant:
    """Open the person's profile, or make it and show the recovery code once."""
    if person in homeward.people():
        return homeward.open(person, unlock=passphrase())
    print(f"There is no profile called {person} yet: choose a passphrase for it.")
    created = homeward.create(person, unlock=passphrase())
    print("Write this down; it opens the profile when the passphrase is lost:")
    print(f"    {created.recovery_code.reveal()}")
    return created.assistant


def passphrase() -> Passphrase:
    """Ask for it, hidden; or read the file that HOMEWARD_PASSPHRASE_FILE names."""
    file = os.environ.get("HOMEWARD_PASSPHRASE_FILE")
    return Passphrase(Path(file).read_text().strip() if file else getpass.getpass("Passphrase: "))


class Talk:
    """One conversation at the terminal."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._conversation: Conversation = assistant.conversation()
        self._asked = ""
        self._reply: Reply | None = None
        self._commands: dict[str, Callable[[str], None]] = {
            "/other": self._other,
            "/why": self._why,
            "/forget": self._forget,
        }

    def take(self, line: str) -> None:
        """Run a command, or ask."""
        name, _, rest = line.partition(" ")
        if name in self._commands:
            self._commands[name](rest)
        else:
            self._asked = line
            self._reply = self._show(self._conversation.ask(line))

    def _show(self, reply: Reply) -> Reply:
        try:
            for piece in reply:
                print(piece, end="", flush=True)
        except KeyboardInterrupt:
            reply.close()
        print()
        return reply

    def _other(self, _: str) -> None:
        first = self._reply
        if first is None:
            return
        second = self._show(self._conversation.retry(sampling=Sampling(temperature=0.8)))
        if second.text_so_far == first.text_so_far:
            print("  the same again: there is nothing to choose.")
            return
        kept, left = (first, second) if input("Keep which, 1 or 2? ") == "1" else (second, first)
        self._conversation.settle(kept.text_so_far)
        self._assistant.prefer(
            self._asked, chosen=kept.text_so_far, rejected=left.text_so_far, turn=kept.turn
        )
        self._reply = kept

    def _why(self, _: str) -> None:
        sources = self._reply.sources if self._reply else homeward.Sources()
        for attribute in sources.attributes:
            print(f"  knew: {attribute.key} = {attribute.value}")
        for memory in sources.memories:
            print(f"  remembered: {memory.text}  ({memory.said_at:%d %B %Y})")
        for withheld in sources.withheld:
            print(f"  withheld: {withheld.kind}, because {withheld.rule}")
        if not (sources.attributes or sources.memories or sources.withheld):
            print("  nothing of yours was used.")

    def _forget(self, words: str) -> None:
        if not words:
            return
        receipt = self._assistant.forget(Selection(topic=words))
        erased = ", ".join(f"{count} {kind}" for kind, count in receipt.erased) or "nothing"
        print(f"  receipt {receipt.id}, {receipt.state.value}: erased {erased}")


def main() -> None:
    """Talk until the person leaves."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with opened(sys.argv[1]) as assistant:
        talk = Talk(assistant)
        while True:
            try:
                line = input("you> ").strip()
            except (EOFError, KeyboardInterrupt):
                print()
                return
            if line:
                talk.take(line)


if __name__ == "__main__":
    main()
