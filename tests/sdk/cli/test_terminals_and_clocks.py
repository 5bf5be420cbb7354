"""What terminals, clocks, time zones and names of this world do to the command line."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.sdk.cli.conftest import SECRET, Run

from homeward.cli.errors import explain
from homeward.cli.passphrase_advice import advice
from homeward.errors import CannotRead
from homeward_store import Passphrase, open_profile


def test_dates_are_those_of_the_persons_own_time_zone(process: Run, home: Path) -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    with open_profile(
        home / "profiles" / "me", unlock=Passphrase(SECRET), clock=lambda: late
    ) as profile:
        profile.attributes.set("name", "Ada")

    assert "2026-03-02" in process("profile", "show", TZ="Asia/Tokyo").stdout
    assert "2026-03-01" in process("profile", "show", TZ="UTC").stdout


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437"])
def test_what_a_terminal_cannot_show_is_replaced_and_nothing_fails(
    environment: dict[str, str], process: Run, encoding: str
) -> None:
    process("profile", "set", "name", "Łucja 井上 ☕")

    shown = subprocess.run(
        [sys.executable, "-m", "homeward.cli", "profile", "show"],
        env=environment | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert shown.returncode == 0, shown.stderr
    assert "ucja" in shown.stdout.decode(encoding)


@pytest.mark.parametrize("name", ["CON", "nul", "Aux", "com1", "LPT9"])
def test_a_name_that_windows_keeps_for_a_device_is_refused(homeward: Run, name: str) -> None:
    done = homeward("profile", "create", name)

    assert done.returncode == 2
    assert "device" in done.stderr


def test_a_name_of_64_letters_may_need_fewer_bytes_than_a_file_name_has(homeward: Run) -> None:
    assert homeward("profile", "create", "a" * 64).returncode == 0

    done = homeward("profile", "create", "𐐀" * 64)

    assert done.returncode == 2
    assert "bytes" in done.stderr


@pytest.mark.parametrize(("first", "second"), [("Zoe", "zoe"), ("Zoë", "Zoe\u0308"), ("ß", "SS")])
def test_two_names_that_a_file_system_may_take_for_one_are_not_both_made(
    homeward: Run, first: str, second: str
) -> None:
    assert homeward("profile", "create", first).returncode == 0

    done = homeward("profile", "create", second)

    assert done.returncode in {1, 2}  # a combining mark alone is no letter
    assert sorted(homeward("profile", "list").stdout.split()) == sorted(["me", first])


def test_the_home_of_nobody_is_refused_in_a_sentence(homeward: Run) -> None:
    done = homeward("profile", "list", HOMEWARD_HOME="~no-such-user/data")

    assert done.returncode == 2
    assert done.stderr == "homeward: ~no-such-user is no user's home folder on this machine.\n"


def test_a_lost_key_file_is_not_answered_with_advice_to_create_a_profile(
    homeward: Run, home: Path
) -> None:
    (home / "profiles" / "me" / "keyslots.json").unlink()

    done = homeward("profile", "show")

    assert done.returncode == 1
    assert "no key file" in done.stderr
    assert "keyslots.json" in done.stderr
    assert "create" not in done.stderr
    assert homeward("profile", "list").stdout == "me\n"
    assert homeward("profile", "create", "me").returncode == 1
    assert homeward("profile", "delete", "me", "--confirm", "me").returncode == 0


def test_a_sentence_that_begins_with_a_file_keeps_its_name() -> None:
    for begin in ("notes", "readme is a folder", "store-1.db: cut off"):
        said = explain(CannotRead(begin))
        assert said is not None
        assert said.startswith(begin)


@pytest.mark.parametrize("weak", ["abc", "monkey12345", "Ada", "x" * 200, "qwertyuiop"])
def test_a_passphrase_that_would_be_guessed_is_taken_with_a_word(
    homeward: Run, home: Path, weak: str
) -> None:
    (home / "weak").write_text(weak)

    done = homeward("profile", "create", "Ada", HOMEWARD_PASSPHRASE_FILE=str(home / "weak"))

    assert done.returncode == 0
    assert "could guess this passphrase" in done.stderr
    assert weak == "Ada" or weak not in done.stderr


@pytest.mark.parametrize("strong", ["kettle-oboe-tundra", SECRET, "5f0c9a7d31b64be28f11"])
def test_others_are_taken_without_one(strong: str) -> None:
    assert advice(strong) is None
