"""
Applies the gate: binds a person's rules and consents to `gate.denial`.

Every surface asks here, and nothing else reads the rules to decide: recall and answers, what an app
or a tool puts in, examples, other programs, lists for an audience. A test finds any other reader.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from homeward.policy.gate import (
    DEFAULT_RULES,
    OUTDATED,
    Rule,
    Traits,
    Use,
    UseContext,
    denial,
    depends_on_question,
)
from homeward.policy.question_subject import asks_about_past, asks_about_self
from homeward.policy.sensitivity import Sensitivity
from homeward_store import Attribute, Category, Memory, SourceKind, Withheld
from homeward_store.typed import doors

Item = Attribute | Memory


@doors
class Gate:
    """
    Decides for one person what may be used.

    Rules and consents are asked anew for every question: an edit holds at once. `sensitivity` tags
    words that are no record. `consents`: may records of a category be used to answer?
    """

    def __init__(
        self,
        sensitivity: Sensitivity,
        *,
        rules: Callable[[], Sequence[Rule]] = lambda: DEFAULT_RULES,
        consents: Callable[[Category], bool] = lambda _: True,
    ) -> None:
        self._sensitivity = sensitivity
        self._rules = rules
        self._consents = consents

    def asked(self, question: str | None, use_context: UseContext) -> "Admission":
        """
        Return what may be used for `question` in `use_context`.

        None: no question is asked, for example when a record is fetched by number or all are
        listed. Items for questions about the person may then be shown; outdated items may not.
        """
        self_asked = question is None or asks_about_self(question)
        past_asked = question is not None and asks_about_past(question)
        return self._admission(Use(use_context, self_asked, past_asked))

    def whatever_is_asked(self, use_context: UseContext) -> "Admission":
        """Return what may stand before a conversation, whichever questions will come in it."""
        return self._admission(Use(use_context, about_self=False, about_past=False))

    def _admission(self, use: Use) -> "Admission":
        return Admission(use, self._rules(), self._sensitivity, cache(self._consents))


class Admission:
    """Decides for one use what is admitted, and lists in `withheld` what was not."""

    def __init__(
        self,
        use: Use,
        rules: Sequence[Rule],
        sensitivity: Sensitivity,
        consents: Callable[[Category], bool],
    ) -> None:
        self.withheld: list[Withheld] = []
        self._use = use
        self._sensitivity = sensitivity
        self._rules = rules
        self._consents = consents

    def admits(self, item: Item) -> bool:
        """Return whether `item` may be used; a rule that forbids it is in `withheld`."""
        reason = self._denial(item)
        if reason is not None and reason != OUTDATED:  # it is not kept from anybody
            self.withheld.append(Withheld(_KINDS[type(item)], item.id, reason))
        return reason is None

    def admits_text(self, text: str, *, built_on: Iterable[Item] = ()) -> bool:
        """
        Return whether words that are no record, such as an earlier reply, may be used.

        They carry the tags of what they say. What they were built on has to be usable, too.
        """
        [tags] = self._sensitivity.tags([text])
        return self.admits_tagged(tags) and not any(map(self._denial, built_on))

    def admits_tagged(self, tags: Iterable[str]) -> bool:
        """Return whether what was made of records with `tags`, as a style is, may be used."""
        return denial(Traits(frozenset(tags)), self._use, self._rules) is None

    def is_occasional(self, item: Item) -> bool:
        """Return whether another question might be decided otherwise in the same conversation."""
        return depends_on_question(item.tags, self._rules)

    def _denial(self, item: Item) -> str | None:
        category = _CATEGORIES[type(item)]
        superseded = item.superseded_by is not None
        traits = Traits(frozenset(item.tags), superseded, self._consents(category))
        return denial(traits, self._use, self._rules)


_KINDS: dict[type[Item], SourceKind] = {
    Attribute: SourceKind.ATTRIBUTE,
    Memory: SourceKind.MEMORY,
}
_CATEGORIES: dict[type[Item], Category] = {
    Attribute: Category.ATTRIBUTES,
    Memory: Category.MEMORIES,
}
