"""The operator's folder, a rehearsed device's folder, and the command line over both."""

import json
import os
import ssl
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from homeward_federated import ServerUnreachable
from homeward_federated.cli.commands import cli
from homeward_federated.enrolment.node_key import NodeKey
from homeward_federated.enrolment.offer import Offer
from homeward_federated.operator.device_home import DeviceHome, enrol
from homeward_federated.operator.folder import (
    OperatorHome,
    OperatorSettings,
    read_key,
    write_key,
)
from homeward_federated.operator.round_runner import run_rounds
from homeward_federated.operator.stage_conductor import Conductor
from homeward_federated.operator.status import render, write_page
from homeward_federated.operator.superlink import (
    serve_command,
    settings,
    start_rounds,
    wait_until_listening,
    write_app,
)
from homeward_federated.priors import canary
from homeward_federated.priors.acceptance import check_history
from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.priors.publishing import read_publication
from homeward_federated.priors.round_policy import Policy
from homeward_federated.secure_aggregation.identity import SigningKey
from homeward_federated.transport.client_loop import Node
from homeward_federated.transport.in_memory import InMemoryTransport
from homeward_federated.transport.tls import make_certificates

RUN = CliRunner()


@pytest.fixture
def home(tmp_path: Path) -> OperatorHome:
    """An operator for cohorts of eight, with the authority's key beside it.

    Its patience is never used up: every device answers, however busy the machine."""
    policy = Policy("rehearsal", "rehearsal-1", 8, 2, min_cohort=8, min_survivors=6)
    operator = OperatorHome(tmp_path / "operator")
    operator.create(OperatorSettings(policy, patience=120.0))
    write_key(operator.path / "authority.key", SigningKey.generate())
    return operator


def devices(
    home: OperatorHome, count: int, *, vector: "NDArray[np.float64] | None" = None
) -> list[DeviceHome]:
    found = []
    for number in range(count):
        device = DeviceHome(home.path / "devices" / str(number))
        device.create(home, vector=np.full(8, 0.1) if vector is None else vector)
        enrol(device.request, read_key(home.path / "authority.key"))
        found.append(device)
    return found


def run(home: OperatorHome, nodes: list[DeviceHome], *, count: int) -> None:
    """Run rounds over an exchange; the nodes live in a thread."""
    exchange, over = InMemoryTransport(range(len(nodes))), threading.Event()
    living = [
        Node(exchange.links[i], device.begin, clock=time.time) for i, device in enumerate(nodes)
    ]

    def live() -> None:
        while not over.is_set():
            if not sum(node.step() for node in living):
                over.wait(0.01)

    thread = threading.Thread(target=live)
    thread.start()
    try:
        run_rounds(home, exchange, count=count)
    finally:
        over.set()
        thread.join()


def test_rounds_are_run_recorded_and_published(home: OperatorHome) -> None:
    run(home, devices(home, 8), count=2)
    first, second = home.records()
    assert (first["survivors"], second["problem"]) == (8, "")
    assert [stage["answered"] for stage in second["stages"]] == [8] * 6
    assert second["epsilon"] == pytest.approx(1.14, abs=0.01)
    history = [
        read_publication(home.operator.public, path.read_bytes())
        for path in sorted((home.path / "priors").glob("0*.hwf"))
    ]
    check_history(history)
    assert [prior.version for prior in history] == [0, 1, 2]
    assert home.latest().hash == history[-1].hash


@pytest.mark.parametrize(("gain", "version", "kept"), [(-1.0, 3, False), (1.0, 2, True)])
def test_canaries_have_a_version_that_predicts_less_rolled_back(
    home: OperatorHome, tmp_path: Path, gain: float, version: int, *, kept: bool
) -> None:
    good = replace(PublishedPrior.blank("rehearsal", dims=8, groups=2), version=1)
    home.publish(good)
    home.publish(replace(good, version=2, previous=good.hash, everyone=good.everyone + 1))
    asking = OperatorHome(tmp_path / "canary")
    # Ten canaries and little noise: as hundreds with enough of it.
    policy = replace(canary.policy_of(home.settings().policy), min_noise_multiplier=0.1)
    asking.create(OperatorSettings(policy, patience=120.0, canary_of=str(home.path)))
    write_key(asking.path / "authority.key", SigningKey.generate())
    run(asking, devices(asking, 8, vector=np.array([gain])), count=1)
    [record] = asking.records()
    assert (record["problem"], record["version"], record["gain_kept"]) == ("", 2, kept)
    assert record["gain"] == pytest.approx(gain, abs=0.2)
    assert home.latest().version == version
    assert (home.latest().everyone.tolist() == good.everyone.tolist()) is not kept
    check_history([home.published(number) for number in range(1, version + 1)])
    page = render(asking.records(), task="rehearsal-canary")
    assert "Utility" in page
    assert ('fill="none"' in page) is not kept


def test_a_round_that_fails_is_recorded_and_publishes_nothing(home: OperatorHome) -> None:
    run(home, devices(home, 5), count=1)
    [record] = home.records()
    assert record["problem"] == "TooFewSurvivors: 5 devices, 8 promised"
    assert home.latest().version == 0


def test_an_operators_folder_is_not_made_twice_and_its_keys_are_private(home: OperatorHome) -> None:
    with pytest.raises(FileExistsError):
        home.create(home.settings())
    assert stat.S_IMODE((home.path / "operator.key").stat().st_mode) == 0o600
    assert bytes.fromhex((home.path / "operator.pub").read_text()) == home.operator.public


@pytest.mark.parametrize("host", ["127.0.0.1", "federation.example.org"])
def test_the_certificates_are_ones_that_a_strict_client_accepts(tmp_path: Path, host: str) -> None:
    make_certificates(tmp_path / "tls", host=host)
    client = ssl.create_default_context(cafile=tmp_path / "tls" / "ca.crt")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "tls" / "server.crt", tmp_path / "tls" / "server.key")
    assert handshake(client, server, name=host)
    assert not handshake(client, server, name="other.example.org")


def handshake(client: ssl.SSLContext, server: ssl.SSLContext, *, name: str) -> bool:
    """Shake hands in memory; tell whether the client accepts the server's certificate."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    left = client.wrap_bio(to_client, to_server, server_hostname=name)
    right = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for end in (left, right):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                return False
    return left.version() == "TLSv1.3"


def test_a_nodes_transport_key_is_one_that_ssh_understands() -> None:
    key = NodeKey.generate()
    assert key.public.startswith("ecdsa-sha2-nistp384 ")
    assert key.secret.startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----")
    assert "secret" not in repr(key)


def test_flowers_programs_start_quiet_offline_and_with_node_authentication(
    home: OperatorHome,
) -> None:
    command, quiet = serve_command(home), settings(home)
    assert "--enable-supernode-auth" in command
    assert "--disable-runtime-dependency-installation" in command
    assert "--insecure" not in command
    # Flower starts its other programs by name, also where no environment is active.
    assert quiet["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    assert (quiet["FLWR_TELEMETRY_ENABLED"], quiet["FLWR_DISABLE_UPDATE_CHECK"]) == ("0", "1")
    write_app(home)
    assert (
        'clientapp = "homeward_rounds:no_client"'
        in (home.path / "app" / "pyproject.toml").read_text()
    )
    compile((home.path / "app" / "homeward_rounds.py").read_text(), "app", "exec")


def test_a_superlink_that_does_not_start_is_reported(tmp_path: Path, home: OperatorHome) -> None:
    log = tmp_path / "log"
    log.write_text("no such certificate")
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with pytest.raises(ServerUnreachable, match="no such certificate"):
        wait_until_listening(log, dead, seconds=5)
    log.write_text("Uvicorn running on")
    wait_until_listening(log, dead, seconds=5)


def test_without_flower_starting_rounds_says_so(
    home: OperatorHome, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    flwr = tmp_path / "flwr"
    flwr.write_text("#!/bin/sh\necho no SuperLink >&2\nexit 3\n")
    flwr.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(ServerUnreachable, match="flwr run: no SuperLink"):
        start_rounds(home, count=1)


def test_the_status_page_is_whole_without_any_request(home: OperatorHome, tmp_path: Path) -> None:
    empty = render([], task="rehearsal")
    assert "0 of 0 rounds" in empty
    assert "Groups" not in empty
    nodes = devices(home, 8)
    run(home, nodes, count=1)
    run(home, nodes[:5], count=1)
    write_page(home, tmp_path / "status.html")
    page = (tmp_path / "status.html").read_text()
    assert "1 of 2 rounds opened" in page
    assert page.count("<svg") == 5
    assert "5 devices, 8 promised" in page
    assert "default-src 'none'" in page
    for outside in ("http://", "https://", "src=", "@import", "url("):
        assert outside not in page
    assert "<script" not in render(
        [{"number": 1, "version": 0, "problem": "<script>", "stages": []}], task="<script>"
    )


def test_the_command_line_makes_shows_and_publishes(tmp_path: Path) -> None:
    home = tmp_path / "op"
    sizes = ["--min-cohort", "8", "--min-survivors", "6", "--max-colluders", "0.25"]
    made = RUN.invoke(cli, ["init", str(home), *sizes])
    assert made.exit_code == 0, made.output
    assert "for rehearsals" in made.output
    device = RUN.invoke(cli, ["device", str(home), str(tmp_path / "device")])
    assert "enrolment.json, then run this again" in "".join(device.output.split("\n"))
    assert stat.S_IMODE((tmp_path / "device" / "node.key").stat().st_mode) == 0o600
    names = ["--summary", "How you like it.", "--operator", "Example",
             "--authority", "Registrar [red]"]  # fmt: skip
    offered = RUN.invoke(cli, ["offer", str(home), str(tmp_path / "offer"), *names])
    assert "Who admits devices: “Registrar [red]”" in offered.output
    policy = Offer.decode((tmp_path / "offer").read_bytes()).policy
    assert (policy.min_cohort, policy.max_colluders) == (8, 0.25)
    assert "while at most 25% of a round's devices work together" in offered.output
    shown = RUN.invoke(cli, ["status", str(home)])
    assert shown.exit_code == 0
    assert (home / "status.html").exists()
    back = RUN.invoke(cli, ["rollback", str(home), "0"])
    assert "Version 1 has the content of version 0" in back.output
    asking = RUN.invoke(cli, ["init", str(tmp_path / "canary"), "--canary-of", str(home)])
    assert asking.exit_code == 0, asking.output
    assert OperatorHome(tmp_path / "canary").settings().policy.code == "rehearsal-1-canary"
    published = RUN.invoke(cli, ["publish", str(home), str(tmp_path / "www")])
    assert "version 1" in published.output
    assert {path.name for path in (tmp_path / "www").iterdir()} == {
        "00000000.hwf", "00000001.hwf", "latest.hwf", "operator.pub",
    }  # fmt: skip
    assert json.loads((home / "settings.json").read_text())["policy"]["groups"] == 8


def test_a_share_of_colluders_that_the_masks_cannot_bear_makes_no_folder(tmp_path: Path) -> None:
    refused = RUN.invoke(cli, ["init", str(tmp_path / "op"), "--max-colluders", "0.5"])
    assert refused.exit_code != 0
    assert not (tmp_path / "op").exists()


def test_the_conductor_waits_in_real_time_by_default() -> None:
    assert Conductor(InMemoryTransport([])).patience == 30.0
