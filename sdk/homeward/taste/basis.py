"""Computes a few directions of meaning along which replies differ."""

from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from homeward.errors import InvalidArgument
from homeward.ports import Vector
from homeward.taste.weight_prior import Floats

DIMS = 16  # with 18 readable features, an update at 10,000 choices stays under 20 ms
SHIPPED = "minilm_basis.npy"
FITS = frozenset(
    {
        "cd2df2eee84d56212082e29a8670f85a93052996340d1b13920f2627ffdc2013",
        "0af12988cc29e5c580639dba95ca7fc5c20995d42b26ea853c18d7bbcda34c30",
    }
)
"""The embedders whose directions `SHIPPED` names: MiniLM in int8 and in float32."""


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """
    Orthonormal directions in an embedder's space, and what the projections are divided by.

    Shapes:
        origin: (dims,). directions: (dims, k). spread: (k,).
    """

    origin: Floats
    directions: Floats
    spread: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """`meaning 1`, `meaning 2`, …: these have no words of their own."""
        return tuple(f"meaning {at + 1}" for at in range(self.directions.shape[1]))

    def project(self, vectors: Vector) -> Floats:
        """
        Coordinates in spreads from the origin.

        Shapes:
            vectors: (m, dims). Returns (m, k).
        """
        return np.asarray(
            (vectors.astype(np.float64) - self.origin) @ self.directions / self.spread
        )


def learn_basis(vectors: Vector, *, k: int = DIMS) -> Basis:
    """
    Principal directions of many replies' embeddings.

    Shapes:
        vectors: (n, dims) float32, n > k.

    Raises:
        InvalidArgument: fewer vectors than directions.
    """
    if len(vectors) <= k:
        raise InvalidArgument(f"{k} directions need more than {len(vectors)} vectors")
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    # A direction's sign is arbitrary; fix it, so that two machines learn the same basis.
    signs = np.sign(directions[np.arange(k), np.abs(directions[:k]).argmax(axis=1)])
    spread = sizes[:k] / np.sqrt(len(vectors) - 1)
    origin = vectors.mean(axis=0, dtype=np.float64)
    return Basis(origin, (directions[:k] * signs[:, None]).T, spread)


def shipped_basis() -> Basis:
    """
    Return the basis for all-MiniLM-L6-v2.

    It was learned from replies of SmolLM2-135M to the everyday questions of the style benchmark; no
    person's text is in it.
    """
    file = files("homeward.taste").joinpath(SHIPPED)
    with file.open("rb") as stream:
        rows: Floats = np.load(stream, allow_pickle=False).astype(np.float64)
    origin, scaled = rows[0], rows[1:]
    spread = np.linalg.norm(scaled, axis=1)
    return Basis(origin, (scaled / spread[:, None]).T, spread)
