"""Says where virtual tokens stand: between the fixed tokens before and after them."""

from dataclasses import dataclass

import numpy as np

from homeward.learning.gradients.gradient import GradientModel
from homeward.ports import Tokens, Vector


@dataclass(frozen=True, slots=True)
class PromptSlot:
    """The tokens around a soft prompt. Learn in the frame that replies will be made in."""

    before: Tokens = ()
    after: Tokens = ()

    def around(self, model: GradientModel, soft: Vector) -> Vector:
        """
        Embeddings of the whole prefix; a `soft` of no rows gives the prefix without it.

        Shapes:
            soft: (k, width). Returns (len(before) + k + len(after), width) float32.
        """
        return np.concatenate([model.embed(self.before), soft, model.embed(self.after)])

    def inside(self, gradient: Vector, virtual_tokens: int) -> Vector:
        """
        The part of a prefix's gradient that belongs to the virtual tokens.

        Shapes:
            gradient: (prefix, width). Returns (virtual_tokens, width).
        """
        return gradient[len(self.before) : len(self.before) + virtual_tokens]
