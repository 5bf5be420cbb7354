"""Defines the chat's commands: lines that begin with a slash."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from homeward import Reply, paths
from homeward.cli.chat.session import Talk
from homeward.cli.commands import forgetting
from homeward.cli.commands.why import sources_table
from homeward.cli.render import table
from homeward.memory.unremembered import told

_NOTHING_YET = "There is no reply yet. Ask something first."
_INCOGNITO = "This conversation is incognito and stores nothing. /incognito leaves it."


@dataclass(frozen=True, slots=True)
class Command:
    """One command: what it takes, what it does, and how to do it."""

    takes: str
    does: str
    run: Callable[[Talk, str], None]


def is_command(line: str) -> bool:
    """Whether `line` is a command; "/etc/hosts is wrong" is not."""
    return re.match(r"/[a-z]+(\s|$)", line) is not None


def run(talk: Talk, line: str) -> None:
    """Do what the command in `line` says."""
    name, _, argument = line.strip().partition(" ")
    command = COMMANDS.get(name)
    if command is None:
        talk.note(f"There is no command {name}. /help lists the commands.")
        return
    command.run(talk, argument.strip())


def _why(talk: Talk, _: str) -> None:
    if talk.last is None:
        talk.note(_NOTHING_YET)
        return
    found = sources_table(talk.assistant.profile, talk.last.reply.sources)
    if found is None:
        talk.note("This reply used nothing about you, and nothing was withheld.")
    else:
        talk.console.print(found)


def _remember(talk: Talk, text: str) -> None:
    if talk.incognito:
        talk.note(_INCOGNITO)
    elif not text:
        talk.note("/remember TEXT")
    else:
        made = talk.assistant.remember(text)
        if made:
            talk.note(f"Kept word for word: memory {', '.join(str(one.id) for one in made)}.")
        for line in told(made):
            talk.note(line)


def _image(talk: Talk, name: str) -> None:
    path = paths.expanded(name)
    if not name:
        talk.note("/image PATH")
    elif not path.is_file():
        talk.note("There is no such file. Give the path of an image.")
    else:
        talk.attach(path)
        talk.note("The image will be sent with your next message.")


def _forget(talk: Talk, what: str) -> None:
    def agreed(question: str) -> bool:
        return talk.read(f"{question} [y/N] ").strip().casefold() in {"y", "yes"}

    if not what:
        talk.note("/forget WORDS, or the number of a memory")
    elif forgetting.forget(talk.assistant, talk.console, what, agreed=agreed):
        talk.last = None  # its sources may be gone


def _incognito(talk: Talk, _: str) -> None:
    talk.turn_over(incognito=not talk.incognito)
    if talk.incognito:
        talk.note(
            "This is a new incognito conversation: it may use your profile and stores nothing."
        )
    else:
        talk.note("This is a new conversation, and it is stored.")


def _good(talk: Talk, _: str) -> None:
    _rate(talk, good=True)


def _bad(talk: Talk, _: str) -> None:
    _rate(talk, good=False)


def _rate(talk: Talk, *, good: bool) -> None:
    if talk.incognito:
        talk.note(_INCOGNITO)
    elif (said := _said(talk)) is not None:
        talk.assistant.feedback.rate(said, good=good)
        talk.note("Noted as a good reply." if good else "Noted as a bad reply.")


def _edit(talk: Talk, text: str) -> None:
    if talk.incognito:
        talk.note(_INCOGNITO)
    elif (said := _said(talk)) is not None:
        text = text or talk.read("How should it read? ").strip()
        if text and talk.assistant.feedback.edit(said, text) is not None:
            talk.last = None  # what was said there is not what stands there now
            talk.note("Your version replaced the reply, and the choice was stored.")
        else:
            talk.note("Nothing was changed.")


def _copy(talk: Talk, _: str) -> None:
    if (said := _said(talk)) is not None:
        talk.copy()
        talk.assistant.feedback.accept(said)
        talk.note("Copied, if your terminal lets programs copy.")


def _said(talk: Talk) -> Reply | None:
    """Return the last reply that says something; tell where there is none."""
    if talk.last is None or not talk.last.reply.text_so_far:
        talk.note(_NOTHING_YET)
        return None
    return talk.last.reply


def _retry(talk: Talk, _: str) -> None:
    pair = talk.retry()
    if pair is None:
        talk.note(_NOTHING_YET)
        return
    before, now = pair
    same = before.reply.text_so_far == now.reply.text_so_far
    if talk.incognito or same or not (before.reply.complete and now.reply.complete):
        talk.note(
            "The model wrote the same reply again."
            if same
            else "The new reply replaced the old one."
        )
        return
    answer = talk.read("Which is better, 1 the first or 2 the second? [Enter: neither] ").strip()
    if answer == "1":
        talk.settle(before, now)
    elif answer == "2":
        talk.settle(now, before)
    else:
        talk.note("The new reply was kept.")
        return
    talk.note(f"Reply {answer} was kept, and the choice was stored.")


def _help(talk: Talk, _: str) -> None:
    rows = [(f"{name} {one.takes}".strip(), one.does) for name, one in COMMANDS.items()]
    talk.console.print(table(["", ""], [*rows, ("Ctrl-C", "stop a reply"), ("Ctrl-D", "leave")]))


def _quit(talk: Talk, _: str) -> None:
    talk.over = True


COMMANDS: dict[str, Command] = {
    "/why": Command("", "show what the last reply used, and what was withheld", _why),
    "/image": Command("PATH", "send an image with the next message", _image),
    "/remember": Command("TEXT", "store a text word for word", _remember),
    "/forget": Command(
        "TEXT|NUMBER", "erase everything with these words, after showing it", _forget
    ),
    "/good": Command("", "rate the last reply as good", _good),
    "/bad": Command("", "rate the last reply as bad", _bad),
    "/edit": Command("[TEXT]", "replace the last reply by your own version", _edit),
    "/copy": Command("", "copy the last reply", _copy),
    "/retry": Command("", "answer again, then choose the better reply", _retry),
    "/incognito": Command("", "start or leave a conversation that is not stored", _incognito),
    "/help": Command("", "show this", _help),
    "/quit": Command("", "leave", _quit),
}
