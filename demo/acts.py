"""
The two acts of the demo, each played in a process of its own. They print what the model says.

Nothing is staged: an answer counts as right only if the expected word is in it.
"""

import os
from collections.abc import Iterator

from rich.box import ROUNDED
from rich.console import Console
from rich.table import Table
from rich.text import Text

from demo.person import KEY, QUESTIONS, SAMPLING, Question, introduce
from homeward import Assistant, Sources
from homeward.cli.commands import forgetting
from homeward.cli.render import one_line, plain
from homeward_store import Profile


def meet(ada: Assistant, console: Console) -> bool:
    """Tell a new assistant about Ada, and ask it without and with what it knows."""
    scene(console, "A new profile, encrypted. Ada tells it a few things:")
    introduce(ada)
    profile = ada.profile
    for attribute in profile.attributes.all():
        console.print(plain(f"  attribute  {attribute.key}: {attribute.value}"))
    for memory in profile.memories.all():
        console.print(Text(f"  {memory.source.kind.value:9}  ") + one_line(memory.text, width=80))
    scene(console, "Six questions, without and with personalization:")
    right = dict.fromkeys((False, True), 0)
    for question in QUESTIONS:
        for personal, answer in _side_by_side(ada, console, question).items():
            right[personal] += question.word.casefold() in answer.casefold()
    console.print(
        f"Right without: {right[False]} of {len(QUESTIONS)}. With: {right[True]} of "
        f"{len(QUESTIONS)}.",
        style="bold",
    )
    return True


def come_back(ada: Assistant, console: Console) -> bool:
    """Ask again in a new process, forget one thing, and look for it everywhere."""
    scene(console, f"Another process, number {os.getpid()}, opens the profile. It still knows:")
    for question in (QUESTIONS[1], KEY):
        answer = _ask(ada, question)
        console.print(plain(question.text, style="bold"), Text("  "), _marked(answer, question))
    scene(console, f"Ada wants the key forgotten: everything that holds {KEY.word!r}.")
    before = sum(KEY.word in text for text in everything(ada.profile))
    forgetting.forget(ada, console, KEY.word, agreed=lambda _: True)
    scene(console, "It is gone:")
    answer = _ask(ada, KEY)
    console.print(plain(KEY.text, style="bold"), Text("  "), plain(" ".join(answer.split())))
    after = sum(KEY.word in text for text in everything(ada.profile))
    console.print(f"Records that hold {KEY.word!r}: {before} before, {after} now.")
    recalled = [one for one in ada.recall(KEY.text) if KEY.word in one.memory.text]
    console.print(f"Memories recalled for the question that hold it: {len(recalled)}.")
    return before > 0 and after == 0 and not recalled and KEY.word not in answer


def scene(console: Console, what: str) -> None:
    """Print a headline."""
    console.print()
    console.rule(Text(what, style="bold"), align="left")


def everything(profile: Profile) -> Iterator[str]:
    """Yield every text that the profile gives out, decrypted."""
    for attribute in profile.attributes.all():
        yield from (f"{old.key} {old.value}" for old in profile.attributes.history(attribute.key))
    for turn in profile.turns.latest(profile.turns.count()):
        yield turn.text
    for memory in profile.memories.all():
        yield f"{memory.context} {memory.text}"
    yield from (note.text for note in profile.notes.all())
    yield from (f"{writing.title} {writing.text}" for writing in profile.writings.all())
    for choice in profile.choices.all():
        yield f"{choice.prompt} {choice.chosen} {choice.rejected}"


def _side_by_side(ada: Assistant, console: Console, question: Question) -> dict[bool, str]:
    with ada.conversation(incognito=True) as alone:
        without = alone.ask(question.text, sampling=SAMPLING, personalize=False).text
    with ada.conversation() as conversation:
        reply = conversation.ask(question.text, sampling=SAMPLING)
        with_ = reply.text
    table = Table(
        title=plain(question.text),
        title_justify="left",
        title_style="bold",
        box=ROUNDED,
        width=min(100, console.width),
    )
    table.add_column("without", ratio=1)
    table.add_column("with", ratio=1)
    table.add_row(_marked(without, question), _marked(with_, question))
    table.add_section()
    table.add_row(Text(), Text("from ", style="dim") + _sources(reply.sources, question))
    console.print(table)
    return {False: without, True: with_}


def _ask(ada: Assistant, question: Question) -> str:
    with ada.conversation() as conversation:
        return conversation.ask(question.text, sampling=SAMPLING).text


def _marked(answer: str, question: Question) -> Text:
    """Return the answer with the expected word underlined, and whether it is in it."""
    text = plain(" ".join(answer.split()))
    found = text.highlight_words([question.word], "bold green underline", case_sensitive=False)
    return text + (Text("  ✓", style="green") if found else Text("  ✗", style="red"))


def _sources(sources: Sources, question: Question) -> Text:
    """Return the sources, those that hold the expected word first."""
    named = [
        *(f"attribute {one.key}: {one.value}" for one in sources.attributes),
        *(f"{one.source.kind.value} {one.source.id}: {one.text}" for one in sources.memories),
    ]
    named.sort(key=lambda one: question.word.casefold() not in one.casefold())
    first = one_line(named[0], width=400) if named else Text("nothing")
    return first + Text(f" (and {len(named) - 1} more)" if len(named) > 1 else "", style="dim")
