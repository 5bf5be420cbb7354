"""
May this be used now? The only module that answers.

Pure: tags and rules in, a decision out. Knows no store and no model. What consent forbids never
gets here, because the store does not hand it out; the gate decides about the moment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PRIVATE = "private"
"""The audience of a conversation that nobody but the person reads."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Who will read the reply, what the conversation is for, and whom the question is about."""

    audience: str = PRIVATE
    purpose: str = "chat"
    about_self: bool = True  # the question is about the person; `Knowledge` reads it off its words


@dataclass(frozen=True, slots=True)
class Rule:
    """
    What carries `tag` is used only in the moments that fit; the rule's `name` is shown by `why`.

    `audiences` and `purposes`: None is any, an empty set is none.
    """

    name: str
    tag: str
    audiences: frozenset[str] | None = None
    purposes: frozenset[str] | None = None
    about_self: bool = False  # only where the question is about the person themself

    def forbids(self, moment: Moment) -> bool:
        """Return whether what carries the tag stays out of `moment`."""
        return (
            (self.audiences is not None and moment.audience not in self.audiences)
            or (self.purposes is not None and moment.purpose not in self.purposes)
            or (self.about_self and not moment.about_self)
        )


UNREVIEWED = "unreviewed"
"""The tag of what waits until the person has seen it."""

WAITING = Rule("it waits for your review", tag=UNREVIEWED, audiences=frozenset())
"""Holds whatever other rules there are."""

_PRIVATE_TAGS = ("health", "money", "relationships", "beliefs", "location", "identity")
DEFAULT_RULES: tuple[Rule, ...] = (
    *(
        Rule(name=f"{tag} stays private", tag=tag, audiences=frozenset({PRIVATE}))
        for tag in _PRIVATE_TAGS
    ),
    Rule("who you are answers only questions about you", tag="identity", about_self=True),
    Rule("taste chooses replies and is not told", tag="taste", audiences=frozenset()),
)
"""Conservative: what embarrasses most is for the person's own eyes until they say otherwise."""


def forbidding_rule(
    tags: Iterable[str], moment: Moment, rules: Sequence[Rule] = DEFAULT_RULES
) -> Rule | None:
    """Return the first rule that forbids something with `tags` in `moment`, or None."""
    carried = frozenset(tags)
    return next((rule for rule in rules if rule.tag in carried and rule.forbids(moment)), None)


def depends_on_question(tags: Iterable[str], rules: Sequence[Rule] = DEFAULT_RULES) -> bool:
    """Return whether what carries `tags` is used for some questions and not for others."""
    carried = frozenset(tags)
    return any(rule.about_self and rule.tag in carried for rule in rules)
