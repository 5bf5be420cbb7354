"""
Starts Flower's programs with telemetry and update checks switched off.

Knows command lines, no flwr: these run as processes of their own.
"""

import sys
import tempfile
import time
from pathlib import Path

from homeward_federated import child_environment
from homeward_federated.enrolment.enrolment import Request
from homeward_federated.errors import ServerUnreachable
from homeward_federated.files import write
from homeward_federated.operator.folder import OperatorHome
from homeward_federated.transport import child_process

_APP = """\
[project]
name = "homeward-rounds"
version = "1.0.0"
license = "Apache-2.0"
dependencies = []

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.flwr.app]
publisher = "homeward"

[tool.flwr.app.components]
serverapp = "homeward_rounds:app"
clientapp = "homeward_rounds:no_client"

[tool.flwr.app.config]
home = ""
rounds = 1
"""
_MODULE = """\
from homeward_federated.operator.flower_server import app, no_client

__all__ = ["app", "no_client"]
"""


def write_app(home: OperatorHome) -> None:
    """Write the Flower application and the connection that `flwr run` uses."""
    app = home.path / "app"
    app.mkdir()
    write(app / "pyproject.toml", _APP)
    write(app / "homeward_rounds.py", _MODULE)
    flwr = home.path / "flwr"
    flwr.mkdir()
    write(
        flwr / "config.toml",
        '[superlink]\ndefault = "homeward"\n\n[superlink.homeward]\n'
        f'address = "{home.settings().address}"\n'
        f'root-certificates = "{(home.path / "tls" / "ca.crt").resolve()}"\n',
    )


def settings(home: OperatorHome) -> dict[str, str]:
    """Return the variables that Flower's programs go by: no telemetry, no update check."""
    return {
        "FLWR_TELEMETRY_ENABLED": "0",
        "FLWR_DISABLE_UPDATE_CHECK": "1",
        "FLWR_HOME": str((home.path / "flwr").resolve()),
        # The ServerApp polls for its task once a second otherwise.
        "FLWR_SUPEREXEC_TASK_POLL_INTERVAL": "0.2",
        # The SuperLink starts Flower's other programs by name, also where no environment is active.
        "PATH": child_environment.searched(first=Path(sys.executable).parent),
    }


def program(name: str) -> str:
    """Return the path of a program that was installed beside this Python."""
    return str(Path(sys.executable).with_name(name))


def serve_command(home: OperatorHome) -> list[str]:
    """Return the command that serves the federation: TLS, node authentication, no installs."""
    host, _, port = home.settings().address.rpartition(":")
    tls, database = home.path / "tls", home.settings().database
    return [
        program("flower-superlink"),
        "--ssl-ca-certfile", str(tls / "ca.crt"),
        "--ssl-certfile", str(tls / "server.crt"),
        "--ssl-keyfile", str(tls / "server.key"),
        "--enable-supernode-auth",
        # Otherwise every run would fetch packages from the network.
        "--disable-runtime-dependency-installation",
        "--host", host,
        "--port", port,
        *(["--database", database] if database else []),
    ]  # fmt: skip


def register_node(home: OperatorHome, request: Request) -> None:
    """
    Admit a device's transport key to the running SuperLink.

    Raises:
        ServerUnreachable: the SuperLink does not answer or refuses.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".pub") as file:
        file.write(request.node + "\n")
        file.flush()
        _flwr(home, "supernode", "register", file.name, "homeward")


def start_rounds(home: OperatorHome, *, count: int) -> None:
    """
    Ask the running SuperLink to run `count` rounds, one after the other.

    Raises:
        ServerUnreachable: the SuperLink does not answer or refuses.
    """
    config = f"home='{home.path.resolve()}' rounds={count}"
    _flwr(home, "run", str(home.path / "app"), "homeward", "--run-config", config)


def _flwr(home: OperatorHome, *arguments: str, tries: int = 3) -> None:
    command = [program("flwr"), *arguments]
    for _ in range(tries):  # Flower's client gives a busy server only seconds
        done = child_process.run(command, settings=settings(home))
        if not done.returncode:
            return
    raise ServerUnreachable(f"flwr {arguments[0]}: {(done.stderr or done.stdout).strip()}")


def wait_until_listening(log: Path, process: child_process.Process, *, seconds: float) -> None:
    """
    Return once the SuperLink's log says that it serves.

    Raises:
        ServerUnreachable: it ended, or does not serve after `seconds`.
    """
    until = time.monotonic() + seconds
    while "Uvicorn running" not in (text := log.read_text(errors="replace")):
        if process.poll() is not None or time.monotonic() > until:
            raise ServerUnreachable(f"the SuperLink did not start: {text[-400:]}")
        time.sleep(0.2)
