"""Fixtures of the federation's tests: a small federation, and the moment at which it runs."""

from collections.abc import Callable

import numpy as np
import pytest
from tests.federated.ambush import Ambush

from homeward_federated.priors.published_prior import PublishedPrior
from homeward_federated.rounds.device import DeviceRound
from homeward_federated.rounds.server import ServerRound
from homeward_federated.simulation.cohorts import LocalFederation, small_policy
from homeward_federated.wire.messages import Terms

NOW = 1_800_000_000


@pytest.fixture
def now() -> int:
    """The unix second at which every round of these tests happens."""
    return NOW


@pytest.fixture
def federation() -> LocalFederation:
    """An operator, an authority and the policy of a cohort of ten."""
    return LocalFederation(small_policy())


@pytest.fixture
def prior() -> PublishedPrior:
    """A prior with two live groups, on either side of everyone's."""
    blank = PublishedPrior.blank("rehearsal", dims=8, groups=2)
    blank.groups[0, 0], blank.groups[1, 0] = 0.5, -0.5
    blank.live[:] = True
    return blank


@pytest.fixture
def terms(federation: LocalFederation, prior: PublishedPrior) -> Terms:
    """Terms that every device of the federation accepts."""
    return federation.terms(prior, now=NOW)


@pytest.fixture
def open_round(
    federation: LocalFederation, prior: PublishedPrior, terms: Terms
) -> Callable[..., tuple[ServerRound, dict[bytes, DeviceRound]]]:
    """Return a function that gives a server and `count` devices before their first message."""

    def function(count: int = 10) -> tuple[ServerRound, dict[bytes, DeviceRound]]:
        members = federation.enrol(count)
        vector = np.full(8, 0.1)
        devices = {m.identity.public: federation.device(m, vector) for m in members}
        return federation.serve(terms, prior), devices

    return function


@pytest.fixture
def ambush(federation: LocalFederation, prior: PublishedPrior, terms: Terms, now: int) -> Ambush:
    return Ambush(federation, prior, terms, now)
