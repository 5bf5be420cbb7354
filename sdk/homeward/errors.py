"""
What can go wrong with a model or an import, and what the caller should do about it.

    ModelError
    ├── ModelNotFound        pull it, or name another
    ├── ModelCorrupt         pull it again: not a GGUF file, truncated, or the wrong hash
    ├── UnsupportedModel     choose another model; the message names the architecture
    ├── DownloadFailed       try again; what was fetched so far is kept
    ├── CannotWrite          free space, or choose another HOMEWARD_HOME
    ├── BadCatalogue         correct models.toml; the message names the entry and the field
    ├── ContextOverflow      ask for less
    ├── StateMismatch        decode again; the saved state is of another model or damaged
    ├── EmptyQuestion        ask something
    ├── Busy                 ask again after `retry_after` seconds
    └── Cancelled            nothing: the caller asked for it

    CannotImport
    ├── CannotRead           name another file, or make it readable
    ├── UnknownFormat        convert it; the message names the formats that there are
    ├── ImportCorrupt        get the file anew: cut off, damaged, wrongly encoded. Nothing was added
    └── CannotSee            use a model with a projector; for an import, give its caption or text

The store's and the federation's errors have their own bases; `homeward` re-exports all three.
"""


class ModelError(Exception):
    """A local model cannot do what was asked."""


class ModelNotFound(ModelError):
    """No such model in the catalogue, on the disk, or at the path."""


class ModelCorrupt(ModelError):
    """The file is not what it should be; nothing was loaded from it."""


class UnsupportedModel(ModelError):
    """The file is whole, but its architecture or type is not one that can be used here."""


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


class CannotImport(Exception):
    """A file cannot be taken in. Nothing of it was."""


class CannotRead(CannotImport):
    """There is no such file, or it may not be read."""


class UnknownFormat(CannotImport):
    """It is no format that can be imported."""


class ImportCorrupt(CannotImport):
    """The file is cut off, damaged, wrongly encoded, or built to take memory."""


class CannotSee(CannotImport):
    """It is an image, and the language model has nothing to see it with."""
