"""Defines the three ways to unlock a profile as values."""

import hashlib
import unicodedata
from dataclasses import dataclass, field

from homeward_store.errors import InvalidRecoveryCode, InvalidValue
from homeward_store.keys.keychain import SYSTEM_VAULT, Vault
from homeward_store.secret import Secret

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_LOOKALIKES = str.maketrans("ILO", "110", "- \t\n")
_CODE_BYTES = 16  # 128 bits: no stretching needed
_CODE_LETTERS = 26  # ⌈128 / 5⌉
_CHECK_LETTERS = 2  # one in 1,024 typing errors passes; the wrapped key then still refuses


@dataclass(frozen=True, slots=True, eq=False)
class Passphrase:
    """
    A passphrase, normalized to NFC so that it is the same on every keyboard (RFC 8265 §4.2).

    Raises:
        InvalidValue: the passphrase is empty.
    """

    text: str | bytearray = field(repr=False)  # a bytearray is UTF-8 and can be wiped by the caller

    def __post_init__(self) -> None:
        if not self.text:
            raise InvalidValue("a passphrase must not be empty")

    def secret(self) -> Secret:
        """The bytes that Argon2id stretches."""
        if isinstance(self.text, bytearray):
            return Secret(bytearray(self.text))
        # surrogatepass: a passphrase file that is not UTF-8 still unlocks what it locked.
        normal = unicodedata.normalize("NFC", self.text)
        return Secret(bytearray(normal, "utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Keychain:
    """An entry of the operating system's keychain; `service` is the application's name."""

    service: str
    vault: Vault = SYSTEM_VAULT


class RecoveryCode:
    """
    128 random bits for paper: 26 letters and 2 check letters, in groups of four.

    Raises:
        InvalidRecoveryCode: not such a code. Case, spaces, hyphens and I/L/O are forgiven.
    """

    __slots__ = ("_secret",)

    def __init__(self, text: str) -> None:
        letters = text.upper().translate(_LOOKALIKES)
        if len(letters) != _CODE_LETTERS + _CHECK_LETTERS or not set(letters) <= set(_ALPHABET):
            raise InvalidRecoveryCode("a recovery code has 28 letters and digits")
        number = 0
        for letter in letters[:_CODE_LETTERS]:
            number = number << 5 | _ALPHABET.index(letter)
        if number >> 8 * _CODE_BYTES or _check_letters(number) != letters[_CODE_LETTERS:]:
            raise InvalidRecoveryCode("the recovery code's check letters do not match")
        self._secret = Secret(bytearray(number.to_bytes(_CODE_BYTES, "big")))

    @classmethod
    def random(cls) -> "RecoveryCode":
        """A fresh code from the operating system's randomness."""
        return cls.of(Secret.random(_CODE_BYTES).expose())

    @classmethod
    def of(cls, raw: bytes | bytearray) -> "RecoveryCode":
        """The code that stands for 16 bytes."""
        number = int.from_bytes(raw, "big")
        return cls(_letters(number, _CODE_LETTERS) + _check_letters(number))

    def reveal(self) -> str:
        """The code as the person writes it down. Show it once; store it nowhere."""
        number = int.from_bytes(self._secret.expose(), "big")
        letters = _letters(number, _CODE_LETTERS) + _check_letters(number)
        return "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))

    def secret(self) -> Secret:
        """A copy of the 16 bytes."""
        return Secret(bytearray(self._secret.expose()))

    def __repr__(self) -> str:
        return "<RecoveryCode>"


Unlock = Passphrase | Keychain | RecoveryCode


def _letters(number: int, count: int) -> str:
    return "".join(_ALPHABET[number >> 5 * i & 31] for i in reversed(range(count)))


def _check_letters(number: int) -> str:
    digest = hashlib.sha256(b"homeward recovery code" + number.to_bytes(_CODE_BYTES, "big"))
    return _letters(int.from_bytes(digest.digest()[:2], "big") >> 6, _CHECK_LETTERS)
