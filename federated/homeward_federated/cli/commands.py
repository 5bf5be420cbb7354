"""
This module defines the commands of `homeward-federation`.

    init      make the operator's folder, keys and certificates
    serve     start the SuperLink: TLS, node authentication, nothing installed, nothing reported
    offer     write what people are asked to join
    enrol     the authority certifies a device; the operator registers its transport key
    device    run one rehearsed device
    round     run rounds on the serving SuperLink
    status    show what happened, as a table and as a page with pictures
    rollback  publish an older version's content again
    publish   sign the latest prior into a folder that any static host can serve
    rehearse  everything above on this machine, with devices as separate processes
"""

import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from homeward_federated.cli.rehearsal import Rehearsal
from homeward_federated.enrolment.enrolment import Request
from homeward_federated.errors import FederatedError
from homeward_federated.files import write
from homeward_federated.operator import device_home
from homeward_federated.operator.device_home import DeviceHome
from homeward_federated.operator.folder import OperatorHome, OperatorSettings, read_key, write_key
from homeward_federated.operator.status import write_page
from homeward_federated.operator.superlink import (
    register_node,
    serve_command,
    settings,
    start_rounds,
    write_app,
)
from homeward_federated.priors import canary
from homeward_federated.priors.publishing import roll_back
from homeward_federated.priors.round_policy import Policy
from homeward_federated.secure_aggregation.identity import SigningKey
from homeward_federated.transport import child_process
from homeward_federated.transport.client_loop import Node
from homeward_federated.transport.tls import make_certificates

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console(soft_wrap=True)  # a path that is broken over two lines cannot be copied

Home = Annotated[Path, typer.Argument(help="The operator's folder.")]


@cli.command()
def init(
    home: Home,
    *,
    task: str = "rehearsal",
    code: Annotated[
        str, typer.Option(help="What the numbers are: `homeward federation show` names Homeward's.")
    ] = "rehearsal-1",
    dims: int = 64,
    groups: int = 8,
    min_cohort: int = 200,
    min_survivors: int = 140,
    max_colluders: Annotated[
        float,
        typer.Option(
            help="Share of a round's devices that may work together with the server while the"
            " stated epsilon still holds, at most 1/3. The noise is sized for the others."
        ),
    ] = 1 / 3,
    noise: float = 4.0,
    address: str = "127.0.0.1:8000",
    patience: float = 30.0,
    database: str = "",
    canary_of: Annotated[
        Path | None, typer.Option(help="Ask about this folder's newest version, and nothing else.")
    ] = None,
) -> None:
    """Make the operator's folder: keys, TLS certificates, settings, an empty prior."""
    policy = Policy(
        task,
        code,
        dims,
        groups,
        min_cohort=min_cohort,
        min_survivors=min_survivors,
        max_colluders=max_colluders,
        min_noise_multiplier=noise,
    )
    policy.check()
    if canary_of is not None:
        policy = canary.policy_of(OperatorHome(canary_of).settings().policy)
    asked = str(canary_of.resolve()) if canary_of else ""
    operator = OperatorHome(home)
    operator.create(
        OperatorSettings(policy, address, patience=patience, database=database, canary_of=asked)
    )
    write_key(home / "authority.key", SigningKey.generate())
    make_certificates(home / "tls", host=address.rpartition(":")[0])
    write_app(operator)
    console.print(f"Made {home}. Move authority.key to whoever admits devices; keep operator.key.")
    if min_cohort < 200:
        console.print("[yellow]A cohort below 200 is for rehearsals: its noise protects few.")


@cli.command()
def serve(home: Home) -> None:
    """Serve the federation until interrupted."""
    operator = OperatorHome(home)
    child_process.become(serve_command(operator), settings=settings(operator))


@cli.command()
def enrol(
    home: Home,
    request: Annotated[Path, typer.Argument(help="The device's request: FILE.json.")],
    authority: Annotated[Path | None, typer.Option(help="The authority's key.")] = None,
) -> None:
    """Certify a device's identity, into FILE.certificate, and register its transport key."""
    answer = device_home.enrol(request, read_key(authority or home / "authority.key"))
    register_node(OperatorHome(home), Request.decode(request.read_bytes()))
    console.print(f"Enrolled. Give {answer} back to the device.")


@cli.command()
def offer(
    home: Home,
    file: Annotated[Path, typer.Argument(help="The file to give to people.")],
    *,
    summary: Annotated[str, typer.Option(help="One sentence: what the numbers mean.")],
    operator: Annotated[str, typer.Option(help="Who runs the server.")],
    authority: Annotated[str, typer.Option(help="Who admits devices.")],
    priors: Annotated[str, typer.Option(help="Where latest.hwf is published.")] = "",
) -> None:
    """Write what people are asked to join, and show what they will read."""
    made = OperatorHome(home).offer(
        summary=summary, operator=operator, authority=authority, priors=priors
    )
    write(file, made.encode())
    console.print(made.text, markup=False)  # brackets in a name are no command


@cli.command()
def device(
    home: Home,
    folder: Annotated[Path, typer.Argument(help="The device's folder; made when it is not there.")],
    poll: float = 0.5,
) -> None:
    """Run one rehearsed device with a random vector until interrupted."""
    operator, mine = OperatorHome(home), DeviceHome(folder)
    if not folder.exists():
        dims = operator.settings().policy.dims
        mine.create(operator, vector=np.random.default_rng().normal(size=dims) * 0.1)
        console.print(f"Made {folder}. Enrol {mine.request}, then run this again.")
        return
    from homeward_federated.transport.flower_device import connect  # noqa: PLC0415  # flwr takes seconds to import

    ca = (home / "tls" / "ca.crt").read_bytes()
    node_key = (folder / "node.key").read_bytes()
    with connect(operator.settings().address, ca=ca, node_key=node_key) as link:
        node = Node(link, mine.begin, clock=time.time)
        while True:
            if not node.step():
                time.sleep(poll)


@cli.command(name="round")
def round_(home: Home, count: int = 1) -> None:
    """Run rounds on the serving SuperLink, one after the other, and wait for them."""
    operator = OperatorHome(home)
    before = len(operator.records())
    start_rounds(operator, count=count)
    with console.status("Rounds are running"):
        while len(operator.records()) < before + count:
            time.sleep(0.5)
    _show(operator)


@cli.command()
def status(home: Home, page: Path | None = None) -> None:
    """Show the rounds as a table; write a page with pictures."""
    operator = OperatorHome(home)
    _show(operator)
    path = page or home / "status.html"
    write_page(operator, path)
    console.print(f"Pictures: {path}")


@cli.command()
def publish(home: Home, folder: Path) -> None:
    """Copy the signed priors to a folder that any static host can serve."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted((home / "priors").glob("*.hwf")):
        write(folder / path.name, path.read_bytes())
    write(folder / "operator.pub", (home / "operator.pub").read_bytes())
    console.print(f"{folder} has version {OperatorHome(home).latest().version} as latest.hwf.")


@cli.command()
def rollback(home: Home, version: Annotated[int, typer.Argument(help="The good one.")]) -> None:
    """Publish an older version's content as the newest; devices never go back themselves."""
    operator = OperatorHome(home)
    bad = operator.latest()
    operator.publish(roll_back(bad, to=operator.published(version)))
    console.print(f"Version {bad.version + 1} has the content of version {version}.")


@cli.command()
def rehearse(home: Home, devices: int = 10, rounds: int = 5) -> None:
    """Run a whole federation here: a SuperLink and separate device processes, over TLS."""
    with Rehearsal(OperatorHome(home)) as rehearsal, console.status("Rehearsing"):
        rehearsal.start(devices)
        rehearsal.run_rounds(rounds, seconds=120 * rounds)
    _show(OperatorHome(home))


def _show(operator: OperatorHome) -> None:
    table = Table("round", "survivors", "epsilon", "noise", "moved", "seconds", "problem")
    for record in operator.records():
        table.add_row(
            str(record["number"]),
            str(record.get("survivors", "-")),
            f"{record.get('epsilon', 0):.2f}",
            f"{record.get('noise', 0):.2f}",
            f"{record.get('moved', 0):.3f}",
            f"{sum(stage['seconds'] for stage in record['stages']):.1f}",
            escape(record["problem"]),
        )
    console.print(table)


def main() -> None:
    """Run the command line; a refusal is one line, not a traceback."""
    try:
        cli()
    except (FederatedError, FileNotFoundError, FileExistsError) as error:
        console.print(f"[red]{type(error).__name__}: {escape(str(error))}")
        raise SystemExit(1) from None
