"""Which profile a command is about, where nobody says it."""

import re
from pathlib import Path

import pytest
from tests.sdk.cli.conftest import Run


def test_the_only_profile_needs_no_name(homeward: Run, home: Path) -> None:
    (home / "profiles" / "me").rename(home / "profiles" / "ada")

    assert homeward("profile", "set", "name", "Ada").returncode == 0

    assert re.search(r"name +Ada", homeward("profile", "show").stdout)
    assert homeward("profile", "open").stdout.startswith("ada opens.")


@pytest.mark.parametrize(
    "command", [("profile", "show"), ("ask", "Who am I?"), ("memories", "list")]
)
def test_of_several_profiles_one_has_to_be_named(homeward: Run, command: tuple[str, ...]) -> None:
    homeward("profile", "create", "bo")

    refused = homeward(*command)

    assert refused.returncode == 2
    assert "there are 2 profiles: bo, me" in refused.stderr
    assert "`homeward -p bo chat`" in refused.stderr
    assert homeward("-p", "bo", "profile", "show").returncode == 0


def test_a_new_profile_never_gets_the_name_of_the_one_there_is(homeward: Run, home: Path) -> None:
    (home / "profiles" / "me").rename(home / "profiles" / "ada")

    assert homeward("profile", "create").returncode == 0

    assert homeward("profile", "list").stdout == "ada\nme\n"
    refused = homeward("profile", "create")
    assert refused.returncode == 1
    assert "choose another name" in refused.stderr


def test_without_a_profile_the_folder_that_was_searched_is_named(
    homeward: Run, tmp_path: Path
) -> None:
    refused = homeward("chat", HOMEWARD_HOME=str(tmp_path / "empty"))

    assert refused.returncode == 1
    assert f"there is no profile in {tmp_path / 'empty'}" in refused.stderr
    assert "`homeward profile create" in refused.stderr
