"""
A person's assistant in a real round: nine rehearsed devices, a SuperLink with TLS, one profile.

    unshare -rn sh -c 'ip link set lo up; exec python rehearse_joining.py FOLDER'

Everything goes through the two commands, each in a process of its own. The last line is a JSON
object: what the round's record and the profile's ledger say afterwards.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from homeward.federation import CODE, DIMS
from homeward.federation.budget_ledger import BUDGET
from homeward_federated.cli.rehearsal import Rehearsal
from homeward_federated.enrolment.enrolment import Request
from homeward_federated.operator.device_home import enrol
from homeward_federated.operator.folder import OperatorHome, OperatorSettings, read_key, write_key
from homeward_federated.operator.superlink import program, register_node, write_app
from homeward_federated.priors.round_policy import Policy
from homeward_federated.secure_aggregation.identity import SigningKey
from homeward_federated.transport.tls import make_certificates
from homeward_store import Passphrase, create_profile, open_profile
from homeward_store.keys.key_derivation import FASTEST

SECRET = "correct horse battery staple"


def prepare_operator(folder: Path) -> OperatorHome:
    policy = Policy("replies", CODE, DIMS, 8, min_cohort=10, min_survivors=7)
    home = OperatorHome(folder)
    home.create(OperatorSettings(policy, "127.0.0.1:8473", patience=60.0))
    write_key(folder / "authority.key", SigningKey.generate())
    make_certificates(folder / "tls", host="127.0.0.1")
    write_app(home)
    offer = home.offer(summary="How you like it.", operator="Example", authority="Registrar")
    (folder / "offer.json").write_bytes(offer.encode())
    return home


def prepare_person(folder: Path, models: Path) -> dict[str, str]:
    path = folder / "profiles" / "me"
    with create_profile(path, unlock=[Passphrase(SECRET)], cost=FASTEST).profile as profile:
        for at in range(20):
            profile.choices.add("How?", f"At once {at}.", f"First rinse it. Then wash it. {at}")
    (folder / "passphrase").write_text(SECRET)
    (folder / "models").symlink_to(models)
    return os.environ | {
        "HOMEWARD_HOME": str(folder),
        "HOMEWARD_PASSPHRASE_FILE": str(folder / "passphrase"),
    }


def homeward(environment: dict[str, str], *arguments: str) -> "subprocess.Popen[str]":
    command = [program("homeward"), "federation", *arguments]
    return subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def main(folder: Path) -> None:
    home = prepare_operator(folder / "operator")
    environment = prepare_person(folder / "person", Path(os.environ["HOMEWARD_HOME"], "models"))
    request = folder / "enrolment.json"
    offer = str(home.path / "offer.json")
    said, _ = homeward(environment, "join", offer, "--yes", f"--request={request}").communicate()
    with Rehearsal(home) as rehearsal:
        rehearsal.start(9)
        certificate = enrol(request, read_key(home.path / "authority.key"))
        register_node(home, Request.decode(request.read_bytes()))
        homeward(environment, "admit", str(certificate)).communicate()
        contributing = homeward(environment, "contribute")
        time.sleep(10)
        rehearsal.run_rounds(1, seconds=600)
        said, _ = contributing.communicate(timeout=60)
    [record] = home.records()
    latest = str(home.path / "priors" / "latest.hwf")
    started, _ = homeward(environment, "start", offer, f"--from={latest}").communicate()
    with open_profile(folder / "person" / "profiles" / "me", unlock=Passphrase(SECRET)) as profile:
        rho = profile.spending.spent(BUDGET)
    outcome = {
        "survivors": record.get("survivors", 0),
        "problem": record["problem"],
        "answered": [stage["answered"] for stage in record["stages"]],
        "seconds": [round(stage["seconds"], 1) for stage in record["stages"]],
        "said": said.strip().splitlines()[0],
        "rho": rho,
        "started": started.strip(),
    }
    sys.stdout.write(json.dumps(outcome) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
