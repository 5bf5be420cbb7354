"""Implements AdamW with decay toward a prior instead of toward zero."""

from dataclasses import dataclass

import numpy as np

from homeward.ports import Vector

_MEAN, _SQUARE, _TINY = 0.9, 0.95, 1e-8  # a short memory of squares: runs last some dozen steps


@dataclass(frozen=True, slots=True)
class Moments:
    """
    Running means of the gradient and of its square, (k, width) both, after `steps` steps.

    Shapes:
        mean, square: (k, width) float32.
    """

    mean: Vector
    square: Vector
    steps: int

    @classmethod
    def zero(cls, like: Vector) -> "Moments":
        """Before the first step."""
        return cls(np.zeros_like(like), np.zeros_like(like), 0)


def advance(
    at: Vector, gradient: Vector, moments: Moments, *, rate: float, pull: float, prior: Vector
) -> tuple[Vector, Moments]:
    """
    One step from `at`; `pull` is the share of the way to `prior` gone per unit of `rate`.

    Shapes:
        at, gradient, prior: (k, width) float32. Returns (k, width) float32.

    Source:
        Loshchilov and Hutter 2017, arXiv:1711.05101, Algorithm 2, decay recentred on the prior.
    """
    steps = moments.steps + 1
    mean = _MEAN * moments.mean + (1 - _MEAN) * gradient
    square = _SQUARE * moments.square + (1 - _SQUARE) * gradient**2
    ahead = mean / (1 - _MEAN**steps) / (np.sqrt(square / (1 - _SQUARE**steps)) + _TINY)
    moved = at - rate * (ahead + pull * (at - prior))
    return moved.astype(np.float32), Moments(
        mean.astype(np.float32), square.astype(np.float32), steps
    )
