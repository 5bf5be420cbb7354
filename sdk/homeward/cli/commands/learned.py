"""`homeward learn` trains on the profile; `homeward learned …` shows and switches the result."""

import signal
from threading import Event
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from homeward import Assistant, Sampling
from homeward.cli.commands.consent import consents
from homeward.cli.errors import FAILED, INTERRUPTED
from homeward.cli.listing import AsJson, Row, Shown, listed
from homeward.cli.options import options
from homeward.cli.render import stderr, stdout, table
from homeward.cli.terminal import agreed
from homeward.cli.text_input import Question, given
from homeward.cli.unlock import opened
from homeward.learning.controls import Controls, TrainingProgress as Step
from homeward.learning.soft_prompt_store import SavedSoftPrompt, TrainingResult
from homeward_store import Category, Purpose

app = typer.Typer(
    help="See the trained style of your writing, and switch it on or off.", no_args_is_help=True
)

_BARS = " ▁▂▃▄▅▆▇█"
_NOTHING = "Nothing was trained for this model yet. Run `homeward learn`."


def learn(
    context: typer.Context,
    *,
    seconds: Annotated[
        float | None,
        typer.Option(
            min=1, help="The most processor seconds to use; the next run continues from there."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Agree without being asked.")] = False,
) -> None:
    """Train on your writings and choices, and use the result if it wins a trial."""
    with opened(options(context)) as assistant:
        agree = (lambda _: True) if yes else agreed
        asked = consents(assistant, Category.WRITINGS, Category.CHOICES, agree=agree)
        permits = assistant.profile.consent.allows
        if not asked and not permits(Purpose.LEARN, Category.WRITINGS):
            raise typer.Exit(FAILED)  # a no to choices alone leaves them out
        trained = _learn(assistant, seconds)
    if not trained.finished:
        stderr().print("Stopped. Run `homeward learn` again to continue from here.")
        raise typer.Exit(INTERRUPTED)
    _show(trained.state)


def _learn(assistant: Assistant, seconds: float | None) -> TrainingResult:
    cancel = Event()
    before = signal.signal(signal.SIGINT, lambda *_: cancel.set())
    try:
        with _progress() as progress:
            task = progress.add_task("learning", total=1.0, note="")

            def report(step: Step) -> None:
                left = max(0.0, step.expected_cpu_seconds - step.cpu_seconds)
                note = f"held-back loss {step.held_loss:.3f}, at most {left:.0f} s left"
                done = (step.epoch + step.step / step.steps) / step.epochs
                progress.update(task, completed=done, note=note)

            return assistant.learn(Controls(cancel=cancel, budget=seconds, report=report))
    finally:
        signal.signal(signal.SIGINT, before)


@app.command("list")
def list_all(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the trained styles, one line for each language model."""
    with opened(options(context)) as assistant:
        states = assistant.learned_for_all_models
        current = assistant.learned
    rows: list[Row] = [
        {
            "model": _model(state),
            "in_use": _use(state, current),
            "trial_nats": _gain(state),
            "texts": len(state.record.learned_from),
            "learned": Shown(state.record.learned_at, state.record.learned_at[:10]),
        }
        for state in states
    ]
    listed(rows, as_json=as_json, nothing=_NOTHING)
    if not states:
        raise typer.Exit(FAILED)


@app.command()
def show(context: typer.Context) -> None:
    """Show how much a style was trained on, its trial's result, and whether it is on."""
    with opened(options(context)) as assistant:
        _show(_found(assistant.learned))


@app.command()
def on(context: typer.Context) -> None:
    """Switch the trained style on, whatever its trial showed."""
    _switch(context, on=True)


@app.command()
def off(context: typer.Context) -> None:
    """Switch the trained style off, but keep it."""
    _switch(context, on=False)


@app.command()
def compare(
    context: typer.Context,
    question: Question = None,
    *,
    max_tokens: Annotated[int, typer.Option(min=1, help="The most tokens of each reply.")] = 120,
) -> None:
    """Answer a question without and with the trained style. Nothing is stored."""
    asked = given(question)
    with opened(options(context)) as assistant:
        was = _found(assistant.learned).on
        try:
            rows = [
                (name, _answer(assistant, asked, max_tokens, on=name == "on"))
                for name in ("off", "on")
            ]
        finally:
            assistant.switch_learned(on=was)
    stdout().print(table(["learned", "reply"], rows))


def _answer(assistant: Assistant, question: str, max_tokens: int, *, on: bool) -> str:
    assistant.switch_learned(on=on)
    sampling = Sampling(temperature=0, max_tokens=max_tokens)
    with assistant.conversation(incognito=True) as conversation:
        return conversation.ask(question, sampling=sampling).text


def _switch(context: typer.Context, *, on: bool) -> None:
    with opened(options(context)) as assistant:
        _found(assistant.switch_learned(on=on))


def _found(state: SavedSoftPrompt | None) -> SavedSoftPrompt:
    if state is None:
        stderr().print(_NOTHING)
        raise typer.Exit(FAILED)
    return state


def _show(state: SavedSoftPrompt) -> None:
    record, verdict = state.record, state.record.verdict
    curve = record.curve
    rows = [
        ("in use", "yes" if state.on else "no"),
        ("trial", f"{_gain(state)} nats"),
        ("tried on", f"{verdict.items} newest texts: {'won' if verdict.wins else 'did not win'}"),
        (
            "learned from",
            f"{len(record.learned_from)} texts, {len(record.preferred)} of them choices of two",
        ),
        (
            "held-back loss",
            f"{_plot(curve)} {curve[0]:.3f} → {min(curve):.3f}",
        ),
        ("took", f"{record.cpu_seconds:.0f} s of one processor"),
        ("at", f"{record.learned_at[:16].replace('T', ' ')} UTC"),
        ("for model", _model(state)),
    ]
    stdout().print(table(["", ""], rows))


def _model(state: SavedSoftPrompt) -> str:
    return state.record.model_sha256[:16]


def _use(state: SavedSoftPrompt, current: SavedSoftPrompt | None) -> str:
    this = current is not None and _model(state) == _model(current)
    return "no" if not state.on else "yes" if this else "with that model"


def _gain(state: SavedSoftPrompt) -> str:
    verdict = state.record.verdict
    return f"{verdict.gain:+.3f} [{verdict.low:+.3f}, {verdict.high:+.3f}]"


def _plot(curve: tuple[float, ...]) -> str:
    """One bar for each epoch, the first being before learning."""
    low, high = min(curve), max(curve)
    span = (high - low) or 1.0
    return "".join(_BARS[1 + round((loss - low) / span * (len(_BARS) - 2))] for loss in curve)


def _progress() -> Progress:
    columns = (BarColumn(), TextColumn("{task.fields[note]}"), TimeElapsedColumn())
    return Progress(*columns, console=stderr(), transient=True)
