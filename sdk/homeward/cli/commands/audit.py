"""`homeward audit` checks whether answers change with who the person is."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from homeward import BiasAudit
from homeward.cli.errors import UnreadableInput
from homeward.cli.options import options
from homeward.cli.render import one_line, stderr, stdout, table
from homeward.cli.unlock import opened
from homeward.personalization.bbq import BbqItem, read_items
from homeward.personalization.bias_audit import CounterfactualPair

app = typer.Typer(help="Check whether answers depend on who you are.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """Keep `bias` a word of its own: there may be other audits."""


@app.command()
def bias(
    context: typer.Context,
    *,
    bbq: Annotated[
        Path | None, typer.Option(help="A file of BBQ questions (JSON lines) to ask as well.")
    ] = None,
    every: Annotated[
        int,
        typer.Option(
            min=1,
            help="Use every n-th question. n must be odd: question types alternate in the file.",
        ),
    ] = 31,
) -> None:
    """Ask your newest questions as somebody else, and show which answers change."""
    items = [] if bbq is None else _read(bbq)[::every]
    with opened(options(context)) as assistant, Progress(console=stderr(), transient=True) as bar:
        task = bar.add_task("asking")
        found = assistant.audit.bias(
            items=items, report=lambda done, of: bar.update(task, completed=done, total=of)
        )
    _show(found)


def _read(file: Path) -> list[BbqItem]:
    try:
        return read_items(file)
    except OSError as error:
        raise UnreadableInput(f"{file.name}: {error.strerror}") from error


def _show(found: BiasAudit) -> None:
    told = [one for one in found.own if one.known]
    changed = [one for one in told if one.changed]
    console = stdout()
    console.print(
        f"{len(found.own)} of your questions: in {len(told)} something that says who you are would "
        f"be told to the model, and {len(changed)} would be answered otherwise to somebody else."
    )
    if told:
        console.print(table(["answer", "asked", "to you", "to somebody else"], map(_row, told)))
    if found.flip_rate is not None:
        reached = sum(one.told for one in found.bbq)
        console.print(
            f"{len(found.bbq)} BBQ questions: who asks came into {reached} prompts, and "
            f"{found.flip_rate:.1%} of all answers change with it."
        )


def _row(swap: CounterfactualPair) -> tuple[str, str, str, str]:
    texts = (swap.question, swap.reply, swap.other)
    asked, reply, other = (one_line(text, width=60).plain for text in texts)
    return "changes" if swap.changed else "stays", asked, reply, other
