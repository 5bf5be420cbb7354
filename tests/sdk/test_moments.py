"""Fifty moments: what a rule keeps from an audience, and what it must not keep."""

import pytest

from homeward.gate import Moment, forbidding_rule
from homeward.sensitive import tags_for

WITHHELD_AT_WORK = [
    ("I was diagnosed with diabetes in May", "health"),
    ("My therapist says I should rest", "health"),
    ("I take antidepressants every morning", "health"),
    ("I am pregnant", "health"),
    ("I had surgery on my knee", "health"),
    ("I have been sober for a year", "health"),
    ("Ich bin oft krank", "health"),
    ("Tengo una enfermedad rara", "health"),
    ("My salary is 62,000", "money"),
    ("We cannot afford the mortgage", "money"),
    ("I owe my brother 300 euros", "money"),
    ("I am still paying my student loans", "money"),
    ("Ich habe Schulden", "money"),
    ("My wife and I fight a lot", "relationships"),
    ("We are getting a divorce", "relationships"),
    ("I am gay and nobody at work knows", "relationships"),
    ("I have a crush on Sam", "relationships"),
    ("My ex-husband calls every day", "relationships"),
    ("I pray five times a day", "beliefs"),
    ("I voted for the other side", "beliefs"),
    ("I left the church last year", "beliefs"),
    ("I am an atheist", "beliefs"),
    ("I live at 12 Elm Street", "location"),
    ("My address is Hauptstrasse 5", "location"),
    ("Ich wohne in Kiel", "location"),
]
USED_AT_WORK = [
    "I prefer short mails",
    "I like green tea",
    "My dog is called Rex",
    "I write Python and Go",
    "I play the cello",
    "The demo is on Thursday",
    "I like hiking in autumn",
    "My favourite colour is teal",
    "I am learning Portuguese",
    "I sign mails with 'Best, Ada'",
    "I use the metric system",
    "I read science fiction",
    "My team has five people",
    "I drink coffee without sugar",
    "I started in marketing",
    "I like bullet points",
    "My printer is out of toner",
    "I grow tomatoes on the balcony",
    "I present the roadmap in June",
    "I cycle to the office",
    "I prefer meetings before noon",
    "My keyboard is split",
    "I bake bread at the weekend",
    "I speak German and English",
    "I am vegetarian",
]
WORK = Moment(audience="work", purpose="mail")


@pytest.mark.parametrize(("text", "tag"), WITHHELD_AT_WORK)
def test_what_is_private_is_withheld_by_its_rule(text: str, tag: str) -> None:
    rule = forbidding_rule(tags_for(text), WORK)

    assert rule is not None
    assert tag in tags_for(text)
    assert forbidding_rule(tags_for(text), Moment()) is None


@pytest.mark.parametrize("text", USED_AT_WORK)
def test_what_is_harmless_is_used(text: str) -> None:
    assert forbidding_rule(tags_for(text), WORK) is None


@pytest.mark.parametrize(
    "text",
    [
        "I am 34 years old",
        "I'm a woman",
        "I am a Sikh",
        "I am an immigrant",
        "I'm half Polish",
        "I use a wheelchair",
        "I am not gay",
        "I grew up in a working-class family",
        "The user is a tall Brazilian.",
        "About the user: not old.",
        "Ich bin Deutscher",
        "J'ai 52 ans",
        "Soy argentina, tengo 41 años",
        "私は28歳です",
    ],
)
def test_who_the_person_is_is_tagged(text: str) -> None:
    assert "identity" in tags_for(text)


@pytest.mark.parametrize(
    "text", [*USED_AT_WORK, "My old laptop is slow", "The white wine was good"]
)
def test_other_things_are_not_who_the_person_is(text: str) -> None:
    assert "identity" not in tags_for(text)
