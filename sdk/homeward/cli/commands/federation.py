"""`homeward federation` joins, contributes to and leaves federated tasks."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from homeward.cli.errors import FAILED, UnreadableInput
from homeward.cli.options import options
from homeward.cli.render import plain, stderr, stdout, table
from homeward.cli.terminal import agreed
from homeward.cli.unlock import opened
from homeward.federation import (
    CODE,
    MEANINGS,
    STYLE_ASKED,
    Federation,
    Offer,
    Participation,
    told,
)
from homeward_federated.enrolment.consent import Preview
from homeward_federated.enrolment.enrolment import Certificate
from homeward_federated.errors import NotJoined
from homeward_federated.files import write

app = typer.Typer(
    help="Train shared numbers with other people; nobody sees yours. Off until you join.",
    no_args_is_help=True,
)

OfferFile = Annotated[Path, typer.Argument(help="The offer file that an operator gave you.")]
Task = Annotated[
    str | None, typer.Argument(help="The task's name; needed only if you joined several.")
]

_OUTCOMES = {
    Participation.WHOLE: "Your numbers are in the sum.",
    Participation.SENT: "Your masked numbers were sent, but the round did not finish in time. Its "
    "privacy cost counts.",
    Participation.NONE: "Nothing was sent, and no privacy budget was spent.",
}


@app.command()
def show(context: typer.Context) -> None:
    """Show the tasks you joined, their privacy cost, and the prior that your taste starts from."""
    with opened(options(context)) as assistant:
        federation = assistant.federation
        stdout().print(_standing(federation))


@app.command()
def preview(
    context: typer.Context,
    offer: OfferFile,
    *,
    style: Annotated[
        bool | None,
        typer.Option(
            "--style/--no-style",
            help="Add your learned style to the rounds; without it, as you agreed.",
        ),
    ] = None,
) -> None:
    """Show an offer's terms and the numbers that one round would take from you."""
    asked = _read(offer)
    with opened(options(context)) as assistant:
        stdout().print(_words(asked))
        stdout().print(_preview(assistant.federation.preview(asked, style=style), asked))


@app.command()
def join(
    context: typer.Context,
    offer: OfferFile,
    *,
    request: Annotated[
        Path, typer.Option(help="The file to write the request for admission to.")
    ] = Path("enrolment.json"),
    yes: Annotated[bool, typer.Option("--yes", help="Agree without being asked.")] = False,
) -> None:
    """Join a task: read its terms, agree, and write the admission request."""
    asked = _read(offer)
    with opened(options(context)) as assistant:
        stdout().print(_words(asked))
        if not yes and not agreed("Join?"):
            raise typer.Exit(FAILED)
        write(request, assistant.federation.join(asked, agreed_to=asked.hash).encode())
    stdout().print(plain(f"Joined. Send {request} to {asked.authority}; then give its answer to"))
    stdout().print(plain("`homeward federation admit FILE`."))


@app.command()
def admit(
    context: typer.Context,
    certificate: Annotated[
        Path, typer.Argument(help="The certificate file that the authority sent you.")
    ],
) -> None:
    """Store the authority's certificate, so that you can contribute."""
    with opened(options(context)) as assistant:
        joined = assistant.federation.admit(Certificate.decode(_bytes(certificate)))
    stdout().print(plain(f"Admitted to {joined.consent.task}."))


@app.command()
def contribute(
    context: typer.Context,
    task: Task = None,
    *,
    minutes: Annotated[
        float, typer.Option(min=0.1, help="How many minutes to wait for a round.")
    ] = 10,
    share: Annotated[
        float,
        typer.Option(min=0, max=1, help="The probability of taking part in a round, from 0 to 1."),
    ] = 1.0,
) -> None:
    """Wait for one round and take part in it."""
    with opened(options(context)) as assistant:
        federation = assistant.federation
        name = _one(federation, task)
        with stderr().status("Waiting for a round"):
            part = federation.contribute(name, seconds=60 * minutes, share=share)
        stdout().print(_OUTCOMES[part])
        stdout().print(_standing(federation))


@app.command()
def style(
    context: typer.Context,
    switch: Annotated[str, typer.Argument(metavar="on|off", help="on or off.")],
    task: Task = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Agree without being asked.")] = False,
) -> None:
    """Turn sharing of your learned style on or off for a joined task."""
    if switch not in {"on", "off"}:
        raise typer.BadParameter("give `on` or `off`")
    with opened(options(context)) as assistant:
        name = _one(assistant.federation, task)
        if switch == "on":
            stdout().print(plain(STYLE_ASKED))
            if not yes and not agreed("Add it?"):
                raise typer.Exit(FAILED)
        assistant.federation.share_style(name, on=switch == "on")
        stdout().print(_standing(assistant.federation))


@app.command()
def leave(context: typer.Context, task: Task = None) -> None:
    """Leave a task. Its keys are destroyed, so this device can answer no more rounds."""
    with opened(options(context)) as assistant:
        name = _one(assistant.federation, task)
        assistant.federation.leave(name)
    stdout().print(plain(f"Left {name}. What was summed before cannot be taken back."))


@app.command()
def start(
    context: typer.Context,
    offer: OfferFile,
    *,
    source: Annotated[
        str | None,
        typer.Option("--from", help="A path or https URL; by default the URL in the offer."),
    ] = None,
) -> None:
    """Fetch a published prior as the start of taste and training. Nothing about you is sent."""
    with opened(options(context)) as assistant:
        prior = assistant.federation.fetch_prior(_read(offer), source=source)
    groups = int(prior.live.sum())
    stdout().print(f"Taste starts from version {prior.version}, of {groups or 'no'} groups.")
    stdout().print(
        "So does `homeward learn`, the next time, if your texts are likelier from there."
    )


def _standing(federation: Federation) -> Table:
    spent, prior = federation.spent(), federation.prior
    rows = [
        row
        for one in federation.joined()
        for task in [one.consent.task]
        for row in (
            (task, "can contribute" if one.certificate else "waits to be admitted"),
            ("learned style", "added" if federation.shares_style(task) else "stays here"),
        )
    ] or [("joined", "no task joined; nothing leaves this device")]
    rows += [
        ("rounds begun", str(spent.rounds)),
        ("epsilon of the year", f"{spent.epsilon_of_the_year:.2f}"),
        ("epsilon in all", f"{spent.epsilon_in_all:.2f}"),
        ("taste starts from", f"version {prior.version} of {prior.task}" if prior else "nothing"),
        ("its numbers", CODE),
    ]
    return table(["", ""], rows)


def _words(offer: Offer) -> Text:
    return plain(f"{offer.text}\n{told(offer.policy.code)}")


def _preview(shown: Preview, offer: Offer) -> Table:
    rows = [
        (name, f"{value:+.3f}")
        for name, value in zip(MEANINGS[offer.policy.code], shown.difference, strict=True)
        if abs(value) >= 0.0005
    ]
    rest = offer.policy.dims - len(rows)
    rows += [
        (f"the other {rest}", "0"),
        ("noise on each of the sum", f"± {shown.noise:.1f}"),
        ("kept of its length", f"{shown.kept:.0%}"),
        ("group, hidden", "none" if shown.group is None else str(shown.group + 1)),
    ]
    return table(["number", "yours"], rows)


def _one(federation: Federation, task: str | None) -> str:
    joined = [one.consent.task for one in federation.joined()]
    if not joined:
        raise NotJoined("you have joined no task")
    if task is not None and task not in joined:
        raise NotJoined(f"you have not joined a task called {task!r}")
    if task is None and len(joined) > 1:
        raise NotJoined(f"you have joined {len(joined)} tasks; give the name of one")
    return task or joined[0]


def _read(offer: Path) -> Offer:
    return Offer.decode(_bytes(offer))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableInput(f"{path}: {error.strerror}") from None
