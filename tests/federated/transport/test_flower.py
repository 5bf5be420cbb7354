"""
What Homeward needs of the pinned Flower, held against the installed one.

Skipped without the extra `federated`.
"""

import importlib.metadata
import inspect
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

flwr = pytest.importorskip(
    "flwr", reason="Flower comes with the extra `federated`", exc_type=ImportError
)


def test_the_installed_flower_is_the_pinned_one() -> None:
    assert importlib.metadata.version("flwr") == "1.41.0"


def test_importing_the_adapter_switches_off_reports_and_update_checks() -> None:
    import homeward_federated.transport.flower_device  # noqa: F401

    assert os.environ["FLWR_TELEMETRY_ENABLED"] == "0"
    assert os.environ["FLWR_DISABLE_UPDATE_CHECK"] == "1"
    from flwr.supercore import telemetry

    source = inspect.getsource(telemetry)
    assert "FLWR_TELEMETRY_ENABLED" in source


def test_the_private_connection_still_has_the_shape_we_use() -> None:
    from flwr.supernode.fleet_http_connection import http_request_response

    parameters = list(inspect.signature(http_request_response).parameters)
    assert parameters == [
        "server_address", "insecure", "root_certificates", "authentication_keys",
        "max_retries", "max_wait_time",
    ]  # fmt: skip
    ends = inspect.getsource(http_request_response).split("yield (")[1].split(")")[0]
    assert [end.strip() for end in ends.split(",") if end.strip()] == [
        "node.node_id", "receive", "send", "get_run", "get_fab", "pull_object", "push_object",
        "confirm_message_received",
    ]  # fmt: skip


def test_what_is_raised_while_connected_is_not_dropped_by_flower(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from contextlib import contextmanager

    from homeward_federated import NothingToShare
    from homeward_federated.enrolment.node_key import NodeKey
    from homeward_federated.transport import flower_device

    @contextmanager
    def as_flower_does(*_: object) -> Iterator[tuple[object, ...]]:
        with suppress(Exception):  # "log(ERROR, exc)", in http_request_response
            yield (1, *[None] * 7)

    monkeypatch.setattr(flower_device, "http_request_response", as_flower_does)
    with (
        pytest.raises(NothingToShare),
        flower_device.connect("localhost:1", ca=b"", node_key=NodeKey.generate().secret),
    ):
        raise NothingToShare


def test_our_messages_survive_flowers_container_and_nothing_else_does() -> None:
    from flwr.app import ConfigRecord, MetricRecord, RecordDict

    from homeward_federated import Malformed
    from homeward_federated.transport.flower_messages import unwrap, wrap

    assert unwrap(wrap(b"HWF\x01")) == b"HWF\x01"
    for other in (
        RecordDict(),
        RecordDict({"homeward": ConfigRecord({"message": b"x", "extra": 1})}),
        RecordDict({"homeward": ConfigRecord({"message": "text"})}),
        RecordDict({"homeward": MetricRecord({"message": 1})}),
        RecordDict({"homeward": ConfigRecord({"message": b"x"}), "fit": ConfigRecord()}),
    ):
        with pytest.raises(Malformed):
            unwrap(other)


def test_the_application_flower_gets_runs_rounds_and_no_client_code() -> None:
    from flwr.clientapp import ClientApp
    from flwr.serverapp import ServerApp

    from homeward_federated.operator.flower_server import app, no_client

    assert isinstance(app, ServerApp)
    assert isinstance(no_client, ClientApp)
    assert type(app).__module__.startswith("flwr.")  # Flower's own class, not one of ours
    import homeward_federated.transport.flower_device as adapter

    assert "_application(" not in inspect.getsource(adapter)


CAN_ISOLATE = shutil.which("unshare") is not None and (
    subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode == 0
)


# Of ten devices, in each stage: three are killed in each round.
ANSWERED = [[9, 9, 8, 8, 7, 7], [10, 9, 9, 8, 8, 7]]


@pytest.mark.timeout(900)
@pytest.mark.skipif(
    not CAN_ISOLATE or not os.environ.get("HOMEWARD_TEN_PROCESSES"),
    reason="takes minutes; set HOMEWARD_TEN_PROCESSES=1, on Linux with user namespaces",
)
def test_ten_processes_in_an_empty_network_open_the_survivors_sums(tmp_path: Path) -> None:
    script = Path(__file__).parents[1] / "rehearse_kills.py"
    inner = 'ip link set lo up; exec "$0" "$@"'
    command = ["unshare", "-rn", "sh", "-c", inner, sys.executable, str(script)]
    done = subprocess.run(
        [*command, str(tmp_path / "op"), "10", "40"], capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["killed"] == [0, 1, 2, 3, 4, 5]
    for one, answered in zip(result["rounds"], ANSWERED, strict=True):
        assert one["problem"] == ""
        assert one["answered"] == answered
        assert one["sum is the survivors'"]
