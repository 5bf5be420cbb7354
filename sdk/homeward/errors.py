"""
These errors can occur in the SDK; each says what the caller should do.

    HomewardError
    ├── InvalidArgument          correct the value; the message names it. Also a ValueError
    ├── NoSuchKey                list what there is. Also a KeyError
    ├── TooLittleToLearn         write more first; the message names how many texts there are
    ├── TooFewChoices            choose more first; the message names how many there are
    ├── UnreadableItems          correct the file of questions; the message names the line
    ├── NotLoopback              serve on 127.0.0.1 or ::1
    ├── PortTaken                choose another port
    ├── ModelError
    │   ├── ModelNotFound        pull it, or name another
    │   ├── ModelCorrupt         pull it again: not a GGUF file, truncated, or the wrong hash
    │   ├── CannotFit            ask for less context, or choose a smaller model: both are named
    │   ├── UnsupportedModel     choose another model; the message names the architecture
    │   ├── LicenceNotAccepted   read the terms, and accept them, or choose another model
    │   ├── DownloadFailed       try again; what was fetched so far is kept
    │   ├── CannotWrite          free space, or choose another HOMEWARD_HOME
    │   ├── BadCatalogue         correct models.toml; the message names the entry and the field
    │   ├── ContextOverflow      ask for less
    │   ├── StateMismatch        decode again; the saved state is of another model or damaged
    │   ├── EmptyQuestion        ask something
    │   ├── Busy                 ask again after `retry_after` seconds
    │   └── Cancelled            nothing: the caller asked for it
    ├── ImageError
    │   ├── CannotSee            use a model with a projector; for an import, give its caption
    │   ├── ImageUnreadable      name another file, or make it readable
    │   ├── UnknownImageFormat   convert it to PNG, JPEG, GIF or BMP
    │   └── ImageCorrupt         get the image anew, or a smaller one: damaged, or too large
    └── CannotImport
        ├── CannotRead           name another file, or make it readable
        ├── UnknownFormat        convert it; the message names the formats that there are
        ├── ImportCorrupt        get the file anew: cut off, damaged, wrongly encoded
        └── WriterUnknown        say by which name the person writes in the chat

The store and the federation have trees of their own, below `StoreError` and `FederatedError`.
`homeward` offers every error of all three by its name, and `except homeward.ERRORS` catches them
all. A value of the wrong type is `WrongType`, of the store: also a TypeError.
"""

from homeward_federated.errors import FederatedError
from homeward_store.errors import StoreError


class HomewardError(Exception):
    """Root of everything that the SDK raises."""


ERRORS: tuple[type[HomewardError], type[StoreError], type[FederatedError]] = (
    HomewardError,
    StoreError,
    FederatedError,
)
"""The roots of the three packages' errors, for `except homeward.ERRORS`."""


class InvalidArgument(HomewardError, ValueError):
    """A value of the right type that is out of range, or does not go with another one."""


class NoSuchKey(HomewardError, KeyError):
    """There is no attribute or rule of this key."""

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError shows its message in quotes


class TooLittleToLearn(HomewardError):
    """So few texts that nothing is left to learn from once some are held back."""


class TooFewChoices(HomewardError):
    """So few choices between two replies that a trial would decide nothing."""


class UnreadableItems(HomewardError):
    """A file of questions is not BBQ."""


class NotLoopback(HomewardError):
    """The address can be reached by other machines; the server listens to this one alone."""


class PortTaken(HomewardError):
    """The port cannot be listened on: another program does, or it takes more rights."""


class ModelError(HomewardError):
    """A local model cannot do what was asked."""


class ModelNotFound(ModelError):
    """No such model in the catalogue, on the disk, or at the path."""


class ModelCorrupt(ModelError):
    """The file is not what it should be; nothing was loaded from it."""


class UnsupportedModel(ModelError):
    """The file is whole, but its architecture or type is not one that can be used here."""


class CannotFit(ModelError):
    """
    The model takes more memory than is free. Nothing was loaded.

    The message says how much it takes, how much is free, and what would fit.
    """


class LicenceNotAccepted(ModelError):
    """The model has terms of use that the person has not agreed to. Nothing was fetched."""

    def __init__(self, message: str, *, terms: str = "") -> None:
        super().__init__(message)
        self.terms = terms  # the name to accept them by


class DownloadFailed(ModelError):
    """A source did not deliver. Partial data stays on disk and the next pull resumes it."""


class CannotWrite(ModelError):
    """The models folder cannot be written: no permission, or the disk is full."""


class BadCatalogue(ModelError):
    """The person's own models.toml cannot be read."""


class ContextOverflow(ModelError):
    """The text is longer than the context that the model was opened with."""


class StateMismatch(ModelError):
    """A saved KV state does not belong to this model, or is damaged."""


class EmptyQuestion(ModelError):
    """There is nothing to answer: the question is empty or only white space."""


class Busy(ModelError):
    """The one model is taken, and as many wait for it as may. Nothing was recorded."""

    def __init__(self, message: str, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds


class Cancelled(ModelError):
    """The caller cancelled while tokens were being decoded."""


class ImageError(HomewardError):
    """An image cannot be shown to the model. Nothing of it was recorded."""


class CannotSee(ImageError):
    """The language model has nothing to see an image with, or says nothing of it."""


class ImageUnreadable(ImageError):
    """There is no such file, it may not be read, or it is a folder, a pipe or a device."""


class UnknownImageFormat(ImageError):
    """The file is no image of a format that can be read."""


class ImageCorrupt(ImageError):
    """The image is cut off, damaged, or has too many bytes or pixels."""


class CannotImport(HomewardError):
    """A file cannot be taken in. Nothing of it was."""


class CannotRead(CannotImport):
    """There is no such file, it may not be read, or it is a folder, a pipe or a device."""


class UnknownFormat(CannotImport):
    """It is no format that can be imported."""


class ImportCorrupt(CannotImport):
    """The file is cut off, damaged, wrongly encoded, or built to take memory."""


class WriterUnknown(CannotImport):
    """Nobody writes in the chat by the name that was given for the person, or none was given."""
