"""A text of one endless word takes no more than its length costs."""

from homeward_store.words import topics


def test_a_word_of_a_million_letters_is_looked_through_once() -> None:
    # Quadratic time would be hours, and pytest's limit ends it after five minutes.
    text = "xylophonequartz" * 70_000

    assert topics.names(text, topics.parse_topic("xylophone"))
    assert not topics.names(f"{text} divorce", topics.parse_topic("divorce lawyer"))
