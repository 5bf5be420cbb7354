"""`homeward why` shows the person what a reply was built on and what was withheld."""

from typing import Annotated

import typer
from rich.table import Table

from homeward import Memory, Sources
from homeward.cli.options import options
from homeward.cli.render import day, one_line, plain, stderr, stdout, table
from homeward.cli.unlock import opened
from homeward.conversation.sources import in_words
from homeward.errors import InvalidArgument
from homeward.prompting import prompt
from homeward_store import (
    Attribute,
    AttributeId,
    AttributeValue,
    Choice,
    LearnedUse,
    MemoryId,
    Profile,
    SourceKind,
    Turn,
    TurnId,
    Withheld,
)


def why(
    context: typer.Context,
    turn: Annotated[
        int | None, typer.Argument(help="The reply's number; by default the last one.")
    ] = None,
) -> None:
    """Show what a reply was built on, and what was withheld by which rule."""
    with opened(options(context)) as assistant:
        profile = assistant.profile
        asked = profile.turns.latest(1) if turn is None else [profile.turns.get(TurnId(turn))]
        if not asked or asked[0] is None:
            raise InvalidArgument(_no_reply(turn))
        found = sources_table(profile, assistant.why(asked[0].id))
    if found is None:
        stderr().print("This reply used nothing about you, and nothing was withheld.")
    else:
        stdout().print(found)


def _no_reply(turn: int | None) -> str:
    if turn is None:
        return "there is no reply yet; `homeward ask` and `homeward chat` make some"
    return f"there is no reply {turn}; without a number, `homeward why` shows the last one"


def sources_table(profile: Profile, sources: Sources) -> Table | None:
    """Return one row for each thing used or withheld; None where there was nothing."""
    rows = [
        *_used(sources, ""),
        *(("before it", *_turn(one)) for one in sources.turns),
        *(_used(sources.through, "through it ") if sources.through else ()),
        *(_withheld(profile, one) for one in sources.withheld),
    ]
    return table(["use", "what", "says", "from"], rows) if rows else None


def _used(sources: Sources, how: str) -> list[tuple[str, str, str, str]]:
    """Return the rows of what a prompt held; `how` it came there, if not by itself."""
    earlier, asked = (sources.turns, "an earlier question") if how else ((), "your question")
    return [
        *((f"{how}used", *_attribute(one)) for one in sources.attributes),
        *((f"{how}used", *_memory(one)) for one in sources.memories),
        *((f"{how}used", *_turn(one)) for one in earlier),
        *((f"{how}seen", "image", one_line(name).plain, asked) for name in sources.images),
        *((f"{how}shown", *_example(one)) for one in sources.examples),
        *((f"{how}made with", *_learned(one)) for one in sources.learned),
    ]


def _attribute(attribute: Attribute) -> tuple[str, str, str]:
    says = f"{attribute.key}: {shown(attribute.value)}"
    return "attribute", says, f"{attribute.origin.value}, {day(attribute.learned_at)}"


def _memory(memory: Memory) -> tuple[str, str, str]:
    source = f"{memory.source.kind.value} {memory.source.id}, {day(memory.said_at)}"
    return f"memory {memory.id}", one_line(memory.text).plain, source


def _example(choice: Choice) -> tuple[str, str, str]:
    says = one_line(f"{choice.prompt} → {choice.chosen}").plain
    return f"choice {choice.id}", says, f"{choice.source.value}, {day(choice.chosen_at)}"


def _turn(turn: Turn) -> tuple[str, str, str]:
    says = one_line(f"{turn.asked} → {turn.replied}").plain
    return f"turn {turn.id}", says, f"said before, {day(turn.asked_at)}"


def _learned(use: LearnedUse) -> tuple[str, str, str]:
    return use.kind.value, in_words(use), "trained on this device"


def _withheld(profile: Profile, withheld: Withheld) -> tuple[str, str, str, str]:
    if withheld.id is None:
        return "withheld", f"every {withheld.kind.value}", "", f"rule: {withheld.rule}"
    what, says = f"{withheld.kind.value} {withheld.id}", ""
    if withheld.kind is SourceKind.ATTRIBUTE:
        found = profile.attributes.by_id(AttributeId(withheld.id))
        what, says, _ = _attribute(found) if found else (what, "", "")
    else:
        for memory in profile.memories.get([MemoryId(withheld.id)]):
            what, says, _ = _memory(memory)
    return "withheld", what, says, f"rule: {withheld.rule}"


def shown(value: AttributeValue) -> str:
    """Return an attribute's value as text that is safe to print."""
    return plain(prompt.shown(value)).plain
