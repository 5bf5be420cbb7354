"""
Turns style settings, which are attributes, into instructions from the first reply on.

Pure: attributes in, the system text's instructions out. What is learned from the person's own texts
says more of their style than a setting can, so once a soft prompt is in use, the settings give way
to it; but the language stays as it was set.
"""

import difflib
from collections.abc import Mapping, Sequence

STYLE = "style."  # an attribute whose key begins so is a setting, not a fact about the person
LANGUAGE = "style.language"
_A_SLIP = 0.85  # of the likeness of two words: "lenght" is above it, "lang" below

_WORDED: Mapping[tuple[str, str], str] = {
    ("style.length", "brief"): "Answer in one short sentence.",
    ("style.length", "thorough"): "Answer thoroughly, in several paragraphs.",
    ("style.tone", "formal"): "Write formally, in complete sentences and without contractions.",
    ("style.tone", "casual"): "Write casually, as to a friend.",
    ("style.emoji", "none"): "Use no emoji.",
    ("style.emoji", "some"): "Use an emoji now and then.",
}
"""Values that have words of their own; any other value is put to the model as it is."""


def meant(key: str) -> str | None:
    """Return the setting that `key` nearly names, where it names none: a slip, most likely."""
    known = sorted({LANGUAGE, *(name for name, _ in _WORDED)})
    near = difflib.get_close_matches(key, known, n=1, cutoff=_A_SLIP)
    return near[0] if near and key.startswith(STYLE) and key not in known else None


def style_instructions(settings: Sequence[tuple[str, str]], *, learned: bool) -> str:
    """What the model is told, one sentence for each setting; `learned`: a soft prompt is in use."""
    used = [one for one in settings if not learned or one[0] == LANGUAGE]
    return " ".join(_instruction(key, " ".join(value.split())) for key, value in used)


def _instruction(key: str, value: str) -> str:
    if key == LANGUAGE:
        return f"Answer in {value}."
    worded = _WORDED.get((key, value.casefold()))
    return worded or f"Style of your answers, {key.removeprefix(STYLE)}: {value}."
