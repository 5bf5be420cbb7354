"""What others published is where a new person's taste starts, with and without a network."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.sdk.federation.conftest import choose_short
from tests.sdk.federation.town import POLICY, Town

from homeward.assistant import Assistant
from homeward.federation import Participation
from homeward.federation.exchanged_numbers import TASTE, groups, vector
from homeward.taste import Features
from homeward_federated import BudgetExhausted, NothingToShare, PriorRefused, TermsRefused
from homeward_federated.priors import canary
from homeward_federated.simulation.cohorts import LocalFederation
from homeward_store import Category, Purpose

OpenAssistant = Callable[[], Assistant]


@pytest.fixture
def latest(town: Town, tmp_path: Path) -> Path:
    """The published file: two groups, one that likes short replies and one that likes long ones."""
    town.prior.groups[:, 0] = (-1.0, 1.0)
    town.prior.everyone[TASTE.index("emoji")] = 0.5
    town.prior.live[:] = True
    path = tmp_path / "latest.hwf"
    path.write_bytes(town.publication())
    return path


def weight(me: Assistant, name: str) -> float:
    return next(one.weight for one in me.taste.learn().explain() if one.name == name)


def consenting(open_assistant: OpenAssistant) -> Assistant:
    me = open_assistant()
    me.profile.consent.grant(Purpose.LEARN, Category.CHOICES, shown="May it?")
    return me


def test_taste_starts_from_the_published_prior_and_only_from_a_file(
    open_assistant: OpenAssistant, town: Town, latest: Path
) -> None:
    me = consenting(open_assistant)
    assert weight(me, "emoji") == 0.0
    prior = me.federation.fetch_prior(town.offer(), source=str(latest))
    assert prior.version == 0
    assert weight(me, "emoji") == pytest.approx(0.5)
    assert weight(me, "length") == pytest.approx(0.0)  # either group, not known yet
    assert me.federation.joined() == []
    me.close()
    again = open_assistant()
    assert weight(again, "emoji") == pytest.approx(0.5)
    again.federation.drop_prior()
    assert weight(again, "emoji") == 0.0


def test_own_choices_find_the_group(
    open_assistant: OpenAssistant, town: Town, latest: Path
) -> None:
    me = consenting(open_assistant)
    choose_short(me, 3)
    alone = weight(me, "length")
    me.federation.fetch_prior(town.offer(), source=str(latest))
    assert weight(me, "length") < alone - 0.3


def test_a_prior_of_somebody_else_or_an_older_one_is_refused(
    open_assistant: OpenAssistant, town: Town, latest: Path, tmp_path: Path
) -> None:
    me = consenting(open_assistant)
    offer = town.offer()
    with pytest.raises(PriorRefused, match="not signed"):
        me.federation.fetch_prior(replace(offer, operator_key=bytes(32)), source=str(latest))
    first = town.prior
    town.prior = replace(first, version=1, previous=first.hash)
    newer = tmp_path / "newer.hwf"
    newer.write_bytes(town.publication())
    me.federation.fetch_prior(offer, source=str(newer))
    with pytest.raises(PriorRefused, match="older"):
        me.federation.fetch_prior(offer, source=str(latest))
    assert me.federation.prior is not None
    assert me.federation.prior.version == 1


def published(me: Assistant, town: Town, folder: Path, *, length: float) -> None:
    """Publish a next version, in which everyone's weight of length is moved, and fetch it."""
    everyone = town.prior.everyone.copy()
    everyone[TASTE.index("length")] += length
    town.prior = replace(
        town.prior,
        version=town.prior.version + 1,
        previous=town.prior.hash,
        everyone=everyone,
    )
    path = folder / "next.hwf"
    path.write_bytes(town.publication())
    me.federation.fetch_prior(town.offer(), source=str(path))


@pytest.mark.parametrize(("length", "gain"), [(1.0, -1.0), (-1.0, 1.0)])
def test_a_canary_tells_how_many_more_choices_the_newest_version_predicts(
    me: Assistant, town: Town, tmp_path: Path, length: float, gain: float
) -> None:
    asking = Town(town.now, LocalFederation(canary.policy_of(POLICY)))
    offer = asking.offer()
    published(me, town, tmp_path, length=-length / 2)
    with pytest.raises(NothingToShare, match="two prior versions"):
        me.federation.preview(offer)
    published(me, town, tmp_path, length=length)
    assert me.federation.preview(offer).difference.tolist() == [gain]
    me.federation.admit(asking.admits(me.federation.join(offer, agreed_to=offer.hash)))
    asking.prior = canary.question(asking.federation.policy.task, about=town.prior)
    asking.invite()
    assert me.federation.contribute("replies-canary", link=asking) is Participation.WHOLE
    assert asking.opened is not None
    published(me, town, tmp_path, length=0.0)
    asking.invite()
    with pytest.raises(BudgetExhausted):  # the two tasks share one budget
        me.federation.contribute("replies-canary", link=asking)
    with pytest.raises(TermsRefused, match="publishes no prior for taste"):
        me.federation.fetch_prior(offer, source=str(tmp_path / "next.hwf"))


def test_a_published_number_says_no_more_than_a_person_could_set(town: Town) -> None:
    town.prior.everyone[:] = 1e6
    [only] = groups(town.prior, Features().stranger())
    assert only.prior.mean.max() == 3.0


def test_without_live_groups_everyones_prior_is_the_start(town: Town) -> None:
    town.prior.everyone[:] = 0.25
    stranger = Features().stranger()
    [only] = groups(town.prior, stranger)
    assert np.count_nonzero(only.prior.mean) == len(TASTE)
    assert only.prior.mean[stranger.names.index("code")] == 0.0
    assert np.array_equal(only.prior.covariance, stranger.covariance)
    back = vector(
        dict(zip(stranger.names, only.prior.mean.tolist(), strict=True)), None, start=town.prior
    )
    assert np.allclose(back, 0.25)
