"""Forgets at the terminal: shows what would go, asks, and prints the receipt."""

import re
from collections.abc import Callable, Iterator

from rich.console import Console

from homeward import Assistant, Erasure, Receipt, Selection
from homeward.cli.commands.why import shown
from homeward.cli.render import minute, one_line, table
from homeward.errors import InvalidArgument
from homeward_store import (
    AttributeId,
    ChoiceId,
    MemoryId,
    NoteId,
    Plan,
    SourceKind,
    TurnId,
    WritingId,
)

_MOST_SHOWN = 12  # rows; a plan of hundreds is summed up by its counts


_ORIGINALS: dict[str, Callable[[int], Selection]] = {
    "note": lambda number: Selection(notes=(NoteId(number),)),
    "writing": lambda number: Selection(writings=(WritingId(number),)),
    "turn": lambda number: Selection(turns=(TurnId(number),)),
    "choice": lambda number: Selection(choices=(ChoiceId(number),)),
}


def forget(
    assistant: Assistant, console: Console, what: str, *, agreed: Callable[[str], bool]
) -> Receipt | None:
    """Forget the memory of this number, or all that holds these words, once `agreed` says yes."""
    selection = selected(what)
    plan = assistant.profile.plan(selection)
    if not plan.counts():
        console.print("Nothing matches this. Nothing was changed.")
        return None
    show_plan(assistant, console, plan)
    if not agreed("Erase this for good?"):
        console.print("Nothing was changed.")
        return None
    receipt = assistant.forget(selection)
    show_receipt(console, receipt)
    return receipt


def selected(what: str) -> Selection:
    """
    Return what `what` names: a memory by its number, an original ("note 3"), else all its words.

    Raises:
        InvalidArgument: it names nothing.
    """
    if not what.strip():
        raise InvalidArgument('nothing was given: give the number of a memory, "note 3", or words')
    if what.strip().isdecimal():
        return Selection(memories=(MemoryId(int(what)),))
    if original := re.fullmatch(r"\s*(note|writing|turn|choice) (\d{1,18})\s*", what):
        return _ORIGINALS[original[1]](int(original[2]))
    return Selection(topic=what)


def show_plan(assistant: Assistant, console: Console, plan: Plan) -> None:
    """Print what an erasure would take."""
    rows = list(_rows(assistant, plan))
    console.print(table(["would go", "says"], rows[:_MOST_SHOWN]))
    if len(rows) > _MOST_SHOWN:
        console.print(f"… and {len(rows) - _MOST_SHOWN} more")
    if plan.replies:
        console.print(f"{_number(len(plan.replies), 'reply')} built on it would be emptied.")


def show_receipt(console: Console, receipt: Receipt) -> None:
    """Print what was erased and whether it is final."""
    erased = ", ".join(_number(count, kind) for kind, count in receipt.erased)
    console.print(f"Receipt {receipt.id}, {minute(receipt.at)}: erased {erased}.")
    if receipt.stale:
        derived = ", ".join(_number(count, kind) for kind, count in receipt.stale)
        console.print(f"Also destroyed, because it was made from the above: {derived}.")
    if receipt.state is Erasure.PENDING:
        console.print("Pending: a reader still holds older pages; the next opening completes it.")
    else:
        console.print(f"Complete, and signed: {receipt.signature[:16]}…")


def _rows(assistant: Assistant, plan: Plan) -> Iterator[tuple[str, str]]:
    profile = assistant.profile
    for number in sorted(plan.attributes):
        if attribute := profile.attributes.by_id(AttributeId(number)):
            yield "attribute", f"{attribute.key}: {shown(attribute.value)}"
    for note in filter(None, (profile.notes.get(NoteId(one)) for one in sorted(plan.notes))):
        yield f"note {note.id}", one_line(note.text).plain
    for turn in filter(None, (profile.turns.get(TurnId(one)) for one in sorted(plan.turns))):
        yield f"turn {turn.id}", one_line(turn.asked).plain
    for choice in filter(None, (profile.choices.get(ChoiceId(n)) for n in sorted(plan.choices))):
        yield f"choice {choice.id}", one_line(choice.prompt).plain
    for text in filter(None, (profile.writings.get(WritingId(n)) for n in sorted(plan.writings))):
        yield f"writing {text.id}", one_line(text.title or text.text).plain
    for memory in profile.memories.get([MemoryId(one) for one in sorted(plan.memories)]):
        what = "passage" if memory.source.kind is SourceKind.WRITING else "memory"
        yield f"{what} {memory.id}", one_line(memory.text).plain


def _number(count: int, kind: str) -> str:
    plural = {"memory": "memories", "reply": "replies"}.get(kind, f"{kind}s")
    return f"{count} {kind if count == 1 else plural}"
