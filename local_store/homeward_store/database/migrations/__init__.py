"""
Lists the schema's migrations in order. Append a module; never edit one.

Knows the order of the steps and `user_version`; what a step does is in its own module.
"""

from homeward_store.database.database import Database
from homeward_store.database.migrations import (
    m0001_initial,
    m0002_settings,
    m0003_attached,
    m0004_learned,
    m0005_moments_and_origins,
    m0006_watched,
    m0007_words_in_every_script,
)
from homeward_store.errors import StoreTooNew
from homeward_store.words.forms import index_forms

# A released step is never changed: a test holds each to its SHA-256.
STEPS: tuple[tuple[str, ...], ...] = (
    m0001_initial.STATEMENTS,
    m0002_settings.STATEMENTS,
    m0003_attached.STATEMENTS,
    m0004_learned.STATEMENTS,
    m0005_moments_and_origins.STATEMENTS,
    m0006_watched.STATEMENTS,
    m0007_words_in_every_script.STATEMENTS,
)
CURRENT = len(STEPS)


def version(database: Database) -> int:
    """How many steps the database has taken."""
    [(taken,)] = database.run("PRAGMA user_version")
    return int(taken)


def migrate(database: Database, *, steps: tuple[tuple[str, ...], ...] = STEPS) -> int:
    """
    Bring the database to the newest version and return how many steps that took.

    Guarantees:
        Each step and its version number are one transaction: after a crash the database is at
        the version before or after a step, never between.

    Raises:
        StoreTooNew: a newer program has written it. Nothing was changed.
    """
    database.define("index_forms", index_forms)
    taken = version(database)
    if taken > len(steps):
        raise StoreTooNew(f"the profile has version {taken}; this program knows {len(steps)}")
    for number in range(taken, len(steps)):
        with database.transaction():
            for statement in steps[number]:
                database.run(statement)
            database.run(f"PRAGMA user_version = {number + 1}")
    return len(steps) - taken
