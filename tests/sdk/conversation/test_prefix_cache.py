"""The prefix snapshot: found again after a restart, never trusted when damaged, never in clear."""

from tests.conftest import OpenAssistant

from homeward_store import Profile

TOWN = "Kirkby Lonsdale in Cumbria"


def blobs(profile: Profile) -> list[bytes]:
    return [file.read_bytes() for file in (profile.path / "blobs").iterdir()]


def test_a_restart_finds_the_snapshot_of_an_unchanged_prefix(open_assistant: OpenAssistant) -> None:
    first = open_assistant()
    first.attributes["home town"] = TOWN
    assert first.ask("Hello?").text
    [kept] = blobs(first.profile)
    first.close()

    second = open_assistant()
    assert second.ask("Hello again?").text

    assert blobs(second.profile) == [kept]


def test_a_changed_attribute_makes_a_new_snapshot(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    me.attributes["home town"] = TOWN
    assert me.conversation().ask("Hello?").text
    me.attributes["home town"] = "Leeds"
    assert me.conversation().ask("Hello?").text

    assert len(blobs(me.profile)) == 2


def test_a_snapshot_is_not_readable(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    me.attributes["home town"] = TOWN
    assert me.ask("Hello?").text

    [kept] = blobs(me.profile)

    assert len(kept) > 100
    assert TOWN.encode() not in kept


def test_a_damaged_snapshot_is_decoded_anew(open_assistant: OpenAssistant) -> None:
    first = open_assistant()
    first.attributes["home town"] = TOWN
    assert first.ask("Hello?").text
    [file] = (first.profile.path / "blobs").iterdir()
    first.close()
    whole = file.read_bytes()
    damaged = whole[:-1] + bytes([whole[-1] ^ 1])
    file.write_bytes(damaged)

    second = open_assistant()
    assert second.ask("Hello?").text

    [anew] = blobs(second.profile)
    assert anew != damaged


def test_incognito_uses_a_snapshot_and_leaves_none(open_assistant: OpenAssistant) -> None:
    me = open_assistant()
    me.attributes["home town"] = TOWN

    assert me.conversation(incognito=True).ask("Hello?").text

    assert blobs(me.profile) == []
