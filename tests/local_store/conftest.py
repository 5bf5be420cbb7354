"""Profiles to test with: real SQLCipher, the cheapest Argon2id, a clock that the test sets."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from homeward_store import (
    FASTEST,
    CreatedProfile,
    Passphrase,
    Profile,
    RecoveryCode,
    create_profile,
    open_profile,
)
from homeward_store.database.database import Database, create_database
from homeward_store.database.migrations import migrate
from homeward_store.secret import Secret
from homeward_store.testing import StoppedClock

PASSPHRASE = "correct horse"


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def passphrase() -> Passphrase:
    return Passphrase(PASSPHRASE)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RecoveryCode]:
    """A new profile, made once: copying it is ten times quicker than making another."""
    path = tmp_path_factory.mktemp("template") / "ada"
    unlock = [Passphrase(PASSPHRASE)]
    made = create_profile(path, unlock=unlock, cost=FASTEST, clock=StoppedClock())
    made.profile.close()
    return path, made.recovery_code


@pytest.fixture
def created(
    tmp_path: Path, clock: StoppedClock, template: tuple[Path, RecoveryCode]
) -> Iterator[CreatedProfile]:
    path, code = template
    shutil.copytree(path, tmp_path / "ada")
    profile = open_profile(tmp_path / "ada", unlock=code, clock=clock)
    yield CreatedProfile(profile, code)
    profile.close()


@pytest.fixture
def profile(created: CreatedProfile) -> Profile:
    return created.profile


@pytest.fixture
def reopen(profile: Profile, clock: StoppedClock) -> Iterator[Callable[[], Profile]]:
    """Close the profile and open it again, as often as a test likes."""
    opened = [profile]

    def again() -> Profile:
        opened[-1].close()
        opened.append(open_profile(profile.path, unlock=Passphrase(PASSPHRASE), clock=clock))
        return opened[-1]

    yield again
    opened[-1].close()


@pytest.fixture
def key() -> Secret:
    return Secret(bytearray(range(32)))


@pytest.fixture
def database(tmp_path: Path, key: Secret) -> Iterator[Database]:
    """A bare database of the current version."""
    made = create_database(tmp_path / "bare.db", key)
    migrate(made)
    yield made
    made.close()
