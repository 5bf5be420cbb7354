"""The plug-in in llm itself: its command, its Python API, its conversations, its logs."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("llm")

import homeward
from homeward import Passphrase

pytestmark = pytest.mark.model
PLUGIN = Path(__file__).parents[2] / "examples" / "llm-homeward"
RunLlm = Callable[..., str]
SECRET = Passphrase("correct horse battery staple")


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the package, so that llm finds it by its entry point as it finds any plug-in."""
    folder = tmp_path_factory.mktemp("plugin")
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--target", folder]
    command = [sys.executable, "-m", "pip", "install", *map(str, options), str(PLUGIN)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def run_llm(plugin: Path, home: Path, environment: dict[str, str]) -> RunLlm:
    """Return a function that runs the `llm` command over a profile that knows one thing."""
    created = homeward.create("me", unlock=SECRET, home=home)
    with created.assistant as me:
        me.remember("I am allergic to peanuts.")
    path = os.pathsep.join([str(plugin), os.environ.get("PYTHONPATH", "")])
    variables = environment | {"PYTHONPATH": path, "LLM_USER_PATH": str(home / "llm")}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "llm", *arguments],
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_llm_answers_with_what_homeward_knows(run_llm: RunLlm, home: Path) -> None:
    assert "Homeward: homeward" in run_llm("models")

    first = run_llm("-m", "homeward", "-o", "max_tokens", "24", "What am I allergic to?")
    run_llm("-m", "homeward", "-c", "-o", "max_tokens", "8", "And what should I avoid?")
    [newest, oldest] = json.loads(run_llm("logs", "--json", "-n", "2"))[::-1]

    assert first.strip()
    with homeward.open("me", unlock=SECRET, home=home) as me:
        turns = me.profile.turns.conversation(oldest["conversation_id"])
        assert [turn.asked for turn in turns] == [
            "What am I allergic to?",
            "And what should I avoid?",
        ]
        assert len(turns[0].used) == 1
    assert newest["conversation_id"] == oldest["conversation_id"]


def test_incognito_leaves_nothing_in_the_profile(run_llm: RunLlm, home: Path) -> None:
    run_llm("-m", "homeward", "-o", "incognito", "true", "-o", "max_tokens", "4", "My secret plan")

    with homeward.open("me", unlock=SECRET, home=home) as me:
        assert me.profile.turns.count() == 0


def test_a_wrong_passphrase_is_one_clear_line(run_llm: RunLlm, home: Path) -> None:
    (home / "passphrase").write_text("wrong\n")

    with pytest.raises(AssertionError, match="Error: ") as failed:
        run_llm("-m", "homeward", "hello")

    assert "Traceback" not in str(failed.value)
