"""`homeward memories …` lists, reviews and forgets memories."""

from collections.abc import Iterable
from itertools import islice
from typing import Annotated

import typer
from rich.progress import Progress

from homeward import Memory, UseContext, models
from homeward.cli.commands import forgetting
from homeward.cli.listing import AsJson, Row, Shown, listed
from homeward.cli.options import (
    AUDIENCE,
    PURPOSE,
    AddTags,
    Audience,
    Purpose,
    RemoveTags,
    Tags,
    options,
    retagged,
)
from homeward.cli.render import day, one_line, plain, stderr, stdout
from homeward.cli.terminal import agreed
from homeward.cli.text_input import Question, Text, What, given
from homeward.cli.unlock import opened
from homeward.memory.unremembered import told
from homeward_store import MemoryId

Number = Annotated[int, typer.Argument(help="The memory's number, as `memories list` shows it.")]

app = typer.Typer(help="See, add and forget memories.", no_args_is_help=True)


@app.command("list")
def list_(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, help="The most entries to show, newest first.")] = 20,
    audience: Annotated[
        str | None,
        typer.Option(help="Show only what this audience may see; by default everything."),
    ] = None,
    purpose: Purpose = PURPOSE,
    as_json: AsJson = False,
) -> None:
    """List memories, newest first."""
    with opened(options(context)) as assistant:
        found = assistant.profile.memories.all()
        if audience is not None:
            found = filter(assistant.gate.asked(None, UseContext(audience, purpose)).admits, found)
        newest = sorted(found, key=lambda one: one.id, reverse=True)
        _show(islice(newest, limit), as_json=as_json)
        if len(newest) > limit:
            stderr().print(f"{len(newest) - limit} older ones are not shown; see --limit.")


@app.command()
def search(
    context: typer.Context,
    query: Question = None,
    *,
    audience: Audience = AUDIENCE,
    purpose: Purpose = PURPOSE,
    as_json: AsJson = False,
) -> None:
    """Show what would be quoted to the model for a question, best first; often nothing."""
    asked = given(query)
    with opened(options(context)) as assistant:
        found = assistant.recall(asked, use_context=UseContext(audience, purpose))
        _show((recalled.memory for recalled in found), as_json=as_json)


@app.command()
def embedder(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            help="The embedding model to use, such as e5-small; `models pull` it first."
        ),
    ] = None,
) -> None:
    """Show which model memories are compared with, or change it, embedding all of them anew."""
    with opened(options(context)) as assistant:
        if name is None:
            stdout().print(plain(assistant.embedding.name or models.DEFAULT_EMBEDDING))
            return
        with Progress(console=stderr(), transient=True) as bar:
            task = bar.add_task("embedding memories", total=None)
            changed = assistant.embedding.change(
                name, progress=lambda done, total: bar.update(task, completed=done, total=total)
            )
        stdout().print(plain(f"{name}: in use; {changed} memories were embedded"))


@app.command()
def add(context: typer.Context, text: Text = None) -> None:
    """Store a text word for word, and show which parts become no memory, and why."""
    written = given(text)
    with opened(options(context)) as assistant:
        made = assistant.remember(written)
        if made:
            _show(made)
        for line in told(made):
            stderr().print(plain(line))


@app.command("unremembered")
def unremembered(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, help="The most entries to show, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """
    List the texts of which some part became no memory, and why.

    They are kept as you gave them and quoted to nobody. `homeward memories forget "note 3"`
    erases one.
    """
    with opened(options(context)) as assistant:
        rows: list[Row] = [
            {
                "original": " ".join(map(str, one.source)),
                "text": Shown(one.text, one_line(one.text)),
                "not_remembered_because": "; ".join(
                    dict.fromkeys(part.says for part in one.unremembered)
                ),
                "given": one.at,
            }
            for one in assistant.unremembered(limit=limit)
        ]
    listed(rows, as_json=as_json, nothing="There are no such texts.")


@app.command()
def tag(
    context: typer.Context,
    number: Number,
    tags: Tags = None,
    *,
    add: AddTags = None,
    remove: RemoveTags = None,
) -> None:
    """Replace or change the tags of a memory, which `homeward rules` go by."""
    with opened(options(context)) as assistant:
        found = assistant.profile.memories.get([MemoryId(number)])
        there = [tag for memory in found for tag in memory.tags]
        assistant.tag(MemoryId(number), *retagged(there, tags, add, remove))
        _show(assistant.profile.memories.get([MemoryId(number)]))


@app.command("still-true")
def still_true(context: typer.Context, number: Number) -> None:
    """Mark a memory as still true, although a newer one replaced it."""
    with opened(options(context)) as assistant:
        assistant.profile.memories.reinstate(MemoryId(number))
        _show(assistant.profile.memories.get([MemoryId(number)]))


@app.command()
def review(
    context: typer.Context,
    *,
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Whether new memories wait for your review.")
    ] = None,
    accept: Annotated[list[int] | None, typer.Option(help="A number; may be repeated.")] = None,
    reject: Annotated[list[int] | None, typer.Option(help="A number; may be repeated.")] = None,
) -> None:
    """List the memories that wait for your review; accept or reject them by number."""
    with opened(options(context)) as assistant:
        if on is not None:
            assistant.wishes.set_review(on=on)
        for number in accept or ():
            assistant.review.accept(MemoryId(number))
        for number in reject or ():
            assistant.review.reject(MemoryId(number))
        _show(assistant.review.waiting())


@app.command()
def deny(
    context: typer.Context,
    topics: Annotated[
        list[str] | None,
        typer.Argument(
            help="Words, or beginnings of words; - reads them from standard input, one a line."
        ),
    ] = None,
    *,
    none: Annotated[bool, typer.Option("--none", help="Remove all denied topics.")] = False,
) -> None:
    """Set the topics that are never remembered; without arguments, show them."""
    if topics == ["-"]:
        topics = given("-").splitlines()
    with opened(options(context)) as assistant:
        if topics or none:
            went_off = assistant.wishes.deny(*(topics or ()))
            if went_off:
                stdout().print(plain(_switched_off(went_off)))
        denied = assistant.wishes.denied_topics()
        for topic in denied:
            stdout().print(plain(topic))
    if not denied:
        stderr().print("No topic is denied.")


def _switched_off(what: tuple[str, ...]) -> str:
    return (
        f"Switched off, because it was learned from texts about this: {', '.join(what)}. "
        "Learning anew leaves those texts out: homeward learn"
    )


@app.command()
def derive(context: typer.Context) -> None:
    """Let the language model extract facts from what you said, if it passes a self-test."""
    with opened(options(context)) as assistant:
        derived = assistant.derive_facts()
        tested = derived.self_test
        if not tested.passed:
            stderr().print(
                f"The model got {tested.right} of {tested.of} in its self-test: it is not asked."
                " What you say is kept word for word all the same."
            )
        _show(derived.memories)


@app.command()
def forget(
    context: typer.Context,
    what: What = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Show what would be erased, ask you, erase it for good and print the receipt."""
    named = given(what)
    with opened(options(context)) as assistant:
        consent = (lambda _: True) if yes else agreed
        forgetting.forget(assistant, stdout(), named, agreed=consent)


def _show(memories: Iterable[Memory], *, as_json: bool = False) -> None:
    listed(map(_row, memories), as_json=as_json, nothing="There are no such memories.")


def _row(memory: Memory) -> Row:
    until = f" to {day(memory.valid_until)}" if memory.valid_until else ""
    return {
        "number": memory.id,
        "text": Shown(memory.text, one_line(memory.text)),
        "tags": memory.tags,
        "from": memory.source.kind.value,
        "said": Shown(memory.said_at, day(memory.said_at) + until),
    }
