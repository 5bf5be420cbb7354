"""The gate: what is tagged private is for the person's eyes, everything else for everyone's."""

import pytest

from homeward.policy.gate import (
    DEFAULT_RULES,
    OUTDATED,
    REVIEW_RULE,
    UNCONSENTED,
    UNREVIEWED,
    Rule,
    Traits,
    Use,
    UseContext,
    denial,
)

WORK = UseContext(audience="work", purpose="mail")


def of_me(use_context: UseContext) -> Use:
    return Use(use_context, about_self=True, about_past=False)


def tagged(*tags: str) -> Traits:
    return Traits(frozenset(tags))


@pytest.mark.parametrize("tag", ["health", "money", "relationships", "beliefs", "location"])
def test_sensitive_things_stay_private_by_default(tag: str) -> None:
    assert denial(tagged(tag), of_me(WORK)) == f"{tag} stays private"
    assert denial(tagged(tag), of_me(UseContext())) is None


def test_what_carries_no_tag_is_for_everyone() -> None:
    assert denial(tagged(), of_me(WORK)) is None
    assert denial(tagged("hobby"), of_me(WORK)) is None


def test_a_rule_names_the_audiences_that_may_read() -> None:
    rule = Rule("health for the clinic", tag="health", audiences=frozenset({"clinic"}))

    assert denial(tagged("health"), of_me(UseContext(audience="clinic")), [rule]) is None
    assert denial(tagged("health"), of_me(UseContext()), [rule]) == rule.name


def test_a_rule_may_name_purposes() -> None:
    rule = Rule("money for planning", tag="money", purposes=frozenset({"planning"}))

    assert denial(tagged("money"), of_me(UseContext(purpose="planning")), [rule]) is None
    assert denial(tagged("money"), of_me(UseContext()), [rule]) == rule.name


def test_who_the_person_is_answers_only_questions_about_them() -> None:
    of_others = Use(UseContext(), about_self=False, about_past=False)

    reason = denial(tagged("identity"), of_others)

    assert reason == "identity facts: only for questions about you"
    assert denial(tagged("identity"), of_me(UseContext())) is None
    assert denial(tagged("health"), of_others) is None


def test_what_waits_for_review_is_used_nowhere_whatever_the_rules_are() -> None:
    assert denial(tagged(UNREVIEWED), of_me(UseContext()), []) == REVIEW_RULE.name


def test_what_is_no_longer_true_answers_only_how_things_were() -> None:
    old = Traits(frozenset(), superseded=True)

    assert denial(old, of_me(UseContext())) == OUTDATED
    assert denial(old, Use(UseContext(), about_self=True, about_past=True)) is None


def test_without_consent_nothing_is_used() -> None:
    unasked = Traits(frozenset(), consented=False)

    assert denial(unasked, of_me(UseContext()), []) == UNCONSENTED
    assert denial(unasked, of_me(WORK), DEFAULT_RULES) == UNCONSENTED
