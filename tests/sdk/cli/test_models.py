"""`homeward models …`: what is asked before a fetch, other programs' models, and the hub's."""

import hashlib
from pathlib import Path

import pexpect
import pytest
from tests.sdk.learning import tiny_models

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


def test_a_file_of_another_program_is_imported_listed_and_told_of_when_it_is_gone(
    homeward: Run, home: Path
) -> None:
    other = home / "Other Tiny.gguf"
    tiny_models.write("llama", other)

    done = homeward("models", "import", str(other), "--as", "tiny")

    assert done.returncode == 0
    assert str(other) in " ".join(done.stderr.split())
    assert "imported" in homeward("models", "list").stdout
    assert homeward("models", "path", "tiny").stdout == f"{other}\n"
    other.unlink()
    gone = homeward("--model", "tiny", "ask", "Hello?")
    assert gone.returncode == 1
    assert "import tiny again" in gone.stderr


def test_other_programs_models_are_listed(homeward: Run, home: Path) -> None:
    nothing = homeward("models", "import", HOME=str(home))
    folder = home / ".lmstudio/models/maker/tiny-GGUF"
    folder.mkdir(parents=True)
    tiny_models.write("llama", folder / "tiny.gguf")
    listed = homeward("models", "import", HOME=str(home))

    assert "Neither Ollama nor LM Studio" in nothing.stderr
    assert "maker/tiny-GGUF/tiny.gguf" in listed.stdout
    assert "LM Studio" in listed.stdout


@pytest.mark.parametrize("name", ["hub:nobody", "hub:a/b:c.bin"])
def test_a_hub_name_of_another_form_is_misuse(homeward: Run, name: str) -> None:
    done = homeward("models", "pull", name)

    assert done.returncode == 2
    assert "hub:OWNER/REPO:FILE" in done.stderr


def test_without_a_network_a_search_says_so(homeward: Run) -> None:
    done = homeward("models", "search", "tiny", HF_ENDPOINT="https://127.0.0.1:9")

    assert done.returncode == 1
    assert "no connection" in done.stderr
