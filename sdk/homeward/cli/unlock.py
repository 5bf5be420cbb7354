"""
Unlocks a profile by a hidden prompt, a file named in the environment, or the keychain.

Never by argument or a plain environment variable: other users of the machine can read both.
"""

import getpass
import os
import sys
from pathlib import Path

import homeward
from homeward import (
    Assistant,
    Created,
    Keychain,
    Passphrase,
    ProfileMissing,
    Settings,
    WrongSecret,
    paths,
)
from homeward.cli.errors import CannotAsk, UnreadableInput
from homeward.cli.options import Options
from homeward.cli.passphrase_advice import advice
from homeward.cli.render import plain, stderr
from homeward.errors import InvalidArgument
from homeward.events import Event, ModelLoaded

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
        raise ProfileMissing(f"there is no profile called {options.person!r} in {options.home}")
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
        unlock=way_in(options, new=True),
        home=options.home,
        model=options.model,
        settings=Settings(engine=options.engine),
    )


def way_in(options: Options, *, new: bool) -> Passphrase | Keychain:
    """
    Return what opens the person's profile, or is to open it from now on.

    Raises:
        CannotAsk: there is no terminal.
        InvalidArgument: the new passphrase was not typed twice alike.
    """
    if options.keychain:
        return Keychain(KEYCHAIN_SERVICE)
    return passphrase(f"passphrase of {options.person}", variable=FILE_VARIABLE, new=new)


def passphrase(what: str, *, variable: str, new: bool) -> Passphrase:
    """Return a passphrase from the file that `variable` names, or else from a hidden prompt."""
    given = secret(what, variable=variable, twice=new)
    if new and (weak := advice(given, about=tuple(what.split()))):
        stderr().print(plain(f"Advice: {weak}."))
    return Passphrase(given)


def secret(what: str, *, variable: str, twice: bool) -> str:
    """
    Return the first line of the file that `variable` names, or what is typed at a hidden prompt.

    Raises:
        CannotAsk: there is no terminal. UnreadableInput: the file cannot be read.
        InvalidArgument: it was to be typed twice, and the two differ.
    """
    file = os.environ.get(variable)
    if file:
        return _first_line(Path(file), variable)
    if not sys.stdin.isatty():
        raise CannotAsk(
            f"there is no terminal to ask for the {what}; name a file that holds it in "
            f"{variable}" + (", or use --keychain" if variable == FILE_VARIABLE else "")
        )
    typed = getpass.getpass(f"{f'New {what}' if twice else what[:1].upper() + what[1:]}: ")
    if twice and getpass.getpass("Once more: ") != typed:
        raise InvalidArgument("the two entries differ; nothing was changed")
    return typed


def _open(options: Options) -> Assistant:
    assistant = homeward.open(
        options.person,
        unlock=way_in(options, new=False),
        home=options.home,
        model=options.model,
        settings=Settings(engine=options.engine),
    )
    assistant.events.subscribe(_tell_notices, ModelLoaded)
    return assistant


def _tell_notices(event: Event) -> None:
    for notice in event.notices if isinstance(event, ModelLoaded) else ():
        stderr().print(f"homeward: {notice}.", soft_wrap=True)


def _asks(options: Options) -> bool:
    return not options.keychain and not os.environ.get(FILE_VARIABLE)


def _first_line(file: Path, variable: str) -> str:
    try:
        content = paths.expanded(file).read_bytes()
    except OSError as error:
        raise UnreadableInput(f"{variable}: {file}: {error.strerror}") from None
    # Bytes that are not UTF-8 stay distinct instead of failing: they may be somebody's passphrase.
    return content.decode("utf-8", "surrogateescape").partition("\n")[0].removesuffix("\r")
