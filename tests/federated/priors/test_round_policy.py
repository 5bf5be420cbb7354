"""A device takes terms at least as good as its policy, and no others."""

import dataclasses

import pytest

from homeward_federated import TermsRefused
from homeward_federated.priors.round_policy import Policy, check_terms
from homeward_federated.wire.messages import Terms

POLICY = Policy("taste", "taste-1", dims=64, groups=8)
TERMS = Terms(
    bytes(16),
    "taste",
    "taste-1",
    bytes(32),
    64,
    8,
    65536,
    1.0,
    4.0,
    200,
    500,
    140,
    1 / 3,
    1000,
    2000,
)


def test_the_pinned_terms_are_accepted() -> None:
    check_terms(POLICY, TERMS, now=1500)
    check_terms(POLICY, dataclasses.replace(TERMS, noise_multiplier=8.0, min_cohort=300), now=1500)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"task": "other"}, "task"),
        ({"code": "taste-2"}, "code 'taste-2' is offered, 'taste-1' is pinned"),
        ({"dims": 65}, "dims"),
        ({"groups": 9}, "groups"),
        ({"clip": 2.0}, "clip"),
        ({"scale": 1}, "scale"),
        ({"min_cohort": 199, "min_survivors": 140}, "min_cohort 199 < 200"),
        ({"min_survivors": 139}, "min_survivors 139 < 140"),
        ({"max_colluders": 0.33}, "max_colluders 0.33 < 0.33"),
        ({"noise_multiplier": 0.0}, "noise multiplier 0.0 < 4.0"),
        ({"noise_multiplier": 3.99}, "noise multiplier"),
        ({"opens_at": 1501}, "open from 1501"),
        ({"closes_at": 1500}, "open from 1000 to 1500"),
        ({"closes_at": 1000 + 3601}, "3601 s"),
        ({"min_survivors": 201}, "order"),
        ({"max_cohort": 199}, "order"),
    ],
)
def test_weaker_or_other_terms_are_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(TermsRefused, match=says):
        check_terms(POLICY, dataclasses.replace(TERMS, **change), now=1500)  # type: ignore[arg-type]


def test_terms_whose_arithmetic_would_break_the_promise_are_refused() -> None:
    coarse = dataclasses.replace(POLICY, scale=8)
    with pytest.raises(TermsRefused, match="coarse"):
        check_terms(coarse, dataclasses.replace(TERMS, scale=8), now=1500)
    fine = dataclasses.replace(POLICY, scale=1 << 23)
    with pytest.raises(TermsRefused, match="wrap"):
        check_terms(fine, dataclasses.replace(TERMS, scale=1 << 23), now=1500)
