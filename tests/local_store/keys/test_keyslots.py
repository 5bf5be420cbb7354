"""The key file is checked before it costs anything, and no change to it is accepted."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from homeward_store import (
    CreatedProfile,
    KeyslotsCorrupt,
    Passphrase,
    RecoveryCode,
    StoreError,
    StoreTooNew,
)
from homeward_store.keys import keyslots
from homeward_store.keys.keyslots import KeyFile
from homeward_store.secret import Secret


@pytest.fixture
def document(created: CreatedProfile) -> dict[str, Any]:
    text = (created.profile.path / "keyslots.json").read_text()
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def parse(document: object) -> KeyFile:
    return keyslots.parse(json.dumps(document).encode())


def test_what_was_written_is_read_back(created: CreatedProfile, document: dict[str, Any]) -> None:
    file = parse(document)
    assert file.profile_id == created.profile.id
    assert file.epoch == 1
    assert [slot.kind for slot in file.slots] == ["passphrase", "recovery"]
    keyslots.open_slot(file, created.recovery_code)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], "another"),
        (["version"], 0),
        (["version"], True),
        (["version"], "1"),
        (["profile"], "A" * 32),
        (["profile"], 5),
        (["epoch"], 0),
        (["epoch"], 2**53),
        (["epoch"], 1.0),
        (["mac"], "00"),
        (["database_key"], "AAAA"),
        (["database_key"], "not base64"),
        (["slots"], []),
        (["slots"], {}),
        (["slots"], "slots"),
        (["surprise"], 1),
        (["slots", 0, "kind"], "fingerprint"),
        (["slots", 0, "id"], "0"),
        (["slots", 0, "created_at"], -1),
        (["slots", 0, "created_at"], "0"),
        (["slots", 0, "wrapped"], None),
        (["slots", 0, "surprise"], 1),
        (["slots", 0, "argon2id"], {}),
        (["slots", 0, "argon2id", "memory_kib"], 2**31),
        (["slots", 0, "argon2id", "passes"], 0),
        (["slots", 0, "argon2id", "salt"], "AAAA"),
    ],
)
def test_a_wrong_shape_is_refused(
    document: dict[str, Any], path: list[str | int], value: object
) -> None:
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(KeyslotsCorrupt):
        parse(document)


def test_a_keychain_slot_needs_short_names(document: dict[str, Any]) -> None:
    slot = {**document["slots"][1], "kind": "keychain", "account": "a", "backend": "b"}
    document["slots"][1] = {**slot, "service": "s"}
    assert parse(document).slots[1].service == "s"
    for wrong in ("s" * 257, 5):
        document["slots"][1] = {**slot, "service": wrong}
        with pytest.raises(KeyslotsCorrupt):
            parse(document)


def test_two_slots_of_one_id_seventeen_slots_and_doubled_names_are_refused(
    document: dict[str, Any],
) -> None:
    slot = document["slots"][1]
    for slots in ([slot, slot], [{**slot, "id": f"{number:016x}"} for number in range(17)]):
        with pytest.raises(KeyslotsCorrupt):
            parse({**document, "slots": slots})
    with pytest.raises(KeyslotsCorrupt):
        keyslots.parse(b'{"format": "homeward-keyslots", "format": "homeward-keyslots"}')


def test_a_newer_version_is_told_from_damage(document: dict[str, Any]) -> None:
    with pytest.raises(StoreTooNew):
        parse({**document, "version": 2, "unheard": "of"})


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 60_000, b" " * (keyslots.MAX_BYTES + 1)]
)
def test_what_is_no_key_file_is_refused(data: bytes) -> None:
    with pytest.raises(KeyslotsCorrupt):
        keyslots.parse(data)


@given(st.binary(max_size=300))
def test_random_bytes_raise_nothing_but_our_errors(data: bytes) -> None:
    with pytest.raises(StoreError):
        keyslots.parse(data)


def test_no_changed_key_file_opens(created: CreatedProfile) -> None:
    data = (created.profile.path / "keyslots.json").read_bytes()
    whole = keyslots.parse(data)
    rng = random.Random(1)
    for _ in range(500):
        changed = bytearray(data)
        changed[rng.randrange(len(data))] = rng.randrange(256)
        try:
            file = keyslots.parse(bytes(changed))
            master, _ = keyslots.open_slot(file, created.recovery_code)
        except StoreError:
            continue
        assert file == whole
        master.wipe()


def test_a_slot_moved_to_another_profile_does_not_open(
    created: CreatedProfile, tmp_path: Path
) -> None:
    from dataclasses import replace

    file = keyslots.read(created.profile.path / "keyslots.json")
    with pytest.raises(StoreError):
        keyslots.open_slot(replace(file, profile_id="0" * 32), created.recovery_code)


def test_a_wrapped_database_key_of_another_epoch_does_not_open(created: CreatedProfile) -> None:
    from dataclasses import replace

    file = keyslots.read(created.profile.path / "keyslots.json")
    master, _ = keyslots.open_slot(file, created.recovery_code)
    with pytest.raises(KeyslotsCorrupt):
        keyslots.unwrap_database_key(replace(file, epoch=2), master)


def test_a_changed_mac_is_corruption_and_not_a_wrong_secret(created: CreatedProfile) -> None:
    from dataclasses import replace

    file = keyslots.read(created.profile.path / "keyslots.json")
    for unlock in (created.recovery_code, Passphrase("correct horse")):
        with pytest.raises(KeyslotsCorrupt, match="MAC"):
            keyslots.open_slot(replace(file, mac=bytes(32)), unlock)


def test_the_key_file_holds_no_key_in_the_clear(created: CreatedProfile) -> None:
    file = keyslots.read(created.profile.path / "keyslots.json")
    text = (created.profile.path / "keyslots.json").read_bytes()
    master, _ = keyslots.open_slot(file, created.recovery_code)
    for key in (master, keyslots.unwrap_database_key(file, master)):
        assert isinstance(key, Secret)
        assert bytes(key.expose()) not in text
        assert key.expose().hex().encode() not in text
    assert created.recovery_code.reveal().encode() not in text


def test_every_slot_of_a_kind_is_tried(created: CreatedProfile, passphrase: Passphrase) -> None:
    from homeward_store import FASTEST

    other = Passphrase("second")
    created.profile.slots.add(other, unlock=passphrase, cost=FASTEST)
    assert created.profile.slots.test(other) != created.profile.slots.test(passphrase)


def test_a_wrong_recovery_code_is_a_wrong_secret(created: CreatedProfile) -> None:
    from homeward_store import WrongSecret

    with pytest.raises(WrongSecret):
        created.profile.slots.test(RecoveryCode.random())
