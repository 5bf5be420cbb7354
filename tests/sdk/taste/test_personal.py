"""Over a real profile: choices teach at once, forgetting and consent are kept to the letter."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from homeward.assistant import Assistant
from homeward.ports import Vector
from homeward.taste import Features, PersonalTaste, TuningPair, learn_basis, measure, tuning_pairs
from homeward.testing import HashEmbedder
from homeward_store import (
    Category,
    ChoiceSource,
    ConsentRequired,
    Origin,
    Profile,
    Purpose,
    Selection,
)

OpenAssistant = Callable[[], Assistant]
SHORT = "Cold water, at once."
LONG = "First take the shirt off. Then rinse it in cold water for ten minutes. Add salt. Wash it."


class CountingEmbedder(HashEmbedder):
    """Counts the texts that were embedded."""

    def __init__(self) -> None:
        super().__init__()
        self.texts = 0

    def embed(self, texts: Sequence[str], *, asking: bool = False) -> Vector:
        self.texts += len(texts)
        return super().embed(texts, asking=asking)


def features(embedder: HashEmbedder | None = None) -> Features:
    return Features(embedder or HashEmbedder(), learn_basis(np.eye(64, dtype=np.float32)))


@pytest.fixture
def consenting(tmp_profile: Profile) -> Profile:
    tmp_profile.consent.grant(Purpose.LEARN, Category.CHOICES, shown="Learn from my choices")
    return tmp_profile


def choose_short(profile: Profile, n: int) -> None:
    with profile.transaction():
        for at in range(n):
            profile.choices.add("How?", f"{SHORT} {'Yes. ' * (at % 3)}{at}", LONG + f" {at}")


def weight(taste: PersonalTaste, name: str = "length") -> float:
    return next(one.weight for one in taste.learn().explain() if one.name == name)


def test_without_consent_no_choice_is_read(tmp_profile: Profile) -> None:
    with pytest.raises(ConsentRequired):
        PersonalTaste(tmp_profile, features()).learn()


def test_each_choice_teaches_at_once_and_the_same_as_from_scratch(consenting: Profile) -> None:
    taste = PersonalTaste(consenting, features())
    assert weight(taste) == 0
    for _ in range(3):
        before = weight(taste)
        choose_short(consenting, 1)
        assert weight(taste) < before
    fresh = PersonalTaste(consenting, features())
    assert weight(taste) == pytest.approx(weight(fresh), abs=1e-9)


def test_a_forgotten_choice_leaves_no_trace_in_the_taste(consenting: Profile) -> None:
    taste = PersonalTaste(consenting, features())
    choose_short(consenting, 70)
    before = taste.learn().posterior
    odd = consenting.choices.add("How?", LONG * 3, SHORT)
    assert np.abs(taste.learn().posterior.mean - before.mean).max() > 1e-3
    consenting.forget(Selection(choices=(odd.id,)))
    after = taste.learn().posterior
    assert np.abs(after.mean - before.mean).max() < 1e-9
    assert np.abs(after.covariance - before.covariance).max() < 1e-9


def test_measurements_are_kept_until_one_of_their_choices_is_forgotten(
    consenting: Profile,
) -> None:
    choose_short(consenting, 70)
    first = CountingEmbedder()
    learned = PersonalTaste(consenting, features(first)).learn()
    assert first.texts == 140
    second = CountingEmbedder()
    again = PersonalTaste(consenting, features(second)).learn()
    assert second.texts == 2 * len([one for one in learned.data.ids if one >= 64])
    assert again.posterior.mean == pytest.approx(learned.posterior.mean, abs=1e-12)
    consenting.forget(Selection(choices=(consenting.choices.all()[0].id,)))
    third = CountingEmbedder()
    PersonalTaste(consenting, features(third)).learn()
    assert third.texts == 138


def test_the_person_overrules_a_weight_and_takes_it_back(consenting: Profile) -> None:
    choose_short(consenting, 5)
    taste = PersonalTaste(consenting, features())
    learned = weight(taste)
    taste.overrule("length", 0.75)
    assert weight(taste) == weight(PersonalTaste(consenting, features())) == 0.75
    assert taste.trust_choices("length")
    assert weight(taste) == pytest.approx(learned)
    assert not taste.trust_choices("length")


def test_a_weight_that_does_not_exist_or_is_no_number_is_not_set(consenting: Profile) -> None:
    taste = PersonalTaste(consenting, features())
    for name, value in (("charm", 1.0), ("length", float("nan"))):
        with pytest.raises(ValueError, match=name):
            taste.overrule(name, value)


def test_what_steers_taste_is_never_told_to_the_model(open_assistant: OpenAssistant) -> None:
    with open_assistant() as assistant:
        assistant.profile.attributes.set("taste: length", 0.75, tags=("taste",))
        assistant.profile.attributes.set("home", "Ghent")
        reply = assistant.ask("Where do I live?")
        assert reply.text
        assert [one.key for one in reply.sources.attributes] == ["home"]


def test_taste_picks_the_draft_and_the_question(consenting: Profile) -> None:
    choose_short(consenting, 12)
    taste = PersonalTaste(consenting, features())
    learned = taste.learn()
    assert taste.pick(learned, "How?", [LONG, SHORT]).index == 1
    known = TuningPair("How?", SHORT, LONG)
    new = TuningPair("How?", "A `b` c.", "Oh, thanks! Great question!")
    assert taste.next_question(learned, [known, new]) == 1


def test_evidence_of_a_kind_can_be_switched_off_for_good(consenting: Profile) -> None:
    choose_short(consenting, 5)
    taste = PersonalTaste(consenting, features())
    strict = weight(taste)
    consenting.choices.add("How?", LONG * 8, "", source=ChoiceSource.ACCEPT)
    assert weight(taste) > strict
    taste.count(ChoiceSource.ACCEPT, 0)
    assert weight(taste) == pytest.approx(strict)
    assert weight(PersonalTaste(consenting, features())) == pytest.approx(strict)
    for wrong in (-0.1, 1.5, float("nan")):
        with pytest.raises(ValueError, match="between 0 and 1"):
            taste.count(ChoiceSource.ACCEPT, wrong)


def test_what_is_learned_before_a_choice_knows_nothing_of_it(consenting: Profile) -> None:
    choose_short(consenting, 5)
    taste = PersonalTaste(consenting, features())
    before = taste.learn().posterior
    later = consenting.choices.add("How?", LONG * 2, SHORT)
    consenting.choices.add("How?", LONG * 3, SHORT)
    assert taste.learn(before=later.id).posterior.mean == pytest.approx(before.mean, abs=1e-9)


def test_the_verdict_asks_for_more_choices_before_it_trusts(consenting: Profile) -> None:
    choose_short(consenting, 10)
    taste = PersonalTaste(consenting, features())
    assert not taste.learn().verdict().wins
    choose_short(consenting, 30)
    assert taste.learn().verdict().wins


def test_settings_of_style_are_where_taste_starts_if_they_may_be_learned_from(
    consenting: Profile,
) -> None:
    taste = PersonalTaste(consenting, features())
    consenting.attributes.set("style.length", "brief")
    consenting.attributes.set("style.emoji", "some", source=Origin.DOCUMENT)
    assert weight(taste) == 0
    consenting.consent.grant(Purpose.LEARN, Category.ATTRIBUTES, shown="And from settings?")
    assert weight(taste) == pytest.approx(-0.5)
    assert weight(taste, "emoji") == 0
    for at in range(20):
        consenting.choices.add("How?", f"{LONG} {at}", f"{SHORT} {at}")
    assert weight(taste) > 0


def test_who_a_person_is_is_no_start_for_a_taste(consenting: Profile) -> None:
    taste = PersonalTaste(consenting, features())
    before = taste.learn().posterior
    consenting.consent.grant(Purpose.LEARN, Category.ATTRIBUTES, shown="And from settings?")
    for key, value in (
        ("gender", "woman"),
        ("religion", "Muslim"),
        ("age", "81"),
        ("style", "gay"),
    ):
        consenting.attributes.set(key, value)
    after = taste.learn().posterior
    assert after.mean.tolist() == before.mean.tolist()
    assert after.covariance.tolist() == before.covariance.tolist()


def test_tuning_pairs_differ_enough_to_be_worth_asking() -> None:
    pairs = tuning_pairs()
    assert len(pairs) == 48
    moved = np.abs(
        [measure(one.prompt, one.first) - measure(one.prompt, one.second) for one in pairs]
    )
    assert moved.max(axis=1).min() > 1
    assert (moved.max(axis=0) > 1).all()


def test_ten_questions_find_a_taste_that_was_never_stated(consenting: Profile) -> None:
    taste, left = PersonalTaste(consenting, features()), tuning_pairs()
    for _ in range(10):
        pair = left.pop(taste.next_question(taste.learn(), left))
        replies = sorted([pair.first, pair.second], key=lambda reply: reply.count("!"))
        alike = replies[0].count("!") == replies[1].count("!")
        source = ChoiceSource.EQUAL if alike else ChoiceSource.EXPLICIT
        consenting.choices.add(pair.prompt, chosen=replies[1], rejected=replies[0], source=source)
    learned = taste.learn()
    assert "exclamation marks" in [one.says for one in learned.explain()[:3]]
    assert taste.pick(learned, "Is it late?", ["It is ten.", "It is ten!"]).index == 1
