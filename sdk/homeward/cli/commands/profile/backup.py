"""
`homeward profile …` also writes backups and exports, and reads them again.

The passphrase of such a file comes from a hidden prompt, or from the file that `HOMEWARD_SEAL_FILE`
names; never from an argument.
"""

from pathlib import Path
from typing import Annotated

import typer

from homeward.cli.commands.profile.attributes import Person, app
from homeward.cli.options import options
from homeward.cli.render import plain, show_once, stdout
from homeward.cli.unlock import opened, passphrase, way_in
from homeward.errors import InvalidArgument
from homeward.opening import profiles
from homeward_store import (
    Acknowledged,
    Passphrase,
    restore_profile,
)

SEAL = "HOMEWARD_SEAL_FILE"  # the passphrase of a backup or an export

File = Annotated[Path, typer.Argument(help="The file.", dir_okay=False)]

_ACKNOWLEDGEMENT = "anyone can read this file"


@app.command()
def backup(context: typer.Context, file: File) -> None:
    """Write everything into one encrypted file, for this machine or another."""
    _absent(file)
    with opened(options(context)) as assistant:
        assistant.profile.backup(file, seal=_seal(new=True))
    stdout().print(plain(f"{file} holds everything. Only its own passphrase opens it."))


@app.command()
def restore(context: typer.Context, file: File, person: Person = None) -> None:
    """Make a new profile from a backup, with new keys and a new recovery code."""
    chosen = options(context).of_new(person)
    seal = _seal(new=False)
    made = restore_profile(
        file,
        profiles(chosen.home).vacant(chosen.person),
        seal=seal,
        unlock=[way_in(chosen, new=True)],
    )
    with made.profile:
        show_once(made.recovery_code, chosen.person)
    stdout().print(
        "The backup may hold older consents, permissions and budgets. Check them, or "
        "grant them again."
    )


@app.command()
def export(
    context: typer.Context,
    file: File,
    *,
    plaintext: Annotated[
        str | None,
        typer.Option(help=f'To export without encryption, give "{_ACKNOWLEDGEMENT}" here.'),
    ] = None,
) -> None:
    """Write the person's records in a documented form, encrypted unless told otherwise."""
    _absent(file)
    if plaintext not in (None, _ACKNOWLEDGEMENT):
        raise InvalidArgument(
            f'the acknowledgement is not "{_ACKNOWLEDGEMENT}"; give exactly this to export '
            "without encryption"
        )
    with opened(options(context)) as assistant:
        if plaintext:
            assistant.profile.export_plaintext(
                file, acknowledge=Acknowledged.ANYONE_CAN_READ_THIS_FILE
            )
        else:
            assistant.profile.export(file, seal=_seal(new=True))
    stdout().print(plain(f"{file} holds the records."))


@app.command("import")
def import_(context: typer.Context, file: File) -> None:
    """Add the records of an encrypted export, all or none."""
    with opened(options(context)) as assistant:
        count = assistant.imports.records(file, seal=_seal(new=False))
    stdout().print(f"{count} records were added.")


def _seal(*, new: bool) -> Passphrase:
    return passphrase("passphrase of the file", variable=SEAL, new=new)


def _absent(file: Path) -> None:
    if file.exists():
        raise InvalidArgument(f"{file} exists already and was not overwritten; choose another name")
