"""
These errors can occur with a profile; each says what the caller should do.

    StoreError
    ├── Locked                     the profile cannot be opened with what was given
    │   ├── WrongSecret            ask for the passphrase or the recovery code again
    │   ├── SlotMissing            unlock another way; the profile has no slot of this kind
    │   ├── KeychainUnavailable    unlock the keychain and try again; nothing was changed
    │   └── KeychainEntryMissing   unlock another way, then add a keychain slot anew
    ├── ProfileMissing             create one, or name another folder
    ├── ProfileExists              open it, or name another folder
    ├── ProfileInUse               close the other program that has it open
    ├── StoreBusy                  try again
    ├── StoreFull                  free disk space and try again; nothing was lost
    ├── StoreUnwritable            give this user access to the folder
    ├── StoreTooNew                upgrade Homeward; the file was not touched
    ├── StoreFailed                report it; the message names SQLite's code
    ├── EncryptionMissing          do not go on: the library would write in the clear
    ├── Damaged                    do not use this file; restore a backup
    │   ├── KeyslotsCorrupt        the key file is damaged or was changed
    │   ├── KeyslotsMissing        the database is there, its key file is not
    │   ├── StoreMissing           the key file is there, its database is not
    │   ├── StoreEmpty             the database file holds nothing
    │   ├── StoreTruncated         the database file is shorter than it should be
    │   ├── StoreOverlong          the database file is longer than it should be
    │   ├── StorePlaintext         the file is an unencrypted database
    │   ├── StoreHeaderCorrupt     the first page does not open under the right key
    │   ├── StoreCorrupt           a later page is damaged
    │   ├── BlobCorrupt            a blob file is damaged, missing or not its row's
    │   └── SealedFileCorrupt      a backup or export is damaged, cut or changed
    ├── RollbackDetected           an older state was put back; do not spend privacy on it
    │   ├── CommitsLost            the ledger ends before its anchor: newer commits are gone
    │   └── AnchorMissing          what vouches for the ledger's end is gone: commits may be, too
    ├── LastSlot              add another slot before removing this one
    ├── WrongType                  pass the type that the message names. Also a TypeError
    ├── InvalidValue               correct the value; the message names it. Also a ValueError
    ├── InvalidText                change the text: NUL or a lone surrogate
    ├── InvalidRecoveryCode        compare it with the paper: a character is wrong
    ├── NotFound                   no such record
    ├── SourceForgotten            derive it anew from what is left
    ├── SpaceMismatch              embed the query with the encoder that the vectors came from
    ├── ConsentRequired            ask the person, then record the answer
    ├── BudgetExceeded             do not run; the privacy budget is spent
    ├── ForkedStore                open the profile in this process instead
    └── StoreClosed                open it again

Messages name the thing and the number, never the person's text, SQL parameters or a key.
"""


class StoreError(Exception):
    """Root of everything that `homeward_store` raises about a profile."""


class Locked(StoreError):
    """The profile cannot be opened with what was given. Nothing was changed."""


class WrongSecret(Locked):
    """The key file is whole, and no slot of this kind opens with the given secret."""


class SlotMissing(Locked):
    """The profile has no slot of the kind, or with the id, that was asked for."""


class KeychainUnavailable(Locked):
    """The operating system's keychain did not answer. The entry may well exist."""


class KeychainEntryMissing(Locked):
    """The keychain answered, and holds no entry for this profile."""


class ProfileMissing(StoreError):
    """There is no profile in this folder."""


class ProfileExists(StoreError):
    """The folder is not empty; creating a profile never overwrites anything."""


class ProfileInUse(StoreError):
    """Another process, or another object in this one, has the profile open."""


class StoreBusy(StoreError):
    """Another thread or connection held the database for longer than the time-out."""


class StoreFull(StoreError):
    """No space is left on the device. The transaction was rolled back."""


class StoreUnwritable(StoreError):
    """The operating system refuses to read or write the profile's files."""


class StoreTooNew(StoreError):
    """A newer version of Homeward wrote this file."""


class StoreFailed(StoreError):
    """SQLite refused for a reason that has no class of its own."""


class EncryptionMissing(StoreError):
    """The SQLite library at hand does not encrypt, or is too old to be safe."""


class Damaged(StoreError):
    """A file of the profile is not what was written."""


class KeyslotsCorrupt(Damaged):
    """The key file has a wrong shape, a number out of bounds, or a MAC that does not verify."""


class KeyslotsMissing(Damaged):
    """A database lies in the folder, but the key file is gone."""


class StoreMissing(Damaged):
    """The key file names a database that is not in the folder."""


class StoreEmpty(Damaged):
    """The database file has no content; SQLite would take it for a new database."""


class StoreTruncated(Damaged):
    """The database file ends before its last page."""


class StoreOverlong(Damaged):
    """Something was appended to the database file."""


class StorePlaintext(Damaged):
    """The database file is not encrypted."""


class StoreHeaderCorrupt(Damaged):
    """The first page or its salt is damaged: the key was right and still does not open it."""


class StoreCorrupt(Damaged):
    """A page of the database is damaged, or its contents contradict each other."""


class BlobCorrupt(Damaged):
    """A blob file does not open under its row's key."""


class SealedFileCorrupt(Damaged):
    """A backup or export file is cut, changed, or not of this format."""


class RollbackDetected(StoreError):
    """The ledger does not contain what its anchor vouches for."""


class CommitsLost(RollbackDetected):
    """The ledger is a prefix of what its anchor vouches for."""


class AnchorMissing(RollbackDetected):
    """There was an anchor, and it is gone: an older ledger would not show."""


class LastSlot(StoreError):
    """Removing this slot would leave the profile without a way in, or without its recovery."""


class WrongType(StoreError, TypeError):
    """A public method was given a value of another type than it takes. Nothing was done."""


class InvalidValue(StoreError, ValueError):
    """A value of the right type that is out of range, or does not go with another one."""


class InvalidText(StoreError):
    """Text that cannot be stored as it is."""


class InvalidRecoveryCode(StoreError):
    """Not a recovery code: wrong length, alphabet or check characters."""


class SourceForgotten(StoreError):
    """What something is derived from was forgotten while it was made. It was not kept."""


class NotFound(StoreError):
    """No record with this id."""


class SpaceMismatch(StoreError):
    """A vector does not fit the embedding space it is said to belong to."""


class ConsentRequired(StoreError):
    """The person has not agreed to this purpose for this category of data."""


class BudgetExceeded(StoreError):
    """The reservation would exceed the privacy budget. Nothing was recorded."""


class ForkedStore(StoreError):
    """The profile was opened before a fork; SQLite forbids using it in the child."""


class StoreClosed(StoreError):
    """The profile was closed."""
