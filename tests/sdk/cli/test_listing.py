"""Every list that a person reads, another program can read, too."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from tests.sdk.cli.conftest import SECRET, Run

from homeward import Assistant
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import Ability, Passphrase, open_profile


@pytest.fixture
def filled(homeward: Run, home: Path) -> Run:
    profile = open_profile(home / "profiles" / "me", unlock=Passphrase(SECRET))
    with Assistant(profile, ModelLoaders(ScriptedModel, HashEmbedder)) as me:
        me.attributes["home town"] = "Zürich"
        me.remember("I am allergic to peanuts. My bike is \u202egreen.")
        me.remember("My wifi password is hunter2hunter2.")
        me.profile.clients.grant("editor", Ability.RECALL, Ability.WHY, audience="tool", shown="?")
        me.origins.allow("https://notes.example", audience="work")
    return homeward


@pytest.mark.parametrize(
    ("command", "columns"),
    [
        ("memories list", {"number", "text", "tags", "from", "said"}),
        ("profile list", {"person"}),
        ("profile show", {"key", "value", "tags", "since"}),
        ("profile open", {"way_in", "since", "app"}),
        ("profile doctor", {"is", "what", "found"}),
        ("clients list", {"program", "may", "audience"}),
        ("clients origins", {"origin", "audience", "since"}),
        ("rules list", {"rule", "tag", "is_used"}),
        ("models list", {"name", "kind", "here", "size", "licence", "summary"}),
        ("doctor", {"is", "what", "found"}),
    ],
)
def test_a_list_comes_as_json_with_the_same_columns(
    filled: Run, command: str, columns: set[str]
) -> None:
    done = filled(*command.split(), "--json")
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    table = filled(*command.split(), COLUMNS="400")

    assert found
    assert all(set(one) == columns for one in found)
    assert all(one.replace("_", " ") in table.stdout for one in columns - {"person"})


@pytest.mark.parametrize("command", ["clients log", "clients origins", "memories list"])
def test_an_empty_list_is_an_empty_list(homeward: Run, command: str) -> None:
    assert json.loads(homeward(*command.split(), "--json").stdout) == []
    assert homeward(*command.split()).stdout == ""


def test_values_are_whole_and_of_their_own_kind(filled: Run) -> None:
    listed = json.loads(filled("memories", "list", "--json", COLUMNS="20").stdout)
    newest = listed[0]
    [attribute] = json.loads(filled("profile", "show", "--json").stdout)

    assert isinstance(newest["number"], int)
    assert datetime.fromisoformat(newest["said"]).tzinfo is not None
    assert {"health"} == {tag for one in listed for tag in one["tags"]}
    assert (attribute["key"], attribute["value"]) == ("home town", "Zürich")


def test_a_terminal_is_given_nothing_to_obey(filled: Run) -> None:
    printed = filled("memories", "list", "--json").stdout

    assert "\\u202egreen" in printed
    assert printed.isascii()


def test_a_slip_in_a_settings_name_is_said(homeward: Run) -> None:
    done = homeward("profile", "set", "style.lenght", "brief", COLUMNS="200")

    assert done.returncode == 0
    assert (
        done.stderr == "It was set, but there is no setting 'style.lenght'; style.length is one.\n"
    )
