"""
Turns errors into one line that says what to do, and into the exit code.

Exit codes: 1 the thing could not be done, 2 it was asked for wrongly, 130 interrupted (128 +
SIGINT). A test holds the table against the error trees of the three packages.
"""

import homeward_store as store
from homeward import errors as models
from homeward.cli.extras import ExtraMissing
from homeward.cli.render import harmless
from homeward_federated import errors as federated

FAILED, MISUSED, INTERRUPTED = 1, 2, 130


class CannotAsk(models.HomewardError):
    """A secret or confirmation is needed, but there is no terminal to ask for it."""


class UnreadableInput(models.HomewardError):
    """A file that the person named cannot be read."""


_ADVICE: dict[type[Exception], str] = {
    CannotAsk: "",
    UnreadableInput: "",
    ExtraMissing: "",
    models.PortTaken: "Choose another port with --port.",
    models.HomewardError: "",
    store.InvalidValue: "",
    store.WrongType: "",
    store.StoreError: "",
    store.WrongSecret: "This is not the passphrase of this profile; try again.",
    store.SlotMissing: "Unlock the profile the way it was created: with or without --keychain.",
    store.KeychainUnavailable: "Unlock the keychain and try again; nothing was changed.",
    store.KeychainEntryMissing: "Unlock with the passphrase or the recovery code instead.",
    store.ProfileMissing: "`homeward profile create NAME` makes one; `homeward profile list` "
    "lists the existing ones.",
    store.ProfileExists: "Use the existing profile, or choose another name.",
    store.ProfileInUse: "Close the other program that has it open.",
    store.StoreBusy: "Try again.",
    store.StoreFull: "Free disk space and try again; nothing was lost.",
    store.StoreUnwritable: "Give yourself access to the folder, or set HOMEWARD_HOME to another.",
    store.StoreTooNew: "Upgrade Homeward; the profile was not touched.",
    store.StoreFailed: "Please report it.",
    store.EncryptionMissing: "Reinstall Homeward: this SQLite library would write unencrypted "
    "data.",
    store.KeyslotsMissing: "Put keyslots.json back from a copy of the folder, or restore a backup "
    "with `homeward profile restore`. Nothing opens the database without it.",
    store.Damaged: "Do not use this profile; restore a backup.",
    store.RollbackDetected: "An older state may have been put back. Restore the newest backup, or"
    " see what is lost with `homeward profile accept-rollback`.",
    store.LastSlot: "Add another way to unlock before removing this one.",
    store.InvalidText: "Remove the character and try again.",
    store.InvalidRecoveryCode: "Compare the code with the one you wrote down.",
    store.NotFound: "`homeward memories list` shows the memories, `homeward profile show` the "
    "attributes.",
    store.SourceForgotten: "Run the command again: it will use only the remaining records.",
    store.ConsentRequired: "Grant the consent first, or run the command on a terminal and "
    "answer yes.",
    store.BudgetExceeded: "Nothing was sent: the privacy budget is spent.",
    models.ModelError: "",
    models.ModelNotFound: "`homeward models pull` fetches the default models.",
    models.ModelCorrupt: "`homeward models pull` fetches it again; of another program's model, "
    "`homeward models import` takes the new file.",
    models.CannotFit: "Close other programs, or give --model, --context or --kv-type; "
    "`models pull --anyway` fetches it all the same.",
    models.UnsupportedModel: "Choose another model with --model.",
    models.LicenceNotAccepted: "Give --accept-licence with that name. Nothing was fetched.",
    models.DownloadFailed: "Try again: the part that arrived is kept.",
    models.CannotWrite: "Free disk space, or set HOMEWARD_HOME to another folder.",
    models.BadCatalogue: "Correct models.toml.",
    models.ContextOverflow: "Ask a shorter question, or choose a model with a larger context.",
    models.EmptyQuestion: "",
    models.Busy: "Try again in a moment.",
    models.StateMismatch: "Try again; the saved state is not used.",
    models.CannotRead: "Give another file, or make this one readable. Nothing was added.",
    models.NoSuchKey: "`homeward rules list` and `homeward profile show` list the existing ones.",
    models.TooLittleToLearn: "Write or import more texts first. Nothing was changed.",
    models.TooFewChoices: "Answer some `homeward tune` questions first. Nothing was changed.",
    models.UnreadableItems: "Correct the file of questions.",
    models.NotLoopback: "Use 127.0.0.1 or ::1.",
    models.ImageError: "Nothing was recorded.",
    models.ImageUnreadable: "Name another file, or give yourself access to it.",
    models.UnknownImageFormat: "Convert the image to PNG, JPEG, GIF or BMP. Nothing was recorded.",
    models.ImageCorrupt: "Use an intact or smaller image. Nothing was recorded.",
    models.CannotImport: "Nothing was added.",
    models.UnknownFormat: "Nothing was added.",
    models.ImportCorrupt: "If a program exported the file, export it again. Nothing was added.",
    models.WriterUnknown: "Say who you are in it with --i-am NAME. Nothing was added.",
    models.CannotSee: "Use a model with a projector, or import the image with --caption.",
    federated.FederatedError: "This round is skipped.",
    federated.NotJoined: "Run `homeward federation join OFFER`; `homeward federation show` "
    "lists your tasks.",
    federated.NothingToShare: "Answer some `homeward tune` questions first. Nothing was sent.",
    federated.BudgetExhausted: "Nothing was sent.",
    federated.TermsRefused: "Nothing was sent.",
    federated.LedgerDamaged: "Nothing was sent; restore the newest backup.",
    federated.ServerUnreachable: "Try again later; nothing is spent.",
    federated.PriorRefused: "The present prior is kept.",
    federated.Malformed: "Ask for the file again.",
    federated.WrongSigner: "Ask for the file again; nothing was changed.",
}
"""By class; a class that is not here gets the advice of the nearest one above it."""


def explain(error: Exception) -> str | None:
    """Return `error` in one line with what to do about it; None for one that is not expected."""
    for kind in type(error).__mro__:
        if kind in _ADVICE:
            said = " ".join(harmless(str(error)).split()).rstrip(".")
            # Not capitalized: a sentence may begin with the name of a file.
            return f"{said or kind.__name__}. {_ADVICE[kind]}".rstrip()
    return None


def exit_code(error: Exception) -> int:
    """Return what the process ends with because of `error`."""
    asked_wrongly = (
        models.InvalidArgument,
        models.NotLoopback,
        models.EmptyQuestion,
        store.InvalidValue,
        store.InvalidText,
    )
    return MISUSED if isinstance(error, asked_wrongly) else FAILED
