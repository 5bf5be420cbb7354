"""
Reads and writes the key file `keyslots.json`: its format, bounds, MAC and slots.

Knows the format (docs/formats/keyslots-v1.md) and the key hierarchy; no database. Everything is
checked before it costs memory or time, since the file may be forged.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from homeward_store import files
from homeward_store.errors import (
    KeychainEntryMissing,
    KeychainUnavailable,
    KeyslotsCorrupt,
    SlotMissing,
    StoreTooNew,
    WrongSecret,
)
from homeward_store.keys.key_derivation import FASTEST, SALT_BYTES, Argon2Cost, stretch, subkey
from homeward_store.keys.key_wrapping import WRAPPED_KEY_BYTES, unwrap, wrap
from homeward_store.keys.unlocking import Keychain, Passphrase, Unlock
from homeward_store.secret import Secret

FORMAT = "homeward-keyslots"
VERSION = 1
MAX_BYTES = 64 * 1024
MAX_SLOTS = 16
_MAX_TEXT = 256  # characters of a service, account or backend name

SlotId = str
Json = dict[str, Any]


class SlotKind(StrEnum):
    """The ways in."""

    PASSPHRASE = "passphrase"  # noqa: S105  a name, not a secret
    KEYCHAIN = "keychain"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Slot:
    """One way to the profile's master key."""

    id: SlotId
    kind: SlotKind
    created_at: int  # µs since 1970, UTC
    wrapped: bytes  # the master key under this slot's key
    cost: Argon2Cost | None = None  # passphrase slots
    salt: bytes = b""
    service: str = ""  # keychain slots: where the entry is, and which program keeps it
    account: str = ""
    backend: str = ""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The contents of a key file; `epoch` names the database that `database_key` opens."""

    profile_id: str
    epoch: int
    database_key: bytes  # wrapped under the master key
    slots: tuple[Slot, ...]
    mac: bytes = b""


def make_slot(
    unlock: Unlock, master: Secret, *, profile_id: str, created_at: int, cost: Argon2Cost
) -> Slot:
    """
    A new slot that opens with `unlock`. A keychain slot gets an entry of its own in the keychain.

    Raises:
        KeychainUnavailable: the keychain did not take the entry. Nothing was changed.
    """
    slot_id = secrets.token_hex(8)
    match unlock:
        case Passphrase():
            blank = Slot(slot_id, SlotKind.PASSPHRASE, created_at, b"", cost, os.urandom(16))
            with unlock.secret() as typed:
                key = stretch(typed, salt=blank.salt, cost=cost)
        case Keychain():
            account = f"{profile_id}/{slot_id}"
            blank = Slot(slot_id, SlotKind.KEYCHAIN, created_at, b"", service=unlock.service)
            blank = replace(blank, account=account, backend=unlock.vault.backend())
            with _deposit(unlock, account) as entry:
                key = subkey(entry, "homeward/slot/keychain")
        case _:
            blank = Slot(slot_id, SlotKind.RECOVERY, created_at, b"")
            with unlock.secret() as code:
                key = subkey(code, "homeward/slot/recovery")
    with key:
        wrapped = wrap(key, master, context=_slot_context(profile_id, blank))
    return replace(blank, wrapped=wrapped)


def open_slot(file: KeyFile, unlock: Unlock) -> tuple[Secret, Slot]:
    """
    The master key, and the slot that gave it.

    Raises:
        SlotMissing: no slot of this kind. WrongSecret: none of them opens.
        KeychainUnavailable, KeychainEntryMissing: see `keychain`.
        KeyslotsCorrupt: the slot opens, but the file's MAC does not verify.
    """
    candidates = [slot for slot in file.slots if fits(slot, unlock)]
    if not candidates:
        raise SlotMissing(f"the profile has no {type(unlock).__name__} slot")
    for slot in candidates:
        try:
            with _slot_key(slot, unlock) as key:
                master = unwrap(key, slot.wrapped, context=_slot_context(file.profile_id, slot))
        except WrongSecret:
            continue
        if not hmac.compare_digest(file.mac, _mac(_body(file), master)):
            master.wipe()
            raise KeyslotsCorrupt("the key file's MAC does not verify")
        return master, slot
    raise WrongSecret(f"no {type(unlock).__name__} slot opens with this")


def wrap_database_key(key: Secret, master: Secret, *, profile_id: str, epoch: int) -> bytes:
    """The database key of an epoch, under the master key."""
    return wrap(master, key, context=_database_context(profile_id, epoch))


def unwrap_database_key(file: KeyFile, master: Secret) -> Secret:
    """
    The key of the database that the file names.

    Raises:
        KeyslotsCorrupt: the MAC was right and the wrapped key still does not open.
    """
    context = _database_context(file.profile_id, file.epoch)
    try:
        return unwrap(master, file.database_key, context=context)
    except WrongSecret:
        raise KeyslotsCorrupt("the wrapped database key does not open") from None


def write(path: Path, file: KeyFile, master: Secret) -> None:
    """Replace the key file durably, under a fresh MAC."""
    body = _body(file)
    document = {**body, "mac": _mac(body, master).hex()}
    files.write_durably(path, json.dumps(document, indent=1, sort_keys=True).encode())


def read(path: Path) -> KeyFile:
    """
    The key file, checked in shape and bounds; its MAC is checked when a slot opens.

    Raises:
        KeyslotsCorrupt: not such a file. StoreTooNew: of a newer version.
    """
    with files.translated(path), path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    return parse(data)


def parse(data: bytes) -> KeyFile:
    """
    The pure part of `read`: parse the bytes of a key file.

    Raises:
        KeyslotsCorrupt: not such a file. StoreTooNew: of a newer version.
    """
    if len(data) > MAX_BYTES:
        raise KeyslotsCorrupt(f"the key file is larger than {MAX_BYTES} bytes")
    try:
        document = json.loads(data, object_pairs_hook=_no_duplicates)
        if document["format"] == FORMAT and type(document["version"]) is int:
            if document["version"] > VERSION:
                raise StoreTooNew(f"key file version {document['version']}")
            return _file(document)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise KeyslotsCorrupt(f"the key file has a wrong shape ({type(error).__name__})") from None
    raise KeyslotsCorrupt("not a key file")


def _file(document: Json) -> KeyFile:
    _exactly(document, "format version profile epoch database_key slots mac")
    slots = tuple(_slot(one) for one in document["slots"])
    epoch = document["epoch"]
    if document["version"] != VERSION or type(epoch) is not int or not 1 <= epoch < 2**53:
        raise ValueError("version or epoch")
    if not 1 <= len(slots) <= MAX_SLOTS or len({slot.id for slot in slots}) != len(slots):
        raise ValueError("slots")
    return KeyFile(
        profile_id=_hex(document["profile"], 32),
        epoch=epoch,
        database_key=_base64(document["database_key"], WRAPPED_KEY_BYTES),
        slots=slots,
        mac=bytes.fromhex(_hex(document["mac"], 64)),
    )


_SLOT_FIELDS = {
    SlotKind.PASSPHRASE: "id kind created_at wrapped argon2id",
    SlotKind.KEYCHAIN: "id kind created_at wrapped service account backend",
    SlotKind.RECOVERY: "id kind created_at wrapped",
}


def _slot(document: Json) -> Slot:
    kind = SlotKind(document["kind"])
    _exactly(document, _SLOT_FIELDS[kind])
    if type(document["created_at"]) is not int or not 0 <= document["created_at"] < 2**53:
        raise ValueError("created_at")
    slot = Slot(
        id=_hex(document["id"], 16),
        kind=kind,
        created_at=document["created_at"],
        wrapped=_base64(document["wrapped"], WRAPPED_KEY_BYTES),
    )
    match kind:
        case SlotKind.PASSPHRASE:
            argon2id = document["argon2id"]
            _exactly(argon2id, "memory_kib passes lanes salt")
            salt = _base64(argon2id["salt"], SALT_BYTES)
            cost = Argon2Cost(argon2id["memory_kib"], argon2id["passes"], argon2id["lanes"])
            return replace(slot, cost=cost, salt=salt)
        case SlotKind.KEYCHAIN:
            return replace(
                slot,
                service=_text(document["service"]),
                account=_text(document["account"]),
                backend=_text(document["backend"]),
            )
        case _:
            return slot


def _body(file: KeyFile) -> Json:
    return {
        "format": FORMAT,
        "version": VERSION,
        "profile": file.profile_id,
        "epoch": file.epoch,
        "database_key": base64.b64encode(file.database_key).decode(),
        "slots": [_slot_document(slot) for slot in file.slots],
    }


def _slot_document(slot: Slot) -> Json:
    document: Json = {
        "id": slot.id,
        "kind": slot.kind.value,
        "created_at": slot.created_at,
        "wrapped": base64.b64encode(slot.wrapped).decode(),
    }
    if slot.cost is not None:
        salt = base64.b64encode(slot.salt).decode()
        document["argon2id"] = {**asdict(slot.cost), "salt": salt}
    if slot.kind is SlotKind.KEYCHAIN:
        document |= {"service": slot.service, "account": slot.account, "backend": slot.backend}
    return document


def _mac(body: Json, master: Secret) -> bytes:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    with subkey(master, "homeward/keyslots/mac") as key:
        return hmac.new(key.expose(), canonical, hashlib.sha256).digest()


def fits(slot: Slot, unlock: Unlock) -> bool:
    """Whether a slot is of the kind that `unlock` may open."""
    match unlock:
        case Passphrase():
            return slot.kind is SlotKind.PASSPHRASE
        case Keychain():
            return slot.kind is SlotKind.KEYCHAIN and slot.service == unlock.service
        case _:
            return slot.kind is SlotKind.RECOVERY


def _slot_key(slot: Slot, unlock: Unlock) -> Secret:
    match unlock:
        case Passphrase():
            with unlock.secret() as typed:
                return stretch(typed, salt=slot.salt, cost=slot.cost or FASTEST)
        case Keychain():
            with _withdraw(unlock, slot) as entry:
                return subkey(entry, "homeward/slot/keychain")
        case _:
            with unlock.secret() as code:
                return subkey(code, "homeward/slot/recovery")


def _deposit(unlock: Keychain, account: str) -> Secret:
    if unlock.vault.read(unlock.service, account) is not None:
        raise KeychainUnavailable("the keychain already holds an entry of this name")
    entry = Secret.random()
    value = base64.b64encode(entry.expose()).decode()
    unlock.vault.write(unlock.service, account, value)
    if unlock.vault.read(unlock.service, account) != value:
        raise KeychainUnavailable("the keychain does not give back what was put in")
    return entry


def _withdraw(unlock: Keychain, slot: Slot) -> Secret:
    value = unlock.vault.read(slot.service, slot.account)
    if value is None:
        now = unlock.vault.backend()
        if now != slot.backend:
            raise KeychainUnavailable(f"the entry is kept by {slot.backend}; now there is {now}")
        raise KeychainEntryMissing(f"{slot.backend} holds no entry for this profile")
    try:
        return Secret(bytearray(base64.b64decode(value, validate=True)))
    except (binascii.Error, ValueError):
        raise WrongSecret("the keychain's entry is not one of ours") from None


def _slot_context(profile_id: str, slot: Slot) -> bytes:
    return f"{FORMAT}/{VERSION}/{profile_id}/{slot.kind.value}/{slot.id}".encode()


def _database_context(profile_id: str, epoch: int) -> bytes:
    return f"{FORMAT}/{VERSION}/{profile_id}/database/{epoch}".encode()


def _no_duplicates(pairs: list[tuple[str, Any]]) -> Json:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a name occurs twice")
    return document


def _exactly(document: Json, names: str) -> None:
    if set(document) != set(names.split()):
        raise ValueError("names")


def _hex(text: str, digits: int) -> str:
    if not re.fullmatch(f"[0-9a-f]{{{digits}}}", text):
        raise ValueError("hex")
    return text


def _base64(text: str, length: int) -> bytes:
    data = base64.b64decode(text, validate=True)
    if len(data) != length:
        raise ValueError("base64")
    return data


def _text(text: str) -> str:
    if type(text) is not str or len(text) > _MAX_TEXT:
        raise ValueError("text")
    return text
