"""Projects vectors onto their two directions of greatest variance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from homeward.errors import InvalidArgument

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """
    Where each vector lies on the map, and how much of their variance each axis keeps.

    Shapes:
        places: (n, 2), each axis scaled to [0, 1]. explained: two shares of 1.
    """

    places: Floats
    explained: tuple[float, float]


def plane_of(vectors: NDArray[np.float32]) -> Plane:
    """
    Project vectors onto their first two principal components.

    Shapes:
        vectors: (n, dims), n ≥ 3.

    Guarantees:
        The same vectors give the same map: of each axis the sign is fixed.

    Raises:
        InvalidArgument: fewer than three vectors.

    Source:
        Pearson 1901; by the eigenvectors of the covariance, as dims is smaller than n is long.
    """
    if len(vectors) < 3:
        raise InvalidArgument(f"a map needs at least 3 vectors, got {len(vectors)}")
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    values, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, [-1, -2]]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
    total = float(values.clip(0).sum()) or 1.0
    return Plane(_spread(centred @ axes), (float(values[-1]) / total, float(values[-2]) / total))


def _spread(places: Floats) -> Floats:
    """Scale each axis to [0, 1]; points that all lie in one place come to the middle."""
    low, high = places.min(axis=0), places.max(axis=0)
    span = high - low
    return np.asarray(np.where(span > 0, (places - low) / np.where(span > 0, span, 1.0), 0.5))
