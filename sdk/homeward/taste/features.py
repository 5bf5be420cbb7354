"""
Measures a reply for taste: readable style, and a few directions of its meaning.

Both texts pass `neutral` first, so no listed identity word reaches a weight. What the person set of
their style moves the weights that a stranger starts with; who somebody is, nothing reads here.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from homeward.errors import InvalidArgument
from homeward.ports import Embedder
from homeward.taste import style
from homeward.taste.basis import FITS, Basis, shipped_basis
from homeward.taste.identity import neutral
from homeward.taste.weight_prior import Floats, WeightPrior, independent

_VERSION = 1  # raise it with any change to what a feature measures

# Standard deviations of a stranger's weights, in log odds for one spread of the feature. A person
# with a taste of one deviation in each of two features picks the better reply about 2 times in 3.
STYLE_DEVIATION = 0.5
_MEANING_DEVIATION = 0.25  # replies to one prompt differ less in what they say than in how

_SAYS: Mapping[tuple[str, str], tuple[str, float]] = {
    ("style.length", "brief"): ("length", -1.0),
    ("style.length", "thorough"): ("length", 1.0),
    ("style.tone", "formal"): ("formality", 1.0),
    ("style.tone", "casual"): ("formality", -1.0),
    ("style.emoji", "none"): ("emoji", -1.0),
    ("style.emoji", "some"): ("emoji", 1.0),
}
"""A setting and its value → the weight that it moves, in deviations of a stranger's weights."""

SETTINGS = tuple(dict.fromkeys(key for key, _ in _SAYS))


@dataclass(frozen=True, slots=True)
class Features:
    """
    Measures a reply: one number for each feature.

    Without an embedder, only the readable features are measured; the weights then have their names
    and no others, so a posterior never meets features that it was not fitted on.
    """

    embedder: Embedder | None = None
    basis: Basis | None = None

    def __post_init__(self) -> None:
        if (self.embedder is None) != (self.basis is None):
            raise InvalidArgument("an embedder and its basis come together")

    @property
    def names(self) -> tuple[str, ...]:
        """One name a column."""
        return style.NAMES + (() if self.basis is None else self.basis.names)

    @property
    def sha256(self) -> bytes:
        """Identity of what is measured: measurements of two identities don't mix."""
        embedder = "" if self.embedder is None else self.embedder.sha256
        basis = b"" if self.basis is None else self.basis.directions.tobytes()
        named = "\n".join((str(_VERSION), embedder, *self.names)).encode()
        return hashlib.sha256(named + basis).digest()

    def of(self, prompt: str, replies: Sequence[str]) -> Floats:
        """
        Measure `replies` to one prompt.

        Shapes:
            Returns (len(replies), len(names)) float64. Zero is a typical reply.
        """
        readable = np.array([style.measure(prompt, reply) for reply in replies])
        readable = readable.reshape(len(replies), len(style.NAMES))
        if self.embedder is None or self.basis is None:
            return readable
        vectors = self.embedder.embed([neutral(reply) for reply in replies])
        return np.hstack([readable, self.basis.project(vectors)])

    def stranger(self) -> WeightPrior:
        """Return the prior of somebody of whom nothing is known, not even their group."""
        return independent(
            {
                name: STYLE_DEVIATION if name in style.NAMES else _MEANING_DEVIATION
                for name in self.names
            }
        )


def features_for(embedder: Embedder) -> Features:
    """Return readable features and, with the embedder of the shipped basis, its directions."""
    return Features(embedder, shipped_basis()) if embedder.sha256 in FITS else Features()


def declared(start: WeightPrior, settings: Mapping[str, str]) -> WeightPrior:
    """Move a prior's mean by what the person set; choices move it on, or back."""
    mean = start.mean.copy()
    for key, value in settings.items():
        name, deviations = _SAYS.get((key, value.casefold()), ("", 0.0))
        if name in start.names:
            mean[start.names.index(name)] += deviations * STYLE_DEVIATION
    return WeightPrior(start.names, mean, start.covariance, start.margin)
