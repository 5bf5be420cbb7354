"""ONNX Runtime is told not to report its use before it loads, whoever loads it first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SILENCE = "ORT_DISABLE_TELEMETRY"
DOORS = ("homeward.engines.onnx", "homeward.learning.gradients.gradient")


def run(code: str, home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != SILENCE}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"HOME": str(home)} | variables,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


@pytest.mark.parametrize("door", DOORS)
def test_the_runtime_loads_with_its_reports_switched_off_and_writes_nothing(
    door: str, tmp_path: Path
) -> None:
    done = run(f"import os, {door}, time; print(os.environ['{SILENCE}']); time.sleep(1)", tmp_path)

    assert done.stdout.strip() == "1"
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []  # releases with reports leave an id below ~/.cache


def test_an_app_that_loaded_it_with_reports_is_told(tmp_path: Path) -> None:
    loaded = f"import os, onnxruntime; os.environ.pop('{SILENCE}'); import homeward.engines.ort"

    done = run(loaded, tmp_path, **{SILENCE: "1"})

    assert "TelemetryWarning" in done.stderr
    assert f"Set {SILENCE}=1 before that import" in done.stderr


def test_an_app_that_loaded_it_without_reports_is_not_told(tmp_path: Path) -> None:
    done = run("import onnxruntime, homeward.engines.ort", tmp_path, **{SILENCE: "1"})

    assert done.stderr == ""
