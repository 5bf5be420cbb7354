"""`homeward serve` as a process of its own: how it starts, what it says, how it ends."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from homeward.serving.tokens import kept_token, token_file
from homeward_store import Passphrase, create_profile, open_profile
from homeward_store.keys.key_derivation import FASTEST

SECRET = "correct horse battery staple"
CHAT = "/v1/chat/completions"

pytestmark = pytest.mark.model

Start = Callable[..., tuple[subprocess.Popen[str], httpx.Client]]


@pytest.fixture
def home(tmp_path: Path, models_home: Path) -> Path:
    """Return a data folder with Ada's profile, its passphrase in a file, and the models."""
    made = create_profile(tmp_path / "profiles" / "ada", unlock=[Passphrase(SECRET)], cost=FASTEST)
    made.profile.close()
    (tmp_path / "passphrase").write_text(SECRET)
    (tmp_path / "models").symlink_to(models_home / "models")
    return tmp_path


@pytest.fixture
def start(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Return a function that starts the server and a client that has its token."""
    monkeypatch.setenv("HOMEWARD_HOME", str(home))
    monkeypatch.setenv("HOMEWARD_PASSPHRASE_FILE", str(home / "passphrase"))
    running: list[subprocess.Popen[str]] = []

    def function(*options: str) -> tuple[subprocess.Popen[str], httpx.Client]:
        command = [sys.executable, "-m", "homeward.cli", "-p", "ada", "--threads", "1", "serve"]
        process = subprocess.Popen(
            [*command, "--port", "0", *options], stderr=subprocess.PIPE, text=True
        )
        running.append(process)
        assert process.stderr is not None
        url = re.search(r"http://\S+:\d+", process.stderr.readline())
        assert url is not None
        token = token_file(home, "ada").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        client = httpx.Client(base_url=url[0], headers=headers, timeout=60, trust_env=False)
        return process, client

    yield function
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_in_the_middle_of_a_stream(
    start: Start, home: Path, ending: signal.Signals
) -> None:
    process, client = start()
    question = {"role": "user", "content": "Tell me a very long story about a lighthouse."}
    body = {"messages": [question], "stream": True, "max_tokens": 2000}
    with client, client.stream("POST", CHAT, json=body) as stream:
        lines = stream.iter_lines()
        seen = [next(lines) for _ in range(8)]  # each event is a line and an empty one
        process.send_signal(ending)
        rest = list(lines)

    assert "content" in seen[-2]
    assert rest[-2] == "data: [DONE]"
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in said
    with open_profile(home / "profiles" / "ada", unlock=Passphrase(SECRET)) as profile:
        profile.check()
        [turn] = profile.turns.latest(9)
    assert turn.asked == question["content"]
    assert turn.replied
    assert not turn.complete


def test_the_real_model_answers_from_what_it_was_told(start: Start) -> None:
    process, client = start()
    with client:
        client.post("/homeward/v1/memories", json={"text": "My cat is called Miso."})
        body = {
            "messages": [{"role": "user", "content": "What is my cat called?"}],
            "temperature": 0,
            "max_tokens": 40,
        }
        reply = client.post(CHAT, json=body).json()
        schema = {"type": "object", "properties": {"name": {"enum": ["Tom", "Miso"]}}}
        schema["required"] = ["name"]
        wanted = {"type": "json_schema", "json_schema": {"name": "cat", "schema": schema}}
        formed = client.post(CHAT, json=body | {"response_format": wanted}).json()
    process.send_signal(signal.SIGINT)

    assert json.loads(formed["choices"][0]["message"]["content"])["name"] in ("Tom", "Miso")
    assert "Miso" in reply["choices"][0]["message"]["content"]
    assert process.wait(timeout=30) == 0


def test_another_address_than_the_loopback_is_refused(start: Start, home: Path) -> None:
    command = [sys.executable, "-m", "homeward.cli", "-p", "ada", "serve", "--host", "0.0.0.0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 2
    assert "can be reached by others" in done.stderr


def test_a_token_is_kept_for_its_owner_alone_and_made_anew_on_request(tmp_path: Path) -> None:
    file = token_file(tmp_path, "ada")
    first = kept_token(file)

    assert kept_token(file) == first
    assert file.stat().st_mode & 0o777 == 0o600
    assert kept_token(file, anew=True) != first


def test_a_token_is_replaced_after_a_month(tmp_path: Path) -> None:
    file = token_file(tmp_path, "ada")
    first = kept_token(file)
    month_ago = time.time() - 30 * 24 * 3600
    os.utime(file, (month_ago, month_ago + 3600))
    assert kept_token(file) == first
    os.utime(file, (month_ago, month_ago))

    assert kept_token(file) != first


def test_a_token_that_others_could_have_read_is_replaced(tmp_path: Path) -> None:
    file = token_file(tmp_path, "ada")
    first = kept_token(file)
    file.chmod(0o644)

    assert kept_token(file) != first
    assert file.stat().st_mode & 0o777 == 0o600
