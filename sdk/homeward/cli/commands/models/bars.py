"""Shows the progress of a pull or a check as bars."""

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)

from homeward import models
from homeward.cli.render import harmless, stderr
from homeward.models import Report


def bars() -> Progress:
    """Return a display of bars, which goes when it ends."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=stderr(),
        transient=True,
    )


def reporter(progress: Progress) -> Report:
    """Return a report that gives each stage of each file a bar of its own."""
    shown: dict[tuple[str, str], TaskID] = {}

    def report(step: models.DownloadProgress) -> None:
        key = (step.stage, step.what)
        if key not in shown:
            for bar in shown.values():
                progress.update(bar, visible=False)
            shown[key] = progress.add_task(harmless(f"{step.stage.value} {step.what}"), total=None)
        progress.update(shown[key], completed=step.done, total=step.total)

    return report
