"""
Gives records names that tell nothing of their numbers.

Numbers run on, so whoever sees 3 and 5 knows that there is a 4 which they may not see.
"""

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

from homeward_store.keys.key_derivation import subkey
from homeward_store.secret import Secret
from homeward_store.typed import doors

_NUMBER_BYTES = 8
_PADDING = bytes(8)  # tells a name of ours from one that was made up


@doors
class Handles:
    """
    Names each record of one profile by 32 hexadecimal digits that tell nothing of other records.

    Guarantees:
        A number has the same name in every session. Without the profile's key, names tell neither
        an order nor how many there are, and none can be made up.
    """

    def __init__(self, identity: Secret) -> None:
        with subkey(identity, "homeward/handle") as key:
            # One block, and never the same number twice: a permutation that only the key tells.
            self._cipher = Cipher(AES256(bytes(key.expose())), ECB())  # noqa: S305

    def of(self, number: int) -> str:
        """Return the name of `number`."""
        block = number.to_bytes(_NUMBER_BYTES) + _PADDING
        return self._cipher.encryptor().update(block).hex()

    def number(self, handle: str) -> int | None:
        """Return the number that `handle` names; None: it is no name of this profile."""
        try:
            name = bytes.fromhex(handle)
        except ValueError:
            return None
        block = self._cipher.decryptor().update(name)
        if len(name) != _NUMBER_BYTES + len(_PADDING) or not block.endswith(_PADDING):
            return None
        return int.from_bytes(block[:_NUMBER_BYTES])
