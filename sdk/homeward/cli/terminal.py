"""
Reads what a person types or pastes.

What is typed is kept in this process only: no history file, since it would hold the person's
questions in the clear.
"""

import os
import select
import sys
import time

from homeward.cli.errors import CannotAsk

_PASTE_PAUSE = 0.03  # seconds; a paste delivers its lines at once


def read_message(prompt: str) -> str:
    """
    Return one message: a line, or all lines of a paste together.

    Raises:
        EOFError: the input has ended. KeyboardInterrupt: Ctrl-C.
    """
    if sys.stdin.isatty():
        prompt = _styled(prompt) if _load_line_editing() else prompt
    lines = [input(prompt)]
    while _more_is_there():
        lines.append(input())
    return "\n".join(lines)


def agreed(question: str) -> bool:
    """
    Ask a question that only "y" or "yes" answers with yes.

    Raises:
        CannotAsk: nobody is at a terminal. `--yes` is for scripts.
    """
    if not sys.stdin.isatty():
        raise CannotAsk(
            "there is no terminal to ask you on; use one, or give --yes if the command has it"
        )
    try:
        return input(f"{question} [y/N] ").strip().casefold() in {"y", "yes"}
    except EOFError:
        return False


def _more_is_there() -> bool:
    """Whether another line lies ready: only a terminal's counts, a pipe's lines are messages."""
    if sys.platform == "win32" or not sys.stdin.isatty():
        return False
    time.sleep(_PASTE_PAUSE)
    ready, _, _ = select.select([sys.stdin], [], [], 0)
    return bool(ready)


def _load_line_editing() -> bool:
    """Give `input` line editing and brackets around pastes; whether GNU readline provides them."""
    try:
        import readline  # noqa: PLC0415  it changes the terminal's settings when imported
    except ImportError:  # Windows has its own
        return False
    if "libedit" in (readline.__doc__ or ""):
        return False
    readline.parse_and_bind("set enable-bracketed-paste on")
    return True


def _styled(prompt: str) -> str:
    if os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return prompt
    # \1 and \2 tell readline that what is between them takes no room on the line.
    return f"\1\x1b[1;36m\2{prompt}\1\x1b[0m\2"
