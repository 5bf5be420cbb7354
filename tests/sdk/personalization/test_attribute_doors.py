"""An attribute is tagged by its words, whichever door it comes through."""

from pathlib import Path

from tests.conftest import OpenAssistant

from homeward_store import FASTEST, Passphrase, create_profile

SEAL = Passphrase("of a file")


def test_an_imported_attribute_without_a_tag_carries_those_of_its_words(
    open_assistant: OpenAssistant, tmp_path: Path
) -> None:
    made = create_profile(tmp_path / "other", unlock=[SEAL], cost=FASTEST)
    with made.profile as other:
        other.attributes.set("illness", "diabetes")
        other.attributes.set("team", "blue", tags=("mine",))
        other.export(tmp_path / "x", seal=SEAL, cost=FASTEST)
    me = open_assistant()
    me.attributes.set("diet", "no sugar for my diabetes", tags=())

    assert me.imports.records(tmp_path / "x", seal=SEAL) == 2

    tags = {one.key: one.tags for one in me.profile.attributes.all()}
    assert "health" in tags["illness"]
    assert tags["team"] == ("mine",)
    assert tags["diet"] == ()


def test_a_new_value_is_as_private_as_the_person_made_the_key(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    me.attributes["project"] = "Zorblax"
    me.attributes.tag("project", "secret")

    me.attributes["project"] = "Quibble"

    assert me.profile.attributes.all()[0].tags == ("secret",)
