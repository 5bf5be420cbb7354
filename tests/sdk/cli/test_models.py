"""`homeward models …`: terms are shown and accepted before a model is fetched."""

import hashlib
from pathlib import Path

import pexpect
import pytest

from .conftest import Run, Start

PULL = ("-m", "homeward.cli", "models", "pull", "mine")


@pytest.fixture
def bound(home: Path) -> Path:
    """Enter a model with terms of use; return where it lies once it was pulled."""
    (home / "mine.gguf").write_bytes(b"GGUF")
    digest = hashlib.sha256(b"GGUF").hexdigest()
    (home / "models.toml").write_text(
        f"[mine]\nkind = 'language'\nlicence = 'Terms of Mine'\ncontext = 1\nfolder = '{home}'\n"
        "terms = { name = 'mine-1', url = 'https://example.org/terms' }\n"
        f"[[mine.files]]\nmember = 'mine.gguf'\nbytes = 4\nsha256 = '{digest}'\n"
    )
    return home / "models" / "mine" / "mine.gguf"


def test_without_a_terminal_terms_are_named_and_accepted_by_an_option(
    homeward: Run, bound: Path
) -> None:
    refused = homeward("models", "pull", "mine")

    assert refused.returncode == 1
    for said in ("Terms of Mine", "https://example.org/terms", "--accept-licence", "mine-1"):
        assert said in refused.stderr
    assert not bound.exists()
    assert homeward("models", "pull", "mine", "--accept-licence", "mine-1").returncode == 0
    assert bound.exists()


@pytest.mark.parametrize("answer", ["y", "n"])
def test_at_a_terminal_terms_are_asked_for(terminal: Start, bound: Path, answer: str) -> None:
    pull = terminal(*PULL)
    pull.expect("https://example.org/terms")
    pull.expect(r"accept them for mine\? \[y/N\]")
    pull.sendline(answer)
    pull.expect(pexpect.EOF)
    pull.wait()

    assert pull.exitstatus == (0 if answer == "y" else 1)
    assert bound.exists() == (answer == "y")
