"""
Decides whether something may be used now; no other module does.

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
    """One intended use: its use context, and what is asked in it."""

    use_context: UseContext
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
    Data tagged `tag` is used only in use contexts that fit; the rule's `name` is shown by `why`.

    `audiences` and `purposes`: None is any, an empty set is none.
    """

    name: str
    tag: str
    audiences: frozenset[str] | None = None
    purposes: frozenset[str] | None = None
    about_self: bool = False  # only where the question is about the person themself

    def forbids(self, use: Use) -> bool:
        """Return whether the rule forbids items with its tag in `use`."""
        use_context = use.use_context
        return (
            (self.audiences is not None and use_context.audience not in self.audiences)
            or (self.purposes is not None and use_context.purpose not in self.purposes)
            or (self.about_self and not use.about_self)
        )


UNREVIEWED = "unreviewed"
"""The tag of items that wait for the person's review."""

REVIEW_RULE = Rule("it waits for your review", tag=UNREVIEWED, audiences=frozenset())
"""This rule always applies, whatever the person's rules are."""

UNCONSENTED = "you have not consented to its use in answers"
OUTDATED = "a newer statement replaced it"

_PRIVATE_TAGS = ("health", "money", "relationships", "beliefs", "location", "identity")
DEFAULT_RULES: tuple[Rule, ...] = (
    *(
        Rule(name=f"{tag} stays private", tag=tag, audiences=frozenset({PRIVATE}))
        for tag in _PRIVATE_TAGS
    ),
    Rule("identity facts: only for questions about you", tag="identity", about_self=True),
    Rule("taste settings are never shown to the model", tag="taste", audiences=frozenset()),
)
"""The defaults are conservative: sensitive items are private until the person edits the rules."""


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
