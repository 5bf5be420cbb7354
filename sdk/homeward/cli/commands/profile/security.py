"""
`homeward profile …` also manages unlocking, keys and deletion.

Secrets come from hidden prompts or from files that the environment names, never from arguments:
`HOMEWARD_PASSPHRASE_FILE`, and for what else may be asked, the variables below.
"""

from typing import Annotated

import typer

from homeward.cli.commands.profile.attributes import Person, app
from homeward.cli.errors import FAILED
from homeward.cli.listing import AsJson, Row, listed
from homeward.cli.options import options
from homeward.cli.render import minute, plain, show_once, stdout
from homeward.cli.unlock import opened, passphrase, secret, way_in
from homeward.opening import profiles
from homeward_store import (
    RecoveryCode,
    RollbackDetected,
)

NEW_PASSPHRASE = "HOMEWARD_NEW_PASSPHRASE_FILE"  # noqa: S105  # a variable that names a file
RECOVERY_CODE = "HOMEWARD_RECOVERY_CODE_FILE"

Confirm = Annotated[
    str,
    typer.Option(
        prompt="Repeat its name to delete it for good", help="The profile's name once more."
    ),
]


@app.command("open")
def open_(context: typer.Context, person: Person = None, *, as_json: AsJson = False) -> None:
    """Check that the profile can be unlocked, and list every way to unlock it."""
    chosen = options(context).of(person)
    with opened(chosen) as assistant:
        ways = assistant.profile.slots.all()
    rows: list[Row] = [
        {"way_in": one.kind.value, "since": one.created_at, "app": one.service} for one in ways
    ]
    if not as_json:
        stdout().print(f"{chosen.person} opens.")
    listed(rows, as_json=as_json)


@app.command()
def doctor(context: typer.Context, person: Person = None, *, as_json: AsJson = False) -> None:
    """Check every part of a profile for damage. Shows no personal text."""
    with opened(options(context).of(person)) as assistant:
        findings = assistant.profile.examine()
    rows: list[Row] = [
        {"is": "ok" if one.ok else "BAD", "what": one.check, "found": one.detail}
        for one in findings
    ]
    listed(rows, as_json=as_json)
    if not all(one.ok for one in findings):
        raise typer.Exit(FAILED)


@app.command()
def rotate(context: typer.Context, person: Person = None) -> None:
    """Encrypt the database under a new key. All ways to unlock it stay."""
    chosen = options(context).of(person)
    unlock = way_in(chosen, new=False)
    with profiles(chosen.home).open(chosen.person, unlock=unlock) as profile:
        profile.rotate(unlock=unlock)
    stdout().print(f"{chosen.person} has a new database key.")


@app.command("accept-rollback")
def accept_rollback(
    context: typer.Context,
    person: Person = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """
    Continue after an older state was put back, or the ledger's anchor was lost.

    Which consents were withdrawn and what was spent since is not known any more. So none counts,
    no program may do anything and every budget is nothing, until you decide again.
    """
    with opened(options(context).of(person)) as assistant:
        profile = assistant.profile
        try:
            profile.verify_ledger()
        except RollbackDetected as error:
            entries = profile.ledger_entries()
            newest = f", the newest of {minute(entries[-1].at)}" if entries else ""
            stdout().print(plain(f"{error}. The ledger has {len(entries)} entries{newest}."))
            stdout().print("What was decided or spent after that is lost, unless a backup has it.")
            if not yes and not typer.confirm("Continue, and grant every consent again?"):
                stdout().print("Nothing was changed.")
                raise typer.Exit from None
            profile.accept_rollback()
            stdout().print(
                "All consents, permissions and budgets are void until you grant them again."
            )
        else:
            stdout().print("The ledger is whole; nothing was changed.")


@app.command("passphrase")
def change_passphrase(context: typer.Context, person: Person = None) -> None:
    """Replace the passphrase."""
    chosen = options(context).of(person)
    unlock = way_in(chosen, new=False)
    with profiles(chosen.home).open(chosen.person, unlock=unlock) as profile:
        new = passphrase("passphrase", variable=NEW_PASSPHRASE, new=True)
        profile.slots.change(new, unlock=unlock)
    stdout().print("The old passphrase no longer opens the profile.")


@app.command()
def recover(context: typer.Context, person: Person = None) -> None:
    """Open with the recovery code, and add a new passphrase. The code is then replaced."""
    chosen = options(context).of(person)
    code = RecoveryCode(secret("recovery code", variable=RECOVERY_CODE, twice=False))
    with profiles(chosen.home).open(chosen.person, unlock=code) as profile:
        new = passphrase("passphrase", variable=NEW_PASSPHRASE, new=True)
        profile.slots.add(new, unlock=code)
        show_once(profile.slots.renew_recovery(unlock=code), chosen.person)
    stdout().print("The new passphrase opens the profile; a forgotten one still does, too.")


@app.command()
def delete(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="The profile's name.")],
    *,
    confirm: Confirm,
) -> None:
    """Destroy a profile: its keys first. Nothing brings it back but a backup."""
    profiles(options(context).home).delete(person, confirm=confirm)
    stdout().print(plain(f"{person} is gone."))
