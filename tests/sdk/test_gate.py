"""The gate: what is tagged private is for the person's eyes, everything else for everyone's."""

import pytest

from homeward.gate import Moment, Rule, forbidding_rule

WORK = Moment(audience="work", purpose="mail")


@pytest.mark.parametrize("tag", ["health", "money", "relationships", "beliefs", "location"])
def test_sensitive_things_stay_private_by_default(tag: str) -> None:
    rule = forbidding_rule([tag], WORK)

    assert rule is not None
    assert rule.name == f"{tag} stays private"
    assert forbidding_rule([tag], Moment()) is None


def test_what_carries_no_tag_is_for_everyone() -> None:
    assert forbidding_rule([], WORK) is None
    assert forbidding_rule(["hobby"], WORK) is None


def test_a_rule_names_the_audiences_that_may_read() -> None:
    rule = Rule("health for the clinic", tag="health", audiences=frozenset({"clinic"}))

    assert forbidding_rule(["health"], Moment(audience="clinic"), [rule]) is None
    assert forbidding_rule(["health"], Moment(), [rule]) is rule


def test_a_rule_may_name_purposes() -> None:
    rule = Rule("money for planning", tag="money", purposes=frozenset({"planning"}))

    assert forbidding_rule(["money"], Moment(purpose="planning"), [rule]) is None
    assert forbidding_rule(["money"], Moment(), [rule]) is rule


def test_who_the_person_is_answers_only_questions_about_them() -> None:
    rule = forbidding_rule(["identity"], Moment(about_self=False))

    assert rule is not None
    assert rule.about_self
    assert forbidding_rule(["identity"], Moment(about_self=True)) is None
    assert forbidding_rule(["health"], Moment(about_self=False)) is None
