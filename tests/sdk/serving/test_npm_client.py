"""OpenAI's official npm client, unchanged, against the server. Skips where npm cannot fetch it."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.sdk.serving.conftest import TOKEN, Served

PROJECT = Path(__file__).parent / "node"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the client installed as its lock file says."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node is not installed")
    folder = tmp_path_factory.mktemp("npm") / "node"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("node_modules"))
    command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"]
    options = ["--fetch-retries", "0", "--fetch-timeout", "20000"]
    try:
        done = subprocess.run(
            [*command, *options], cwd=folder, capture_output=True, check=False, timeout=120
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm's registry does not answer")
    if done.returncode:
        pytest.skip("npm's registry does not answer")
    return folder


def test_the_npm_client_asks_streams_and_embeds(project: Path, served: Served) -> None:
    served.me.remember("I am allergic to peanuts.")

    done = subprocess.run(
        ["node", "check.mjs", f"{served.url}/v1", TOKEN],
        cwd=project,
        env=os.environ | {"NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["whole"] == said["streamed"] == "Hello, Ada."
    assert said["pieces"] > 5
    assert said["used"] == 1
    assert said["embedded"] == [64, 64]
    assert "scripted" in said["models"]
    assert said["refused"] == "AuthenticationError"


def test_the_lock_file_names_the_client_and_no_registry() -> None:
    lock = json.loads((PROJECT / "package-lock.json").read_text())
    wanted = json.loads((PROJECT / "package.json").read_text())["dependencies"]["openai"]

    assert lock["packages"]["node_modules/openai"]["version"] == wanted
    assert lock["packages"]["node_modules/openai"]["integrity"].startswith("sha512-")
    assert "resolved" not in json.dumps(lock)
    assert "://" not in json.dumps(lock).replace("https://opencollective.com", "")
