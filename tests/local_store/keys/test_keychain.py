"""Found, absent and unavailable are three answers, and no failure overwrites anything."""

import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from homeward_store import (
    FASTEST,
    Keychain,
    KeychainEntryMissing,
    KeychainUnavailable,
    Passphrase,
    Profile,
    SystemVault,
    WrongSecret,
    create_profile,
    open_profile,
)
from homeward_store.testing import MemoryVault


def backend(name: str = "keyring.backends.SecretService.Keyring", **methods: Any) -> Any:
    """An object that calls itself a keyring backend."""
    module, _, kind = name.rpartition(".")
    entries: dict[tuple[str, str], str] = {}
    whole = {
        "get_password": lambda _, service, account: entries.get((service, account)),
        "set_password": lambda _, service, account, value: entries.update(
            {(service, account): value}
        ),
        "delete_password": lambda _, service, account: entries.pop((service, account)),
    }
    return type(kind, (), {"__module__": module, **whole, **methods})()


def vault(chosen: Any, timeout: float = 5) -> SystemVault:
    return SystemVault(choose=lambda: chosen, timeout=timeout)


def test_what_was_written_is_found_and_what_was_deleted_is_absent() -> None:
    keychain = vault(backend())
    assert keychain.read("app", "ada") is None
    keychain.write("app", "ada", "secret")
    assert keychain.read("app", "ada") == "secret"
    keychain.delete("app", "ada")
    keychain.delete("app", "ada")
    assert keychain.read("app", "ada") is None


@pytest.mark.parametrize(
    "name",
    [
        "keyrings.alt.file.PlaintextKeyring",
        "keyring.backends.fail.Keyring",
        "keyring.backends.null.Keyring",
    ],
)
def test_a_backend_that_does_not_encrypt_is_not_used(name: str) -> None:
    with pytest.raises(KeychainUnavailable, match="no trusted keychain"):
        vault(backend(name)).read("app", "ada")


def test_of_several_backends_the_first_that_encrypts_is_used() -> None:
    plain, good = backend("keyrings.alt.file.PlaintextKeyring"), backend()
    chainer = backend("keyring.backends.chainer.ChainerBackend", backends=[plain, good])
    assert vault(chainer).backend() == "keyring.backends.SecretService.Keyring"


def test_a_keychain_that_is_locked_dismissed_or_broken_is_unavailable_not_absent() -> None:
    def dismissed(*_: object) -> None:
        raise RuntimeError("Prompt dismissed for account ada")

    with pytest.raises(KeychainUnavailable) as caught:
        vault(backend(get_password=dismissed)).read("app", "ada")
    assert "ada" not in str(caught.value)


def test_a_keychain_that_waits_for_a_dialog_times_out() -> None:
    dialog = threading.Event()
    waiting = vault(backend(get_password=lambda *_: dialog.wait(5)), timeout=0.05)
    with pytest.raises(KeychainUnavailable, match="did not answer"):
        waiting.read("app", "ada")
    dialog.set()


def test_without_the_extra_there_is_no_keychain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(KeychainUnavailable, match="extra"):
        SystemVault().backend()


def test_the_installed_keyring_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring")
    chosen = backend()
    monkeypatch.setattr(keyring, "get_keyring", lambda: chosen)
    assert SystemVault().backend() == "keyring.backends.SecretService.Keyring"


@pytest.fixture
def chained(tmp_path: Path) -> tuple[Path, Keychain, MemoryVault]:
    """A profile that opens with a keychain."""
    memory = MemoryVault()
    keychain = Keychain("app", memory)
    create_profile(tmp_path / "p", unlock=[keychain], cost=FASTEST).profile.close()
    return tmp_path / "p", keychain, memory


def test_a_keychain_opens_its_profile(chained: tuple[Path, Keychain, MemoryVault]) -> None:
    path, keychain, _ = chained
    with open_profile(path, unlock=keychain) as profile:
        assert profile.notes.all() == []


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ({"locked": True}, KeychainUnavailable),
        ({"entries": {}}, KeychainEntryMissing),
        ({"entries": {}, "name": "another"}, KeychainUnavailable),
        ({"value": "!!!"}, WrongSecret),
        ({"value": "AAAA"}, WrongSecret),
    ],
)
def test_no_failure_of_the_keychain_changes_anything(
    chained: tuple[Path, Keychain, MemoryVault],
    failure: dict[str, Any],
    expected: type[Exception],
) -> None:
    path, keychain, memory = chained
    open_profile(path, unlock=keychain).close()

    def state() -> list[tuple[str, bytes]]:
        files = [one for one in path.iterdir() if one.is_file()]
        return sorted((one.name, one.read_bytes()) for one in files)

    before, entries = state(), dict(memory.entries)
    if "value" in failure:
        memory.entries = dict.fromkeys(entries, failure["value"])
    memory.entries = failure.get("entries", memory.entries)
    memory.locked, memory.name = failure.get("locked", False), failure.get("name", memory.name)
    broken = dict(memory.entries)
    with pytest.raises(expected):
        open_profile(path, unlock=keychain)
    assert state() == before
    assert memory.entries == broken
    memory.locked, memory.name, memory.entries = False, "memory", entries
    open_profile(path, unlock=keychain).close()


def test_a_keychain_that_swallows_what_it_is_given_makes_no_slot(
    profile: Profile, passphrase: Passphrase
) -> None:
    class Forgetful(MemoryVault):
        def write(self, service: str, account: str, value: str) -> None:
            pass

    with pytest.raises(KeychainUnavailable, match="give back"):
        profile.slots.add(Keychain("app", Forgetful()), unlock=passphrase, cost=FASTEST)
    assert len(profile.slots.all()) == 2


def test_an_entry_that_is_already_there_is_never_overwritten(
    profile: Profile, passphrase: Passphrase
) -> None:
    class Full(MemoryVault):
        def read(self, service: str, account: str) -> str | None:
            return f"somebody's for {service}, {account}"

    full = Full()
    with pytest.raises(KeychainUnavailable, match="already holds"):
        profile.slots.add(Keychain("app", full), unlock=passphrase, cost=FASTEST)
    assert full.entries == {}


def test_a_profile_is_not_made_when_the_keychain_refuses(tmp_path: Path) -> None:
    memory = MemoryVault()
    memory.locked = True
    with pytest.raises(KeychainUnavailable):
        create_profile(tmp_path / "p", unlock=[Keychain("app", memory)], cost=FASTEST)
    assert list(tmp_path.iterdir()) == []
