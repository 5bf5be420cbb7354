"""Other programs: what the person decided about each, and what each did, on the ledger."""

from datetime import UTC, datetime, timedelta

import pytest

from homeward_store import Ability, InvalidText, Profile, RequestOutcome

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_a_grant_replaces_the_one_before_and_a_withdrawal_ends_it(tmp_profile: Profile) -> None:
    clients = tmp_profile.clients
    assert clients.find("editor") is None

    clients.grant("editor", Ability.RECALL, Ability.WHY, audience="work", shown="May it?")
    clients.grant("editor", Ability.REMEMBER, audience="tool", shown="May it?")
    now = clients.find("editor")
    gone = clients.withdraw("editor")

    assert now is not None
    assert (now.may, now.audience) == (frozenset({Ability.REMEMBER}), "tool")
    assert gone.may == frozenset()
    assert [one.name for one in clients.all()] == ["editor"]


def test_requests_are_counted_by_client_ability_outcome_and_time(tmp_profile: Profile) -> None:
    clients = tmp_profile.clients
    clients.record("a", Ability.RECALL, RequestOutcome.DONE, memories=[3, 1])
    clients.record("a", Ability.RECALL, RequestOutcome.TOO_OFTEN)
    clients.record("a", Ability.FORGET, RequestOutcome.DONE)
    clients.record("b", Ability.RECALL, RequestOutcome.DONE)

    later = datetime.now(UTC) + timedelta(seconds=1)

    def counted(*outcomes: RequestOutcome, since: datetime, until: datetime) -> int:
        return clients.count("a", Ability.RECALL, *outcomes, since=since, until=until)

    assert counted(RequestOutcome.DONE, since=LONG_AGO, until=later) == 1
    assert counted(*RequestOutcome, since=LONG_AGO, until=later) == 2
    assert counted(*RequestOutcome, since=later, until=later) == 0
    assert counted(*RequestOutcome, since=LONG_AGO, until=LONG_AGO) == 0  # the clock went back
    assert [one.client for one in clients.accesses(limit=2)] == ["b", "a"]
    assert clients.accesses()[-1].memories == (3, 1)
    tmp_profile.check()


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101, "\x1b[2J"])
def test_a_name_that_cannot_be_shown_is_refused(tmp_profile: Profile, name: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        tmp_profile.clients.grant(name, Ability.RECALL, audience="tool", shown="May it?")
    with pytest.raises(ValueError, match="printable"):
        tmp_profile.clients.record(name, Ability.RECALL, RequestOutcome.NOT_GRANTED)


def test_a_grant_of_nothing_or_to_a_name_that_is_no_text_is_refused(tmp_profile: Profile) -> None:
    with pytest.raises(ValueError, match="at least one"):
        tmp_profile.clients.grant("editor", audience="tool", shown="May it?")
    with pytest.raises((InvalidText, ValueError)):
        tmp_profile.clients.grant("a\ud800", Ability.RECALL, audience="tool", shown="May it?")
    assert tmp_profile.clients.all() == []
