"""The Node clients of examples/electron, plain and OpenAI's. Electron's window is not run."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import OpenAssistant
from tests.sdk.serving.conftest import TOKEN, Serve, Served, SlowModel

from homeward.testing import ScriptedModel

EXAMPLE = Path(__file__).parents[3] / "examples" / "electron"
NODE = shutil.which("node") or ""
REPLY = "Nora lives in Bergen, by the harbour."

pytestmark = pytest.mark.skipif(not NODE, reason="there is no Node on this system")

Node = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """Return a function that starts a script of the example against a server."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")

    def start(served: Served, *command: str) -> subprocess.Popen[str]:
        told = {"HOMEWARD_URL": served.url, "HOMEWARD_TOKEN_FILE": str(tmp_path / "token")}
        return subprocess.Popen(
            [NODE, *command],
            cwd=EXAMPLE,
            env=os.environ | told,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def printed(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


def test_the_plain_client_streams_and_says_what_was_used(
    serve: Serve, node: Node, open_assistant: OpenAssistant
) -> None:
    me = open_assistant(ScriptedModel([REPLY]))
    me.remember("Where does Nora live? Nora lives in Bergen.")

    said = printed(node(serve(me), "ask.mjs", "Where does Nora live?"))

    assert said.splitlines()[0] == REPLY
    assert "used: Where does Nora live? Nora lives in Bergen." in said


@pytest.mark.skipif(
    not (EXAMPLE / "node_modules" / "openai").exists(), reason="`npm install` was not run there"
)
def test_the_client_of_openai_works_unchanged(
    serve: Serve, node: Node, open_assistant: OpenAssistant
) -> None:
    served = serve(open_assistant(ScriptedModel([REPLY])))

    assert printed(node(served, "openai.mjs", "Where does Nora live?")) == f"{REPLY}\n"


def test_a_wrong_token_is_an_error_that_says_so(serve: Serve, node: Node, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("wrong\n")

    _, err = node(serve(), "ask.mjs", "hello").communicate(timeout=60)

    assert "401 wrong_token" in err


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT to send")
def test_a_client_that_is_interrupted_ends_the_reply(
    serve: Serve, node: Node, open_assistant: OpenAssistant
) -> None:
    me = open_assistant(SlowModel([" ".join(map(str, range(2000)))]))
    process = node(serve(me), "ask.mjs", "Count.")
    assert process.stdout is not None
    assert process.stdout.read(4)

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    until = time.monotonic() + 20
    while me.profile.turns.latest(1)[0].replied_at is None:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert not me.profile.turns.latest(1)[0].complete


def test_every_script_of_the_example_parses() -> None:
    for script in (*EXAMPLE.glob("*.mjs"), *EXAMPLE.glob("*.cjs")):
        subprocess.run([NODE, "--check", str(script)], check=True, capture_output=True)
