"""Reads a profile's data for one purpose, as far as the person consented."""

from dataclasses import dataclass

from homeward_store.consent.consent import Category, Clock, Consent, Permit, Purpose
from homeward_store.database.database import Database
from homeward_store.records import SourceKind
from homeward_store.repositories.attributes import Attributes
from homeward_store.repositories.choices import Choices
from homeward_store.repositories.embeddings import Embeddings
from homeward_store.repositories.memories import Memories
from homeward_store.repositories.notes import Notes
from homeward_store.repositories.turns import Turns
from homeward_store.repositories.writings import Writings

CATEGORY_OF = {
    SourceKind.ATTRIBUTE: Category.ATTRIBUTES,
    SourceKind.TURN: Category.TURNS,
    SourceKind.WRITING: Category.WRITINGS,
    SourceKind.CHOICE: Category.CHOICES,
    SourceKind.NOTE: Category.NOTES,
    SourceKind.MEMORY: Category.MEMORIES,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What may be read for one purpose.

    Guarantees:
        Each read asks the ledger first: a consent that is withdrawn ends the next read. Every
        reading method raises ConsentRequired where there is none.
    """

    attributes: Attributes
    turns: Turns
    writings: Writings
    choices: Choices
    notes: Notes
    memories: Memories


def reading(
    database: Database,
    *,
    clock: Clock,
    embeddings: Embeddings,
    consent: Consent,
    purpose: Purpose | None,
    task: str = "",
) -> Reading:
    """The data as one purpose may read it; None is the person, who needs no consent."""

    def permit(category: Category) -> Permit:
        if purpose is None:
            return lambda: None
        return lambda: consent.require(purpose, category, task=task)

    return Reading(
        attributes=Attributes(database, clock=clock, permit=permit(Category.ATTRIBUTES)),
        turns=Turns(database, clock=clock, permit=permit(Category.TURNS)),
        writings=Writings(database, clock=clock, permit=permit(Category.WRITINGS)),
        choices=Choices(database, clock=clock, permit=permit(Category.CHOICES)),
        notes=Notes(database, clock=clock, permit=permit(Category.NOTES)),
        memories=Memories(
            database, clock=clock, permit=permit(Category.MEMORIES), embeddings=embeddings
        ),
    )
