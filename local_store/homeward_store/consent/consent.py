"""
Answers whether the person consented to a purpose and category; no other module does.

To contribute is agreed to for one task at a time. Knows purposes and categories; reads no data.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from homeward_store.consent.ledger import Ledger, LedgerEntry
from homeward_store.errors import (
    ConsentRequired,
    InvalidValue,
    KeychainUnavailable,
    RollbackDetected,
)
from homeward_store.typed import doors

Clock = Callable[[], datetime]
Permit = Callable[[], None]  # raises unless data may be read
Switch = Callable[["Purpose", str], Iterable[str]]

_KIND = "consent"


class Purpose(StrEnum):
    """What data may be read for. The person's own looking, exporting and deleting needs none."""

    ANSWER = "answer"  # to answer the person, on the device
    LEARN = "learn"  # to train learned state, on the device
    CONTRIBUTE = "contribute"  # to compute what leaves the device in a federated round


class Category(StrEnum):
    """The kinds of data that a person decides about."""

    ATTRIBUTES = "attributes"
    TURNS = "turns"
    WRITINGS = "writings"
    CHOICES = "choices"
    NOTES = "notes"
    MEMORIES = "memories"


# Answering on the device is what a profile is made for; everything else waits for a yes.
_WITHOUT_ASKING = frozenset({Purpose.ANSWER})


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer that the person gave."""

    purpose: Purpose
    category: Category
    granted: bool
    text_sha256: str  # of the words that the person was shown, hex
    at: datetime
    task: str = ""  # what is contributed to; for no other purpose


@doors
class Consent:
    """Stores the person's consents and answers whether a use is covered by them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._switches: list[Switch] = []

    def on_withdrawal(self, switch: Switch) -> None:
        """Call `switch` after each no, with purpose and task; it returns what it switched off."""
        self._switches.append(switch)

    def grant(self, purpose: Purpose, *categories: Category, shown: str, task: str = "") -> None:
        """Record a yes to the words in `shown`, of which the hash is kept."""
        self._record(purpose, categories, granted=True, shown=shown, task=task)

    def withdraw(
        self, purpose: Purpose, *categories: Category, shown: str = "", task: str = ""
    ) -> tuple[str, ...]:
        """
        Record a no. It takes effect with the next read.

        Returns the names of what stood on the consent and was switched off with it, at once.
        """
        self._record(purpose, categories, granted=False, shown=shown, task=task)
        return tuple(name for switch in self._switches for name in switch(purpose, task))

    def allows(self, purpose: Purpose, category: Category, *, task: str = "") -> bool:
        """
        Whether data of this category may be read for this purpose now.

        A yes does not count while the ledger's end is uncertain: it may have been taken back.
        """
        agreed = self._agreed(purpose, category, task)
        if agreed and purpose not in _WITHOUT_ASKING:
            try:
                self._ledger.verify_end()
            except (RollbackDetected, KeychainUnavailable):
                return False
        return agreed

    def require(self, purpose: Purpose, category: Category, *, task: str = "") -> None:
        """
        Raise `ConsentRequired` unless `allows` returns True.

        Raises:
            ConsentRequired: `allows` says no. RollbackDetected: the yes may be one that was taken
                back; only answering, which needs no yes, goes on.
        """
        if purpose not in _WITHOUT_ASKING:
            self._ledger.verify_end()
        if not self._agreed(purpose, category, task):
            raise ConsentRequired(
                f"no consent to read {category.value} in order to {purpose.value}"
            )

    def held(self, purpose: Purpose, category: Category, *, since: datetime) -> bool:
        """Whether data may be read now, and no withdrawal was recorded after `since`."""
        return self.allows(purpose, category) and not any(
            one.at > since
            for one in self.decisions()
            if (one.purpose, one.category, one.granted) == (purpose, category, False)
        )

    def decisions(self) -> list[Decision]:
        """Every decision, oldest first."""
        return [_decision(entry) for entry in self._ledger.entries(_KIND)]

    def _agreed(self, purpose: Purpose, category: Category, task: str) -> bool:
        fields = {"purpose": purpose.value, "category": category.value, **_named(purpose, task)}
        entry = self._ledger.latest(_KIND, **fields)
        if entry is None or (entry.body["granted"] and not self._ledger.stands(entry)):
            return purpose in _WITHOUT_ASKING
        return bool(entry.body["granted"])

    def _record(
        self,
        purpose: Purpose,
        categories: tuple[Category, ...],
        *,
        granted: bool,
        shown: str,
        task: str,
    ) -> None:
        for category in categories or tuple(Category):
            body = {
                "purpose": Purpose(purpose).value,
                "category": Category(category).value,
                "granted": granted,
                "text_sha256": hashlib.sha256(shown.encode()).hexdigest(),
                **_named(purpose, task),
            }
            self._ledger.append(_KIND, body)


def _named(purpose: Purpose, task: str) -> dict[str, str]:
    """The task of a decision: one to contribute names one, no other does."""
    if (Purpose(purpose) is Purpose.CONTRIBUTE) != bool(task):
        raise InvalidValue(f"consent to {purpose.value} with task {task!r}")
    return {"task": task} if task else {}


def _decision(entry: LedgerEntry) -> Decision:
    body = entry.body
    return Decision(
        purpose=Purpose(body["purpose"]),
        category=Category(body["category"]),
        granted=body["granted"],
        text_sha256=body["text_sha256"],
        at=entry.at,
        task=body.get("task", ""),
    )
