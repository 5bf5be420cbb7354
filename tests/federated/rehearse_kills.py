"""
Ten device processes, five rounds, one device killed in each stage in turn; prints what happened.

    unshare -rn sh -c 'ip link set lo up; exec python rehearse_kills.py FOLDER 10 60'

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
from homeward_federated.operator.folder import OperatorHome, OperatorSettings, write_key
from homeward_federated.operator.superlink import start_rounds, write_app
from homeward_federated.priors.round_policy import Policy
from homeward_federated.secure_aggregation.identity import SigningKey
from homeward_federated.transport.tls import make_certificates

STAGES = ("Inviting", "Revealing", "Sharing", "Masking", "Agreeing", "Opening")


def prepare(folder: Path, *, devices: int, patience: float) -> OperatorHome:
    least = devices - 2  # the one that is killed, and one that is still coming back
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


def main(folder: Path, *, devices: int, patience: float) -> None:
    home = prepare(folder, devices=devices, patience=patience)
    witness = (sys.executable, str(Path(__file__).with_name("witness.py")))
    revived: set[int] = set()
    with Rehearsal(home, device_command=witness) as rehearsal:
        begun = time.monotonic()
        rehearsal.start(devices)
        sys.stderr.write(f"ready after {time.monotonic() - begun:.1f} s\n")
        for number, stage in enumerate(STAGES):
            (home.path / "devices" / f"{number:02}" / "die").write_text(f"{number + 1} {stage}")
        start_rounds(home, count=len(STAGES))
        until = time.monotonic() + 30 * patience
        while len(home.records()) < len(STAGES) and time.monotonic() < until:
            revived.update(rehearsal.revive())
            # A SuperLink refuses a killed node until its heartbeats are overdue, and Flower then
            # ends the process: it has to be started several times.
            time.sleep(8.0)
    rounds = [
        {
            "killed in": stage,
            "survivors": record.get("survivors", 0),
            "problem": record["problem"],
            "sum is the survivors'": record.get("quanta")
            == witnessed_sum(home, record["round_id"]),
            "answered": [s["answered"] for s in record["stages"]],
            "seconds": [round(s["seconds"], 1) for s in record["stages"]],
        }
        for stage, record in zip(STAGES, home.records(), strict=False)
    ]
    sys.stdout.write(json.dumps({"rounds": rounds, "killed": sorted(revived)}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), devices=int(sys.argv[2]), patience=float(sys.argv[3]))
