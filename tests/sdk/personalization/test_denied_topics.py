"""What was learned of a topic is off once the topic is denied, by the person or by the app."""

from tests.conftest import OpenAssistant
from tests.learned_style import plant

from homeward import Settings
from homeward.learning.soft_prompt_store import SoftPromptStore
from homeward.personalization.denied_topics import switch_off_about
from homeward_store import Profile

OF_GOLF = "Up at six. Fog on the lake, and golfing before I saw it."


def is_on(profile: Profile) -> bool:
    [state] = SoftPromptStore(profile.blobs).all()
    return state.on


def test_a_topic_of_the_texts_switches_the_style_off_and_another_does_not(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    me.write(OF_GOLF)
    plant(me.profile, "4" * 64)

    assert me.wishes.deny("chess") == ()
    assert is_on(me.profile)
    assert me.wishes.deny("chess", "golf") == ("learned style",)
    assert not is_on(me.profile)


def test_a_topic_counts_once_so_that_what_is_learned_later_stays_on(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    me.write(OF_GOLF)
    me.wishes.deny("golf")
    plant(me.profile, "4" * 64)

    assert me.wishes.deny("golf", "chess") == ()
    assert is_on(me.profile)
    me.wishes.deny()
    assert me.wishes.deny("golf") == ("learned style",)  # it was allowed in between


def test_a_topic_that_the_app_denies_counts_when_the_profile_is_opened(
    open_assistant: OpenAssistant,
) -> None:
    me = open_assistant()
    me.write(OF_GOLF)
    plant(me.profile, "4" * 64)

    assert switch_off_about(me.profile, Settings(denied_topics=("golf",)).denied_topics)
    assert not is_on(me.profile)
