"""`homeward taste` shows what your choices say about replies, and lets you correct it."""

from collections import Counter
from collections.abc import Callable
from typing import Annotated

import typer
from rich.padding import Padding
from rich.progress import Progress
from rich.text import Text

from homeward import Assistant
from homeward.cli.commands.consent import consents
from homeward.cli.errors import FAILED
from homeward.cli.options import options
from homeward.cli.render import one_line, plain, stderr, stdout, table
from homeward.cli.terminal import agreed
from homeward.cli.unlock import opened
from homeward.learning.paired_trial import TrialVerdict
from homeward.taste import Learned, Taste, tuning_pairs
from homeward.taste.trial import TasteTrial
from homeward_store import Category, ChoiceId, ChoiceSource

app = typer.Typer(help="See what your choices say about the replies you like, and correct it.")

_HALF = 12  # characters of the chart on each side of zero
_SHOWN = 3  # choices named for each weight
_REASONS = 10  # choices shown for one weight
_KEY = (
    "● weight, ─ 95 % interval; perhaps: the interval includes 0. `homeward taste "
    "why NAME` shows the choices."
)
_LEAST_PART = 0.005  # of a weight; what moved it less is left out
_KEYS = {"a": "first", "b": "second", "e": "equal", "s": "skip", "q": "quit"}

Name = Annotated[
    str, typer.Argument(help="A weight's name, from the first column of `homeward taste`.")
]


@app.callback(invoke_without_command=True)
def show(context: typer.Context) -> None:
    """Show every weight: which way, how sure, and the choices that it was learned from."""
    if context.invoked_subcommand is not None:
        return
    with opened(options(context)) as assistant:
        if not consents(assistant, Category.CHOICES, agree=agreed):
            return
        taste = assistant.taste.learn()
        stdout().print(chart(taste))
        stdout().print(plain(_KEY, "dim"))
        stdout().print(f"{counted(assistant)} {used(assistant.taste.last_trial)}")


def counted(assistant: Assistant) -> str:
    """Show how many choices of each kind you made, and which kinds are off."""
    counts = Counter(choice.source for choice in assistant.taste.choices())
    strengths = assistant.taste.strengths()
    kinds = [
        f"{count} {source.value}{'' if strengths[source] else ' (off)'}"
        for source, count in sorted(counts.items())
    ]
    return f"{counts.total()} choices{': ' * bool(kinds)}{', '.join(kinds)}."


def used(trial: TasteTrial | None) -> str:
    """Show what taste is used for since its trial."""
    if trial is None:
        return "Not used for replies yet. `homeward taste trial` measures whether it helps."
    uses = [
        *(["examples of your choices"] if trial.use_examples else []),
        *(["picking among drafts"] if trial.use_drafts else []),
    ]
    return f"Used for replies: {' and '.join(uses) or 'no, it did not win its trial or is off'}."


@app.command()
def trial(context: typer.Context) -> None:
    """Test on your newest choices whether taste helps replies, and use it if it does."""
    with opened(options(context)) as assistant:
        if not consents(assistant, Category.CHOICES, agree=agreed):
            return
        with Progress(console=stderr(), transient=True) as progress:
            task = progress.add_task("trying")

            def report(done: int, of: int) -> None:
                progress.update(task, completed=done, total=of)

            tried = assistant.taste.trial(report=report)
    rows = [
        ("examples of your choices", *_verdict(tried.examples, used=tried.use_examples)),
        ("picking among drafts", *_verdict(tried.drafts, used=tried.use_drafts)),
    ]
    stdout().print(table(["use", "wrong picks fewer", "is"], rows))


def _verdict(verdict: TrialVerdict, *, used: bool) -> tuple[str, str]:
    gain = f"{verdict.gain:+.0%} [{verdict.low:+.0%}, {verdict.high:+.0%}], {verdict.items} choices"
    return gain, "used" if used else "not used: it did not win"


@app.command()
def on(context: typer.Context) -> None:
    """Switch taste on for replies, whatever its trial showed."""
    _switch(context, on=True)


@app.command()
def off(context: typer.Context) -> None:
    """Keep learning your taste, but do not use it for replies."""
    _switch(context, on=False)


def _switch(context: typer.Context, *, on: bool) -> None:
    with opened(options(context)) as assistant:
        if assistant.taste.switch(examples=on, drafts=on) is None:
            stderr().print("Run `homeward taste trial` first.")
            raise typer.Exit(FAILED)


@app.command()
def count(
    context: typer.Context,
    kind: Annotated[ChoiceSource, typer.Argument(help="The kind of choice, by how it was made.")],
    strength: Annotated[
        float,
        typer.Argument(
            min=0,
            max=1,
            help="How much a choice of this kind counts, from 0 to 1; 0 switches it off.",
        ),
    ],
) -> None:
    """Set how much a choice of one kind counts; 1 is a choice between two replies."""
    with opened(options(context)) as assistant:
        assistant.taste.count(kind, strength)


@app.command()
def why(context: typer.Context, name: Name) -> None:
    """Show the choices that a weight was learned from, and how far each moved it."""
    with opened(options(context)) as assistant:
        stdout().print(reasons(assistant, name))


def reasons(assistant: Assistant, name: str) -> object:
    """Lay out the choices that moved a weight most, strongest first."""
    found = {one.name: one for one in assistant.taste.learn().explain()}
    if name not in found:
        raise typer.BadParameter(f"no weight is called {name}")
    rows = [
        (f"#{number}", f"{part:+.2f}", _said(choice.chosen), _said(choice.rejected))
        for number, part in found[name].evidence[:_REASONS]
        if abs(part) >= _LEAST_PART and (choice := assistant.profile.choices.get(ChoiceId(number)))
    ]
    return table(["choice", "moved it by", "you liked", "more than"], rows)


def _said(reply: str) -> Text:
    return one_line(reply, width=60) if reply else plain("a reply as usual", "dim")


@app.command("set", context_settings={"ignore_unknown_options": True})  # -1 is a number
def set_(
    context: typer.Context,
    name: Name,
    weight: Annotated[
        float, typer.Argument(min=-3, max=3, help="Weight from -3 to 3; 0 means no preference.")
    ],
) -> None:
    """Overrule a weight; choices no longer move it."""
    with opened(options(context)) as assistant:
        try:
            assistant.taste.overrule(name, weight)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
    stderr().print(f"Set to {weight:+g}. `homeward taste undo {name}` lets choices decide again.")


@app.command()
def undo(context: typer.Context, name: Name) -> None:
    """Undo `set`, so that your choices decide the weight again."""
    with opened(options(context)) as assistant:
        if not assistant.taste.trust_choices(name):
            stderr().print("You had not set this weight; nothing was changed.")


def tune(
    context: typer.Context,
    *,
    questions: Annotated[int, typer.Option(min=1, max=40, help="How many questions to ask.")] = 8,
) -> None:
    """Answer a few questions about which of two replies you like better."""
    with opened(options(context)) as assistant:
        if consents(assistant, Category.CHOICES, agree=agreed):
            asked = ask_questions(assistant, questions, read=input)
            if asked:
                stdout().print()
                stdout().print(chart(assistant.taste.learn(), only_clearest=_SHOWN))


def ask_questions(assistant: Assistant, count: int, *, read: Callable[[str], str]) -> int:
    """Ask the most informative pairs, one after the other; return how many were answered."""
    left, answered, console = tuning_pairs(), 0, stdout()
    while answered < count and left:
        pair = left.pop(assistant.taste.next_question(assistant.taste.learn(), left))
        console.print(plain(f"\n{answered + 1} of {count}", "dim"))
        console.print(plain(pair.prompt, "bold"))
        for key, reply in (("a", pair.first), ("b", pair.second)):
            console.print(plain(f"({key})", "bold cyan"))
            console.print(Padding(plain(reply), (0, 0, 0, 4)))
        match _answer(read):
            case "quit":
                break
            case "skip":
                continue
            case "second":
                chosen, rejected, source = pair.second, pair.first, ChoiceSource.EXPLICIT
            case answer:
                chosen, rejected = pair.first, pair.second
                source = ChoiceSource.EQUAL if answer == "equal" else ChoiceSource.EXPLICIT
        # Past `prefer`, which would make it a memory: these questions were not the person's own.
        assistant.profile.choices.add(pair.prompt, chosen, rejected, source=source)
        answered += 1
    return answered


def chart(taste: Taste, *, only_clearest: int | None = None) -> object:
    """Lay out weights as a table with a bar each; directions of meaning only where clear."""
    learned = [one for one in taste.explain() if one.clear or not one.name.startswith("meaning")]
    largest = max([abs(bound) for one in learned for bound in (one.low, one.high)], default=1.0)
    rows = [_row(one, largest) for one in learned[:only_clearest]]
    scale = f"less {'─' * (_HALF - 6)} 0 {'─' * (_HALF - 6)} more"
    columns = ["", "you like", scale, "learned from"]
    return table(columns, rows)


def _row(one: Learned, largest: float) -> tuple[str, str | Text, Text, str]:
    says = one.says if one.clear else f"perhaps {one.says}"
    if one.weight == 0 and not one.pinned:
        says = "not known yet"
    bar = _bar(one.low, one.weight, one.high, largest)
    return one.name, plain(says, "" if one.clear else "dim"), bar, _why(one)


def _why(one: Learned) -> str:
    if one.pinned:
        return "you set it"
    helped = [choice for choice, part in one.evidence if part * one.weight > 0]
    return " ".join(f"#{choice}" for choice in helped[:_SHOWN])


def _bar(low: float, weight: float, high: float, largest: float) -> Text:
    """Draw an interval as a line with a dot at the weight, around a zero in the middle."""
    places = [round(_HALF + _HALF * value / largest) for value in (low, weight, high)]
    cells = ["─" if places[0] <= at <= places[2] else " " for at in range(2 * _HALF + 1)]
    cells[_HALF] = "┼" if cells[_HALF] == "─" else "│"
    cells[places[1]] = "●"
    return Text("".join(cells))


def _answer(read: Callable[[str], str]) -> str:
    while True:
        try:
            key = read("(a), (b), (e)qually good or bad, (s)kip, (q)uit: ").strip().casefold()[:1]
        except EOFError:
            return "quit"
        if key in _KEYS:
            return _KEYS[key]
