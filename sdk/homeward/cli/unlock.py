"""
How the person unlocks a profile: hidden prompt, a file named in the environment, or the keychain.

Never by argument or a plain environment variable: other users of the machine can read both.
"""

import getpass
import os
import sys
from pathlib import Path

import homeward
from homeward import Assistant, Created, Keychain, Passphrase, ProfileMissing, Settings, WrongSecret
from homeward.cli.errors import CannotAsk, UnreadableInput
from homeward.cli.options import Options
from homeward.cli.render import stderr

FILE_VARIABLE = "HOMEWARD_PASSPHRASE_FILE"
KEYCHAIN_SERVICE = "homeward"
_ATTEMPTS = 3  # at the prompt; Argon2id makes each cost half a second


def opened(options: Options) -> Assistant:
    """
    Unlock and open the person's profile, asking again after a typing error.

    Raises:
        ProfileMissing: before any secret is asked for. CannotAsk: there is no terminal.
    """
    if options.person not in homeward.people(options.home):
        raise ProfileMissing(f"there is no profile called {options.person!r}")
    for _ in range(_ATTEMPTS - 1 if _asks(options) else 0):
        try:
            return _open(options)
        except WrongSecret:
            stderr().print("That is not the passphrase. Once more:")
    return _open(options)


def created(options: Options) -> Created:
    """Create the person's profile, unlocked by what they choose now."""
    return homeward.create(
        options.person,
        unlock=_way_in(options, new=True),
        home=options.home,
        model=options.model,
        settings=Settings(threads=options.threads),
    )


def _open(options: Options) -> Assistant:
    return homeward.open(
        options.person,
        unlock=_way_in(options, new=False),
        home=options.home,
        model=options.model,
        settings=Settings(threads=options.threads),
    )


def _asks(options: Options) -> bool:
    return not options.keychain and not os.environ.get(FILE_VARIABLE)


def _way_in(options: Options, *, new: bool) -> Passphrase | Keychain:
    if options.keychain:
        return Keychain(KEYCHAIN_SERVICE)
    file = os.environ.get(FILE_VARIABLE)
    if file:
        return Passphrase(_first_line(Path(file)))
    if not sys.stdin.isatty():
        raise CannotAsk(
            "there is no terminal to ask for the passphrase on; name a file that holds it in "
            f"{FILE_VARIABLE}, or use --keychain"
        )
    if not new:
        return Passphrase(getpass.getpass(f"Passphrase of {options.person}: "))
    chosen = getpass.getpass(f"New passphrase for {options.person}: ")
    if getpass.getpass("Once more: ") != chosen:
        raise ValueError("the two passphrases differ; nothing was created")
    return Passphrase(chosen)


def _first_line(file: Path) -> str:
    try:
        content = file.expanduser().read_bytes()
    except OSError as error:
        raise UnreadableInput(f"{FILE_VARIABLE}: {file}: {error.strerror}") from None
    # Bytes that are not UTF-8 stay distinct instead of failing: they may be somebody's passphrase.
    return content.decode("utf-8", "surrogateescape").partition("\n")[0].removesuffix("\r")
