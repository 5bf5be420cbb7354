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
    """Who will read the reply, and what the conversation is for."""

    audience: str = PRIVATE
    purpose: str = "chat"


@dataclass(frozen=True, slots=True)
class Rule:
    """What carries `tag` is used only before `audiences`; the rule's `name` is shown by `why`."""

    name: str
    tag: str
    audiences: frozenset[str]


@dataclass(frozen=True, slots=True)
class Withheld:
    """One thing that was not used, and the rule that said so."""

    kind: str
    id: int | None  # None: everything of this kind
    rule: str


_PRIVATE_TAGS = ("health", "money", "relationships", "beliefs", "location")
DEFAULT_RULES: tuple[Rule, ...] = (
    *(
        Rule(name=f"{tag} stays private", tag=tag, audiences=frozenset({PRIVATE}))
        for tag in _PRIVATE_TAGS
    ),
    Rule(name="taste chooses replies and is not told", tag="taste", audiences=frozenset()),
)
"""Conservative: what embarrasses most is for the person's own eyes until they say otherwise."""


def forbidding_rule(
    tags: Iterable[str], moment: Moment, rules: Sequence[Rule] = DEFAULT_RULES
) -> Rule | None:
    """Return the first rule that forbids something with `tags` in `moment`, or None."""
    carried = frozenset(tags)
    return next(
        (rule for rule in rules if rule.tag in carried and moment.audience not in rule.audiences),
        None,
    )
