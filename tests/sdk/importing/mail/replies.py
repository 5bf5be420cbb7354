"""Bodies of mails as programs write them: what the person wrote, and what others."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

CATS = "I am allergic to cats."
_FILE = Path(__file__).parents[3] / "data" / "replies.toml"


@dataclass(frozen=True, slots=True)
class Reply:
    """A body, and what of it the person wrote themselves."""

    name: str
    body: str
    own: str
    is_html: bool = False


def _reply(
    name: str, own: str, *, attribution: str = "", header: str = "", page: str = "", body: str = ""
) -> Reply:
    """Return an answer above an attribution or a header, a page, or a body as it is."""
    if attribution:
        return Reply(name, f"{own}\n\n{attribution}\n\n> {CATS}\n> And to dogs.\n", own)
    if header:
        return Reply(name, f"{own}\n\n{header}\n\n{CATS}\n\nSee you,\nNora\n", own)
    if page:
        return Reply(name, f"<html><body>{page}</body></html>", own, is_html=True)
    return Reply(name, body or own, own)


REPLIES = [_reply(**one) for one in tomllib.loads(_FILE.read_text(encoding="utf-8"))["replies"]]
