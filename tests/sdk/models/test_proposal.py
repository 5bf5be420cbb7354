"""`homeward models pull` without a name proposes the best model that fits, where it can be had."""

import hashlib
import os
import sys
from pathlib import Path

import pexpect
import pytest

from homeward import models, paths

from .conftest import CONTENT, Hub

PULL = ["-m", "homeward.cli", "models", "pull"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a data folder whose entries of the default models' names are tiny, or nowhere."""
    file = tmp_path / "tiny.gguf"
    file.write_bytes(CONTENT)
    digest = hashlib.sha256(CONTENT).hexdigest()
    rows = {
        "smollm2-135m": ("language", [file.name]),
        "minilm-l6": ("embedding", ["model.safetensors", "tokenizer.json"]),
        "qwen3-8b": ("language", [file.name]),
    }
    text = ""
    for name, (kind, members) in rows.items():
        text += f"[{name}]\nkind = '{kind}'\nlicence = 'MIT'\nfolder = '{tmp_path}'\n"
        text += "rank = 99\n" if name == "qwen3-8b" else ""
        for member in members:
            text += f"[[{name}.files]]\nmember = '{member}'\nbytes = {len(CONTENT)}\n"
            text += f"sha256 = '{digest}'\n"
    paths.own_entries(tmp_path).write_text(text)
    return tmp_path


def start(home: Path, **variables: str) -> "pexpect.spawn[str]":
    environment = {**os.environ, "HOMEWARD_HOME": str(home), "TERM": "xterm", **variables}
    return pexpect.spawn(
        sys.executable, PULL, env=environment, encoding="utf-8", timeout=60, dimensions=(40, 300)
    )


@pytest.mark.parametrize(("answer", "pulled"), [("y", "qwen3-8b"), ("n", "smollm2-135m")])
def test_at_a_terminal_it_is_asked(hub: Hub, home: Path, answer: str, pulled: str) -> None:
    hub.answers["/api/models?limit=1"] = "[]"
    command = start(home, HF_ENDPOINT=hub.url.removesuffix("/repo/"))

    command.expect(r"GB of memory are free here\. The best model that fits is qwen3-8b.*MIT")
    command.expect(r"\[y/N\]")
    command.sendline(answer)
    command.expect(f"{pulled}: whole")
    command.expect("model.safetensors")  # and the embedder, which is nowhere
    command.close(force=True)

    assert [one.name for one in models.installed(home)] == [pulled]


def test_without_a_hub_nothing_is_asked(home: Path) -> None:
    command = start(home, HF_ENDPOINT="https://127.0.0.1:9")

    found = command.expect([r"\[y/N\]", "smollm2-135m: whole"])
    command.close(force=True)

    assert found == 1
