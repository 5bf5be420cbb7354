"""A talk without a keyboard: lines in, what the person sees out."""

import io

from rich.console import Console

from homeward import Assistant, Sampling
from homeward.cli.chat.chat import run
from homeward.cli.chat.session import Talk


def say(
    assistant: Assistant,
    *lines: str | type[BaseException],
    width: int = 100,
    temperature: float = 0,
    thinking: int = 0,
) -> str:
    """Return what a person sees who types `lines` and leaves; an exception is a key such as ^C."""
    file = io.StringIO()
    coming = iter([*lines, EOFError])

    def read(prompt: str) -> str:
        line = next(coming)
        file.write(prompt)
        if not isinstance(line, str):
            raise line
        file.write(f"{line}\n")
        return line

    console = Console(file=file, width=width, markup=False, emoji=False, highlight=False)
    run(
        Talk(
            assistant,
            console,
            read=read,
            sampling=Sampling(temperature=temperature, thinking=thinking),
        )
    )
    return file.getvalue()
