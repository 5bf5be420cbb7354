"""Asks the person once whether data may be learned from; the store keeps the answer."""

from collections.abc import Callable

from homeward import Assistant
from homeward_store import Category, Purpose

_FROM = {
    Category.WRITINGS: "your writings",
    Category.CHOICES: "the replies that you choose",
}


def consents(assistant: Assistant, *categories: Category, agree: Callable[[str], bool]) -> bool:
    """Say whether all of `categories` may be learned from; asks for what was never granted."""
    consent = assistant.profile.consent
    missing = [one for one in categories if not consent.allows(Purpose.LEARN, one)]
    if not missing:
        return True
    sources = " and ".join(_FROM[one] for one in missing)
    question = f"May Homeward learn, on this device only, from {sources}?"
    if not agree(question):
        return False
    consent.grant(Purpose.LEARN, *missing, shown=question)
    return True
