"""
Stores the person's rules for the gate in their profile.

Knows how rules are written down; whether one forbids something, the gate says.
"""

from collections.abc import Sequence
from typing import Any

from homeward.errors import InvalidArgument, NoSuchKey
from homeward.policy.gate import DEFAULT_RULES, Rule
from homeward_store.repositories.settings import SettingsRepository
from homeward_store.typed import doors

_KEY = "gate.rules"


@doors
class RuleStore:
    """
    The rules that apply, in order; the app's until the person edits them.

    An edit holds from the next question on. `why` names the first rule that forbids.
    """

    def __init__(
        self, settings: SettingsRepository, defaults: Sequence[Rule] = DEFAULT_RULES
    ) -> None:
        self._settings = settings
        self._defaults = tuple(defaults)

    def all(self) -> tuple[Rule, ...]:
        """Return every rule in its order."""
        kept = self._settings.get(_KEY)
        return self._defaults if kept is None else tuple(map(_read, kept))

    @property
    def edited(self) -> bool:
        """Whether the person has made these rules their own."""
        return self._settings.get(_KEY) is not None

    def set(self, rule: Rule) -> None:
        """
        Add a rule, or replace the one of its name.

        Raises:
            InvalidArgument: it has no name or no tag.
        """
        if not rule.name.strip() or not rule.tag.strip():
            raise InvalidArgument("a rule needs a name and a tag, and neither may be empty")
        by_name = {one.name: one for one in self.all()}
        self._keep(list((by_name | {rule.name: rule}).values()))

    def remove(self, name: str) -> None:
        """
        Remove a rule. Items that no other rule forbids are used again.

        Raises:
            NoSuchKey: there is no rule of this name.
        """
        rules = self.all()
        left = [one for one in rules if one.name != name]
        if len(left) == len(rules):
            raise NoSuchKey(f"there is no rule {name!r}")
        self._keep(left)

    def restore(self) -> None:
        """Replace the person's rules by the default rules."""
        self._settings.remove(_KEY)

    def _keep(self, rules: Sequence[Rule]) -> None:
        self._settings.put(_KEY, [_written(rule) for rule in rules])


def _written(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "tag": rule.tag,
        "audiences": None if rule.audiences is None else sorted(rule.audiences),
        "purposes": None if rule.purposes is None else sorted(rule.purposes),
        "about_self": rule.about_self,
    }


def _read(written: dict[str, Any]) -> Rule:
    audiences, purposes = written["audiences"], written["purposes"]
    return Rule(
        name=written["name"],
        tag=written["tag"],
        audiences=None if audiences is None else frozenset(audiences),
        purposes=None if purposes is None else frozenset(purposes),
        about_self=written["about_self"],
    )
