"""Published answers, ours and others', through our own wrappers."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from homeward_store import (
    FASTEST,
    Argon2Cost,
    Passphrase,
    RecoveryCode,
    SealedFileCorrupt,
    StoreError,
    WrongSecret,
    create_profile,
    restore_profile,
)
from homeward_store.keys import keyslots, sealing
from homeward_store.keys.key_derivation import stretch, subkey
from homeward_store.keys.key_wrapping import unwrap
from homeward_store.secret import Secret

VECTORS = Path(__file__).parents[1] / "vectors"
SEAL = Passphrase("golden")


def load(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((VECTORS / name).read_text())["cases"]
    return cases


@pytest.mark.parametrize("case", load("keyslots-v1.json"), ids=lambda case: case["name"])
def test_key_files(case: dict[str, Any]) -> None:
    unlock = RecoveryCode(case["recovery_code"])
    data = case["file"].encode()
    if case["result"] == "opens":
        file = keyslots.parse(data)
        master, _ = keyslots.open_slot(file, unlock)
        assert keyslots.unwrap_database_key(file, master).expose().hex() == case["database_key"]
        return
    with pytest.raises(StoreError) as caught:
        keyslots.unwrap_database_key(
            keyslots.parse(data), keyslots.open_slot(keyslots.parse(data), unlock)[0]
        )
    assert type(caught.value).__name__ == case["result"]


@pytest.mark.parametrize("case", load("sealed-stream-v1.json"), ids=lambda case: case["name"])
def test_sealed_streams(case: dict[str, Any]) -> None:
    import io

    source = io.BytesIO(bytes.fromhex(case["stream"]))
    header = bytes.fromhex(case["header"])

    def opened() -> bytes:
        return b"".join(sealing.unseal(bytes.fromhex(case["key"]), source.read, header=header))

    if case["result"] == "opens":
        assert opened().hex() == case["plaintext"]
        return
    with pytest.raises(SealedFileCorrupt):
        opened()


def test_the_published_backup_and_export_open(tmp_path: Path) -> None:
    created = restore_profile(
        VECTORS / "backup-v1.sealed", tmp_path / "p", seal=SEAL, unlock=[SEAL], cost=FASTEST
    )
    with created.profile as profile:
        assert [note.text for note in profile.notes.all()] == ["the first note"]
    code = RecoveryCode.of(bytes(range(16)))
    with create_profile(tmp_path / "q", unlock=[SEAL], cost=FASTEST).profile as profile:
        assert profile.import_records(VECTORS / "export-v1.sealed", seal=code) == 6
        assert profile.turns.latest(1)[0].replied == "the first reply"
    shutil.rmtree(tmp_path / "p")


@pytest.mark.parametrize("case", load("hkdf-rfc5869.json"), ids=lambda case: case["name"])
def test_hkdf_as_in_rfc_5869(case: dict[str, Any]) -> None:
    # Our subkey has no salt, an empty-salt case with a textual info is what it computes.
    parent = Secret(bytearray.fromhex(case["ikm"]))
    assert subkey(parent, bytes.fromhex(case["info"]).decode()).expose().hex() == case["okm"]


@pytest.mark.parametrize("case", load("argon2id.json"), ids=lambda case: case["name"])
def test_argon2id_through_our_stretching(case: dict[str, Any]) -> None:
    cost = Argon2Cost(case["memory_kib"], case["passes"], case["lanes"])
    secret = Secret(bytearray(case["password"].encode()))
    stretched = stretch(secret, salt=bytes.fromhex(case["salt"]), cost=cost)
    assert stretched.expose().hex() == case["tag"]


def test_argon2id_as_in_rfc_9106() -> None:
    """RFC 9106 §5.3 uses a secret and associated data, so it goes to the primitive we build on."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    derived = Argon2id(
        salt=bytes([2]) * 16,
        length=32,
        iterations=3,
        lanes=4,
        memory_cost=32,
        ad=bytes([4]) * 12,
        secret=bytes([3]) * 8,
    ).derive(bytes([1]) * 32)
    expected = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
    assert derived.hex() == expected


@pytest.mark.parametrize("case", load("aes-gcm.json"), ids=lambda case: case["name"])
def test_aes_gcm_through_our_unwrapping(case: dict[str, Any]) -> None:
    key = Secret(bytearray.fromhex(case["key"]))
    wrapped = bytes.fromhex(case["iv"] + case["ct"] + case["tag"])
    context = bytes.fromhex(case["aad"])
    if case["result"] == "valid":
        assert unwrap(key, wrapped, context=context).expose().hex() == case["msg"]
        assert AESGCM(key.expose()).encrypt(
            wrapped[:12], bytes.fromhex(case["msg"]), context
        ) == bytes.fromhex(case["ct"] + case["tag"])
        return
    with pytest.raises(WrongSecret):
        unwrap(key, wrapped, context=context)
