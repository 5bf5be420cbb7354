"""Ways in, keys, copies and the end of a profile, at the command line."""

import re
from pathlib import Path

import pytest
from tests.sdk.cli.conftest import Run

CODE = r"(?:[0-9A-Z]{4}-){6}[0-9A-Z]{4}"


@pytest.fixture
def files(home: Path) -> dict[str, str]:
    """Return the environment of somebody who keeps other secrets in files."""
    (home / "new").write_text("another passphrase\n")
    (home / "seal").write_text("the passphrase of a file\n")
    return {
        "HOMEWARD_NEW_PASSPHRASE_FILE": str(home / "new"),
        "HOMEWARD_SEAL_FILE": str(home / "seal"),
    }


def test_a_profile_opens_and_shows_its_ways_in(homeward: Run) -> None:
    shown = homeward("profile", "open")

    assert shown.stdout.startswith("me opens.")
    assert re.findall(r"(passphrase|recovery) +20", shown.stdout) == ["passphrase", "recovery"]


def test_a_rotated_profile_opens_as_before(homeward: Run) -> None:
    homeward("profile", "set", "name", "Ada")

    assert homeward("profile", "rotate").returncode == 0

    assert re.search(r"name +Ada", homeward("profile", "show").stdout)
    assert homeward("profile", "doctor").returncode == 0


def test_a_changed_passphrase_is_the_only_one(
    homeward: Run, home: Path, files: dict[str, str]
) -> None:
    assert homeward("profile", "passphrase", **files).returncode == 0

    assert homeward("profile", "open").returncode == 1
    assert homeward("profile", "open", HOMEWARD_PASSPHRASE_FILE=str(home / "new")).returncode == 0


def test_a_recovery_code_opens_once(homeward: Run, home: Path, files: dict[str, str]) -> None:
    [code] = re.findall(CODE, homeward("profile", "create", "bo").stdout)
    (home / "code").write_text(code.lower() + "\n")
    recovery = files | {"HOMEWARD_RECOVERY_CODE_FILE": str(home / "code")}

    recovered = homeward("profile", "recover", "bo", **recovery)

    [new_code] = re.findall(CODE, recovered.stdout)
    assert new_code != code
    new = {"HOMEWARD_PASSPHRASE_FILE": str(home / "new")}
    assert homeward("profile", "open", "bo", **new).returncode == 0
    assert homeward("profile", "recover", "bo", **recovery).returncode == 1


def test_a_backup_becomes_a_profile_again(
    homeward: Run, tmp_path: Path, files: dict[str, str]
) -> None:
    homeward("profile", "set", "name", "Ada")
    copy = str(tmp_path / "ada.backup")

    assert homeward("profile", "backup", copy, **files).returncode == 0
    restored = homeward("profile", "restore", copy, "again", **files)

    assert re.search(CODE, restored.stdout)
    assert re.search(r"name +Ada", homeward("profile", "show", "again").stdout)
    assert b"Ada" not in Path(copy).read_bytes()
    assert homeward("profile", "restore", copy, "again", **files).returncode == 1


def test_a_wrong_seal_restores_nothing(
    homeward: Run, home: Path, tmp_path: Path, files: dict[str, str]
) -> None:
    copy = str(tmp_path / "ada.backup")
    homeward("profile", "backup", copy, **files)

    failed = homeward("profile", "restore", copy, "again", HOMEWARD_SEAL_FILE=str(home / "new"))

    assert failed.returncode == 1
    assert homeward("profile", "list").stdout == "me\n"


def test_an_export_moves_records_to_another_profile(
    homeward: Run, tmp_path: Path, files: dict[str, str]
) -> None:
    homeward("profile", "set", "name", "Ada")
    homeward("profile", "create", "bo")
    out = str(tmp_path / "ada.export")

    assert homeward("-p", "me", "profile", "export", out, **files).returncode == 0
    added = homeward("-p", "bo", "profile", "import", out, **files)

    assert added.stdout == "1 records were added.\n"
    assert re.search(r"name +Ada", homeward("profile", "show", "bo").stdout)


def test_an_export_in_clear_has_to_be_asked_for_in_words(homeward: Run, tmp_path: Path) -> None:
    homeward("profile", "set", "name", "Ada")
    out = tmp_path / "ada.jsonl"

    refused = homeward("profile", "export", str(out), "--plaintext", "yes")
    assert refused.returncode != 0
    assert not out.exists()

    assert (
        homeward(
            "profile", "export", str(out), "--plaintext", "anyone can read this file"
        ).returncode
        == 0
    )
    assert "Ada" in out.read_text()


def test_nothing_is_written_over_a_file(
    homeward: Run, tmp_path: Path, files: dict[str, str]
) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")

    assert homeward("profile", "backup", str(mine), **files).returncode != 0
    assert mine.read_text() == "mine"


def test_a_profile_is_deleted_by_its_name(homeward: Run) -> None:
    homeward("profile", "create", "bo")

    assert homeward("profile", "delete", "bo", "--confirm", "me").returncode != 0
    assert homeward("profile", "list").stdout == "bo\nme\n"

    assert homeward("profile", "delete", "bo", "--confirm", "bo").returncode == 0
    assert homeward("profile", "list").stdout == "me\n"


def test_a_lost_anchor_is_told_and_what_it_costs_is_asked(homeward: Run, home: Path) -> None:
    anchor = home / "profiles" / "me" / "anchor.json"
    assert "is whole" in homeward("profile", "accept-rollback").stdout
    anchor.unlink()

    assert homeward("profile", "doctor").returncode == 1
    refused = homeward("profile", "accept-rollback", stdin=b"n\n")
    assert "anchor in the file is missing. The ledger has 0 entries" in refused.stdout
    assert "Nothing was changed" in refused.stdout
    assert not anchor.exists()

    assert "until you grant them again" in homeward("profile", "accept-rollback", "--yes").stdout
    assert homeward("profile", "doctor").returncode == 0
