"""Combines a text's words, sentences and meaning into its tags."""

from collections.abc import Callable, Collection, Sequence

import numpy as np

from homeward.policy.sensitivity.meaning import Calibration
from homeward.policy.sensitivity.words import TAGS, doubtful_tags, sure_tags
from homeward.ports import Vector
from homeward.text.spans import sentences


def shares_of(
    texts: Sequence[str],
    vectors: Vector,
    calibration: Calibration,
    embed: Callable[[Sequence[str]], Vector],
) -> Vector:
    """
    Return the share that each tag gets of each text, or of the one of its sentences that says most.

    One sentence about an illness is lost in the vector of five about a trip, so the sentences of
    texts that have several are embedded, too: misses fall by two fifths (docs/log.md).

    Shapes:
        vectors: (len(texts), dims), of the whole texts. Returns (len(texts), len(TAGS)).
    """
    shares = calibration.shares(vectors)
    parts = [(at, one) for at, text in enumerate(texts) for one in _several(text)]
    if parts:
        owners, said = zip(*parts, strict=True)
        np.maximum.at(shares, list(owners), calibration.shares(embed(said)))
    return shares


def _several(text: str) -> list[str]:
    said = [text[span.start : span.end] for span in sentences(text)]
    return said if len(said) > 1 else []


def weighed(text: str, shares: Vector, calibration: Calibration) -> tuple[str, ...]:
    """
    Return the tags of a text that gets these shares of the sentences' votes.

    Shapes:
        shares: (len(TAGS),).
    """
    share = dict(zip(TAGS, shares, strict=True))
    means = {tag for tag in TAGS if share[tag] >= calibration.alone}
    hinted = {tag for tag in doubtful_tags(text) if share[tag] >= calibration.with_word}
    return in_order(sure_tags(text) | means | hinted)


def in_order(tags: Collection[str]) -> tuple[str, ...]:
    """Return tags in the order of `TAGS`."""
    return tuple(tag for tag in TAGS if tag in tags)
