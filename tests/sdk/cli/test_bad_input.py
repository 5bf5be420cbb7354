"""What is asked wrongly or lies damaged on the disk: a clear line, an exit code, nothing lost."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tests.sdk.cli.conftest import SECRET, Done, Run

from homeward.models import DEFAULT_EMBEDDING, DEFAULT_LANGUAGE, ModelManifest, ModelUse
from homeward.models.manifest import stored, write
from homeward_store import Passphrase, open_profile


def refused(done: Done, *, code: int, saying: str) -> None:
    """Check that a command failed with one clear line, and with no trace of its insides."""
    assert done.returncode == code, done.stderr
    assert saying in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_a_wrong_passphrase(process: Run, home: Path) -> None:
    (home / "wrong").write_text("not it")

    done = process("profile", "show", HOMEWARD_PASSPHRASE_FILE=str(home / "wrong"))

    refused(done, code=1, saying="not the passphrase")


def test_a_passphrase_file_that_is_not_there(homeward: Run, home: Path) -> None:
    done = homeward("profile", "show", HOMEWARD_PASSPHRASE_FILE=str(home / "none"))

    refused(done, code=1, saying="No such file")


def test_an_empty_passphrase_file(homeward: Run, home: Path) -> None:
    (home / "empty").write_text("\n")

    done = homeward("-p", "new", "profile", "create", HOMEWARD_PASSPHRASE_FILE=str(home / "empty"))

    refused(done, code=2, saying="must not be empty")
    assert not (home / "profiles" / "new").exists()


def test_a_passphrase_in_the_environment_is_not_read(homeward: Run) -> None:
    done = homeward(
        "profile",
        "show",
        HOMEWARD_PASSPHRASE_FILE="",
        HOMEWARD_PASSPHRASE=SECRET,
        PASSPHRASE=SECRET,
    )

    refused(done, code=1, saying="no terminal to ask for the passphrase")


def test_a_keychain_that_is_not_there(process: Run, home: Path) -> None:
    none = "keyring.backends.fail.Keyring"

    opened = process("--keychain", "profile", "show", PYTHON_KEYRING_BACKEND=none)
    created = process("--keychain", "profile", "create", "bo", PYTHON_KEYRING_BACKEND=none)

    refused(opened, code=1, saying="with or without --keychain")  # it was made with a passphrase
    refused(created, code=1, saying="Unlock the keychain")
    assert [folder.name for folder in (home / "profiles").iterdir()] == ["me"]


@pytest.mark.parametrize("command", [("chat",), ("ask", "Hello?"), ("profile", "show")])
def test_a_profile_that_is_not_there(homeward: Run, command: tuple[str, ...]) -> None:
    refused(homeward("-p", "nobody", *command), code=1, saying="no profile called 'nobody'")


def test_a_profile_name_that_leads_out_of_the_folder(homeward: Run, home: Path) -> None:
    refused(homeward("profile", "create", "../../x"), code=2, saying="letters, digits")
    assert sorted(path.name for path in home.iterdir()) == ["passphrase", "profiles"]


def test_a_profile_that_exists_is_not_created_again(homeward: Run, home: Path) -> None:
    before = digest(home)

    refused(homeward("profile", "create"), code=1, saying="exists already")
    assert digest(home) == before


def test_a_plaintext_database_given_as_a_profile(homeward: Run, home: Path) -> None:
    [database] = (home / "profiles" / "me").glob("store-*.db")
    database.unlink()
    with sqlite3.connect(database) as plain:
        plain.execute("CREATE TABLE diary(entry)")
    plain.close()

    refused(homeward("profile", "show"), code=1, saying="is not encrypted")


def test_a_profile_of_a_newer_version(process: Run, home: Path) -> None:
    keys = home / "profiles" / "me" / "keyslots.json"
    keys.write_text(json.dumps(json.loads(keys.read_text()) | {"version": 99}))
    before = digest(home)

    refused(process("profile", "show"), code=1, saying="Upgrade Homeward")
    assert digest(home) == before


def test_a_truncated_profile(homeward: Run, home: Path) -> None:
    [database] = (home / "profiles" / "me").glob("store-*.db")
    os.truncate(database, 8192)

    refused(homeward("profile", "show"), code=1, saying="restore a backup")


def test_a_profile_that_another_process_has_open(process: Run, home: Path) -> None:
    with open_profile(home / "profiles" / "me", unlock=Passphrase(SECRET)) as profile:
        profile.attributes.set("name", "Ada")
        refused(process("profile", "show"), code=1, saying="Close the other program")

    assert "Ada" in process("profile", "show").stdout


def test_a_file_in_place_of_the_data_folder(homeward: Run, home: Path) -> None:
    (home / "file").touch()

    done = homeward("profile", "create", HOMEWARD_HOME=str(home / "file"))

    refused(done, code=1, saying="HOMEWARD_HOME")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_without_write_permission(homeward: Run, home: Path) -> None:
    locked = home / "locked"
    locked.mkdir(mode=0o500)

    done = homeward("profile", "create", HOMEWARD_HOME=str(locked))

    refused(done, code=1, saying="HOMEWARD_HOME")


def test_a_read_only_data_folder(home: Path, environment: dict[str, str]) -> None:
    done = in_namespace(
        """
        mount --bind "$HOMEWARD_HOME" "$HOMEWARD_HOME"
        mount -o remount,ro,bind "$HOMEWARD_HOME"
        exec $HOMEWARD profile create other
        """,
        environment,
    )

    refused(done, code=1, saying="HOMEWARD_HOME")
    assert not (home / "profiles" / "other").exists()


def test_a_full_disk_refuses_what_is_new_and_keeps_what_is_there(
    home: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "small").mkdir()
    done = in_namespace(
        """
        mount -t tmpfs -o size=3m tmpfs "$SMALL"
        cp -r "$HOMEWARD_HOME/." "$SMALL"
        export HOMEWARD_HOME="$SMALL"
        $HOMEWARD profile set kept before
        dd if=/dev/zero of="$SMALL/filler" bs=4k 2>/dev/null || true
        $HOMEWARD profile set lost "$(head -c 90000 /dev/zero | tr '\\0' x)" || echo "code $?"
        rm "$SMALL/filler"
        $HOMEWARD profile show
        """,
        environment | {"SMALL": str(tmp_path / "small")},
    )

    assert "code 1" in done.stdout
    assert "Free disk space" in done.stderr
    assert "before" in done.stdout
    assert "xxx" not in done.stdout


@pytest.mark.parametrize("command", [("ask", "Hello?"), ("memories", "add", "I like tea.")])
def test_models_that_were_not_pulled(homeward: Run, command: tuple[str, ...]) -> None:
    refused(homeward(*command), code=1, saying="`homeward models pull`")


def test_a_half_downloaded_model(homeward: Run, home: Path) -> None:
    partial = home / "models" / f".{DEFAULT_LANGUAGE}.partial"
    partial.mkdir(parents=True)
    (partial / "model.gguf.part").write_bytes(b"GGUF")

    refused(homeward("ask", "Hello?"), code=1, saying="`homeward models pull`")
    assert (partial / "model.gguf.part").exists()


def test_a_truncated_model(homeward: Run, home: Path) -> None:
    os.truncate(pulled(home, DEFAULT_LANGUAGE, b"GGUF" * 100), 40)

    refused(homeward("ask", "Hello?"), code=1, saying="fetches it again")


def test_a_model_that_is_no_gguf_file(homeward: Run, home: Path) -> None:
    pulled(home, DEFAULT_LANGUAGE, b"<!DOCTYPE html>" * 100)
    other = home / "other.gguf"
    other.write_bytes(b"GGUF\x03\0\0\0 and then nothing")

    refused(homeward("ask", "Hello?"), code=1, saying="fetches it again")
    refused(homeward("--model", str(other), "ask", "Hello?"), code=1, saying="fetches it again")


def test_a_model_with_a_wrong_hash(homeward: Run, home: Path) -> None:
    pulled(home, DEFAULT_EMBEDDING, b"right" * 100)
    file = pulled(home, DEFAULT_LANGUAGE, b"right" * 100)
    file.write_bytes(b"wrong" * 100)

    done = homeward("models", "verify")

    assert done.returncode == 1
    assert f"{DEFAULT_LANGUAGE}: damaged: model.gguf" in done.stdout
    assert f"{DEFAULT_EMBEDDING}: whole" in done.stdout


def test_a_source_that_delivers_another_file_than_the_pinned_one(homeward: Run, home: Path) -> None:
    (home / "mine.gguf").write_bytes(b"GGUF")
    (home / "models.toml").write_text(
        f"[mine]\nkind = 'language'\nlicence = 'MIT'\ncontext = 1\nfolder = '{home}'\n"
        f"[[mine.files]]\nmember = 'mine.gguf'\nbytes = 4\nsha256 = '{'0' * 64}'\n"
    )

    refused(homeward("models", "pull", "mine"), code=1, saying="is not the pinned file")
    assert not (home / "models" / "mine").exists()


def test_a_catalogue_that_cannot_be_read(homeward: Run, home: Path) -> None:
    (home / "models.toml").write_text("[mine\n")

    refused(homeward("models", "list"), code=1, saying="Correct models.toml")


@pytest.mark.parametrize(
    "arguments",
    [("nonsense",), ("ask",), ("--threads", "0", "chat"), ("memories", "list", "--limit", "x")],
)
def test_a_command_line_that_makes_no_sense(homeward: Run, arguments: tuple[str, ...]) -> None:
    done = homeward(*arguments)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("what", ["", "  "])
def test_forgetting_nothing_in_particular(homeward: Run, what: str) -> None:
    refused(homeward("memories", "forget", what, "--yes"), code=2, saying="nothing was given")


def test_forgetting_without_a_terminal_needs_yes(homeward: Run, home: Path) -> None:
    with open_profile(home / "profiles" / "me", unlock=Passphrase(SECRET)) as profile:
        profile.notes.add("My bike is green.")

    asked = homeward("memories", "forget", "bike", stdin=b"y\n")
    agreed = homeward("memories", "forget", "bike", "--yes")

    assert asked.returncode == 1
    assert "--yes" in asked.stderr
    assert "My bike is green." in asked.stdout
    assert "Receipt 1" in agreed.stdout


@pytest.mark.parametrize(("key", "value"), [("", "Ada"), ("name", "\udcff"), ("n\udcffame", "Ada")])
def test_an_attribute_that_cannot_be_kept(homeward: Run, key: str, value: str) -> None:
    done = homeward("profile", "set", key, value)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_an_attribute_that_is_not_there(homeward: Run) -> None:
    refused(homeward("profile", "unset", "name"), code=2, saying="no such attribute")


def pulled(home: Path, name: str, content: bytes) -> Path:
    """Lay down a model as a pull would have left it; its file holds `content`."""
    folder = home / "models" / name
    folder.mkdir(parents=True)
    file = folder / "model.gguf"
    file.write_bytes(content)
    write(folder, ModelManifest(name, ModelUse.LANGUAGE, 1, None, file.name, (stored(file),)))
    return file


def digest(home: Path) -> dict[str, bytes]:
    """Return every file of the data folder but locks and what SQLite keeps beside a database."""
    files = [path for path in home.rglob("*") if path.is_file() and path.suffix in {".db", ".json"}]
    return {str(path): path.read_bytes() for path in files}


def in_namespace(script: str, environment: dict[str, str]) -> Done:
    """Run a shell script that may mount; skip where this process may not, as in most containers."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    mount = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    tried = subprocess.run(mount, capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"unshare -rm may not mount here: {tried.stderr.decode().strip()}")
    return subprocess.run(
        ["unshare", "-rm", "sh", "-ec", script],
        env=environment | {"HOMEWARD": f"{sys.executable} -m homeward.cli"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
