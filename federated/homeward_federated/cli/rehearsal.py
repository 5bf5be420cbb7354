"""
Runs a whole federation on one machine: one SuperLink, and a process for each device.

For developers and for the tests that kill devices. Every process is this user's own child and ends
with the rehearsal.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np

from homeward_federated.enrolment.enrolment import Request
from homeward_federated.errors import ServerUnreachable
from homeward_federated.operator.device_home import DeviceHome, enrol
from homeward_federated.operator.folder import OperatorHome, read_key
from homeward_federated.operator.superlink import (
    program,
    register_node,
    serve_command,
    settings,
    start_rounds,
    wait_until_listening,
)
from homeward_federated.transport import child_process


class Rehearsal:
    """Started and stopped as a context; `device_command` runs one device from its folder."""

    def __init__(self, home: OperatorHome, *, device_command: Sequence[str] | None = None) -> None:
        self._home = home
        self._command = device_command or (program("homeward-federation"), "device")
        self._processes: dict[str, child_process.Process] = {}

    def __enter__(self) -> "Rehearsal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(10)
            except child_process.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, devices: int) -> None:
        """Start the SuperLink, make and enrol the devices, start them."""
        log = self._home.path / "superlink.log"
        serving = self._spawn("superlink", serve_command(self._home), log)
        wait_until_listening(log, serving, seconds=120)
        rng, dims = np.random.default_rng(), self._home.settings().policy.dims
        authority = read_key(self._home.path / "authority.key")
        for number in range(devices):
            mine = DeviceHome(self._folder(number))
            mine.create(self._home, vector=rng.normal(size=dims) * 0.1)
            enrol(mine.request, authority)
            register_node(self._home, Request.decode(mine.request.read_bytes()))
        for number in range(devices):
            self.start_device(number)

    def _folder(self, number: int) -> Path:
        return self._home.path / "devices" / f"{number:02}"

    def start_device(self, number: int) -> None:
        """Start, or start again, the process of one device."""
        folder = self._folder(number)
        command = [*self._command, str(self._home.path), str(folder)]
        self._spawn(folder.name, command, folder / "log")

    def _spawn(self, name: str, command: Sequence[str], log: Path) -> child_process.Process:
        with log.open("ab") as output:
            process = child_process.start(command, said=output, settings=settings(self._home))
        self._processes[name] = process
        return process

    def pid(self, number: int) -> int:
        """Return the process id of a device."""
        return self._processes[f"{number:02}"].pid

    def is_running(self, number: int) -> bool:
        """Tell whether the device's process still runs."""
        return self._processes[f"{number:02}"].poll() is None

    def run_rounds(self, count: int, *, seconds: float) -> None:
        """
        Run rounds and wait for their records; restart devices that died meanwhile.

        Raises:
            ServerUnreachable: they are not done after `seconds`.
        """
        before, until = len(self._home.records()), time.monotonic() + seconds
        start_rounds(self._home, count=count)
        while len(self._home.records()) < before + count:
            if time.monotonic() > until:
                raise ServerUnreachable(f"{count} rounds are not done after {seconds} s")
            time.sleep(0.2)

    def revive(self) -> list[int]:
        """Start again the devices whose processes ended; return their numbers."""
        dead = [int(n) for n, p in self._processes.items() if n.isdigit() and p.poll() is not None]
        for number in dead:
            self.start_device(number)
        return dead
