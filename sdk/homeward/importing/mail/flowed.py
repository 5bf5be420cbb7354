"""Joins the lines that a mail program broke (format=flowed, RFC 3676)."""

import re

_DEPTH = re.compile(r">*")
_SIGNATURE = "-- "


def joined(text: str, *, delete_space: bool) -> str:
    """
    Return `text` with its paragraphs on one line each; quoted lines keep one ">" for each level.

    `delete_space`: the space that marks a broken line is no part of the text (DelSp).
    """
    lines: list[str] = []
    open_at: int | None = None  # the depth of the line that goes on
    for line in text.replace("\r\n", "\n").split("\n"):
        depth = len(_DEPTH.match(line)[0])  # type: ignore[index]  # it matches nothing, too
        words = line[depth:].removeprefix(" ")
        goes_on = words.endswith(" ") and words != _SIGNATURE
        shown = words[:-1] if goes_on and delete_space else words
        if open_at == depth and words != _SIGNATURE:
            lines[-1] += shown
        else:
            lines.append(">" * depth + (" " if depth else "") + shown)
        open_at = depth if goes_on else None
    return "\n".join(lines)
