"""Text that a command takes: not only as an argument, which the shell and other users can see."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from tests.sdk.cli.conftest import Run

from homeward.cli import text_input

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("with_models")]

EDITOR = """#!/bin/sh
[ "$(stat -c %a "$1")" = 600 ] || exit 1
[ "$(stat -c %a "$(dirname "$1")")" = 700 ] || exit 1
dirname "$1" > {seen}
cp "$1" "$1~"
printf '%s' "{text}" > "$1"
"""


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file in which the editor says where it was let write."""
    script, seen = tmp_path / "editor", tmp_path / "seen"
    script.write_text(EDITOR.format(seen=seen, text="My cat is called Miso.\n"))
    script.chmod(0o700)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(script))
    return seen


@pytest.mark.parametrize("argument", [["-"], []])
@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_a_memory_is_read_from_standard_input(
    homeward: Run, argument: list[str], ending: bytes
) -> None:
    text = "Mein Kater heißt Miso.".encode()
    assert homeward("memories", "add", *argument, stdin=text + ending).returncode == 0

    assert "heißt Miso." in homeward("memories", "list").stdout


def test_every_command_that_takes_the_persons_text_reads_it_from_standard_input(
    homeward: Run,
) -> None:
    homeward("memories", "add", stdin=b"My cat is called Miso.")

    assert homeward("profile", "set", "home town", stdin=b"Bergen\n").returncode == 0
    assert "Bergen" in homeward("profile", "show").stdout
    assert "Miso" in homeward("memories", "search", stdin=b"What is my cat called?").stdout
    assert homeward("memories", "deny", "-", stdin=b"knee\nsalary\n").stdout == "knee\nsalary\n"
    assert "Receipt 1" in homeward("memories", "forget", "--yes", stdin=b"cat\n").stdout
    assert "Miso" not in homeward("memories", "list").stdout


def test_an_images_caption_is_read_from_standard_input(homeward: Run, tmp_path: Path) -> None:
    (tmp_path / "menu.png").write_bytes(b"\x89PNG")
    command = ["memories", "import", str(tmp_path / "menu.png"), "--caption", "-"]

    assert homeward(*command, stdin=b"Soup of the day: lentils.\n").returncode == 0
    assert "lentils" in homeward("memories", "list").stdout


def test_an_export_is_imported_from_standard_input(homeward: Run) -> None:
    chats = b'[{"uuid": "k", "chat_messages": [{"sender": "human", "text": "I keep bees."}]}]'

    first = homeward("memories", "import", "-", stdin=chats)
    again = homeward("memories", "import", "-", stdin=chats)
    image = homeward("memories", "import", "-", "--caption", "-", stdin=b"Soup.")

    assert first.stdout == "standard input: exchanges: 1, documents: 0, memories: 1.\n"
    assert "known already: 1" in again.stdout
    assert (image.returncode, "give its file by name" in image.stderr) == (2, True)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_devices_are_refused_as_standard_input(environment: dict[str, str], device: str) -> None:
    opened = os.open(device, os.O_RDONLY)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "homeward.cli", "memories", "import", "-"],
            stdin=opened,
            env=environment,
            capture_output=True,
            timeout=120,
            check=False,
        )
    finally:
        os.close(opened)

    assert done.returncode == 1
    assert b"standard input: it is a device" in done.stderr


def test_bytes_that_are_no_text_are_refused(homeward: Run) -> None:
    done = homeward("memories", "add", "-", stdin=b"caf\xe9")

    assert done.returncode != 0
    assert "Traceback" not in done.stderr


def test_an_editor_writes_in_a_private_folder_of_which_nothing_is_left(editor: Path) -> None:
    assert text_input.edited() == "My cat is called Miso."

    folder = Path(editor.read_text().strip())
    assert not folder.exists()
    if Path("/dev/shm").is_dir():
        assert folder.parent == Path("/dev/shm")


def test_without_a_folder_in_memory_the_text_still_goes(
    editor: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_input, "_IN_MEMORY", tmp_path / "absent")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    assert text_input.edited() == "My cat is called Miso."
    assert Path(editor.read_text().strip()).parent == tmp_path
    assert not list(tmp_path.glob("homeward-*"))
    assert stat.S_ISREG(editor.stat().st_mode)


def test_an_editor_that_leaves_nothing_does_nothing(
    editor: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", "true")

    with pytest.raises(ValueError, match="the text was empty"):
        text_input.edited()
    assert not editor.exists()
