"""
Ten device processes, two rounds, a device killed in each stage; prints what happened.

    unshare -rn sh -c 'ip link set lo up; exec python rehearse_kills.py FOLDER 10 60'

Three are killed in each round, as many of ten as it bears: seven are more than two thirds. A stage
waits its patience out for the killed one, so one round for each stage would take twice as long.

In an empty network namespace nothing but loopback exists: whatever tried to reach out would fail.
The last line is a JSON object with, for each round, survivors, seconds, and whether the opened sum
equals the sum of the survivors' noised vectors.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from homeward_federated.cli.rehearsal import Rehearsal
from homeward_federated.errors import ServerUnreachable
from homeward_federated.operator.folder import OperatorHome, OperatorSettings, write_key
from homeward_federated.operator.superlink import write_app
from homeward_federated.priors.round_policy import Policy
from homeward_federated.secure_aggregation.identity import SigningKey
from homeward_federated.transport.tls import make_certificates

ROUNDS = (("Inviting", "Sharing", "Agreeing"), ("Revealing", "Masking", "Opening"))
STAGES = 6  # of a round, each of which may wait its patience out


def prepare(folder: Path, *, devices: int, patience: float) -> OperatorHome:
    least = devices - 2  # one is killed before it advertises a key
    policy = Policy("rehearsal", "rehearsal-1", 64, 8, min_cohort=least, min_survivors=least - 1)
    home = OperatorHome(folder)
    home.create(OperatorSettings(policy, "127.0.0.1:8472", patience=patience))
    write_key(folder / "authority.key", SigningKey.generate())
    make_certificates(folder / "tls", host="127.0.0.1")
    write_app(home)
    return home


def witnessed_sum(home: OperatorHome, round_id: str) -> list[int]:
    files = sorted((home.path / "devices").glob(f"*/noised-{round_id}.npy"))
    return [int(x) for x in np.sum([np.load(file) for file in files], axis=0)]


def wait_until_connected(home: OperatorHome, rehearsal: Rehearsal, devices: int) -> list[int]:
    """
    Start dead devices until all are connected; return which were dead.

    A SuperLink refuses a killed node until its heartbeats are overdue, and Flower then ends the
    process: it has to be started several times.
    """
    revived, until = set[int](), time.monotonic() + 240
    while not all(_is_connected(home, rehearsal, number) for number in range(devices)):
        if time.monotonic() > until:
            raise ServerUnreachable("the devices that were killed did not come back")
        revived.update(rehearsal.revive())
        time.sleep(2.0)
    return sorted(revived)


def _is_connected(home: OperatorHome, rehearsal: Rehearsal, number: int) -> bool:
    connected = home.path / "devices" / f"{number:02}" / "connected"  # witness.py writes it
    return (
        rehearsal.is_running(number)
        and connected.exists()
        and connected.read_text() == str(rehearsal.pid(number))
    )


def main(folder: Path, *, devices: int, patience: float) -> None:
    home = prepare(folder, devices=devices, patience=patience)
    witness = (sys.executable, str(Path(__file__).with_name("witness.py")))
    killed: list[int] = []
    with Rehearsal(home, device_command=witness) as rehearsal:
        rehearsal.start(devices)
        doomed = iter(range(devices))
        for number, stages in enumerate(ROUNDS, start=1):
            wait_until_connected(home, rehearsal, devices)
            for stage, device in zip(stages, doomed, strict=False):
                (home.path / "devices" / f"{device:02}" / "die").write_text(f"{number} {stage}")
            rehearsal.run_rounds(1, seconds=(STAGES + 2) * patience)
            killed += wait_until_connected(home, rehearsal, devices)
    rounds = [
        {
            "killed in": stages,
            "survivors": record.get("survivors", 0),
            "problem": record["problem"],
            "sum is the survivors'": record.get("quanta")
            == witnessed_sum(home, record["round_id"]),
            "answered": [s["answered"] for s in record["stages"]],
            "seconds": [round(s["seconds"], 1) for s in record["stages"]],
        }
        for stages, record in zip(ROUNDS, home.records(), strict=True)
    ]
    sys.stdout.write(json.dumps({"rounds": rounds, "killed": killed}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), devices=int(sys.argv[2]), patience=float(sys.argv[3]))
