"""
May this be used now? The only module that answers.

Pure: what something carries, the use it is wanted for and the rules go in, a decision comes out.
Reads no store and asks no model. `admission` binds it to a person's rules, consents and questions;
every surface goes through there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from homeward_store.records import PRIVATE, UseContext

__all__ = [
    "DEFAULT_RULES",
    "OUTDATED",
    "PRIVATE",
    "REVIEW_RULE",
    "UNCONSENTED",
    "UNREVIEWED",
    "Rule",
    "Traits",
    "Use",
    "UseContext",
    "denial",
    "depends_on_question",
]


@dataclass(frozen=True, slots=True)
class Use:
    """One use that is wanted: the moment, and what is asked in it."""

    moment: UseContext
    about_self: bool  # the question is about the person who asks it
    about_past: bool  # it asks how things were


@dataclass(frozen=True, slots=True)
class Traits:
    """All that the gate looks at of something that may be used."""

    tags: frozenset[str]
    superseded: bool = False  # a newer record says otherwise
    consented: bool = True  # the person lets records of its kind be used to answer


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

    def forbids(self, use: Use) -> bool:
        """Return whether what carries the tag stays out of `use`."""
        moment = use.moment
        return (
            (self.audiences is not None and moment.audience not in self.audiences)
            or (self.purposes is not None and moment.purpose not in self.purposes)
            or (self.about_self and not use.about_self)
        )


UNREVIEWED = "unreviewed"
"""The tag of what waits until the person has seen it."""

REVIEW_RULE = Rule("it waits for your review", tag=UNREVIEWED, audiences=frozenset())
"""Holds whatever other rules there are."""

UNCONSENTED = "you do not let it be used to answer"
OUTDATED = "a newer one says otherwise"

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


def denial(traits: Traits, use: Use, rules: Sequence[Rule] = DEFAULT_RULES) -> str | None:
    """Return why something with `traits` stays out of `use`: a rule's name; None: it is used."""
    if not traits.consented:
        return UNCONSENTED
    if traits.superseded and not use.about_past:
        return OUTDATED
    forbidding = (rule for rule in (REVIEW_RULE, *rules) if rule.tag in traits.tags)
    return next((rule.name for rule in forbidding if rule.forbids(use)), None)


def depends_on_question(tags: Iterable[str], rules: Sequence[Rule] = DEFAULT_RULES) -> bool:
    """Return whether what carries `tags` is used for some questions and not for others."""
    carried = frozenset(tags)
    return any(rule.about_self and rule.tag in carried for rule in rules)
