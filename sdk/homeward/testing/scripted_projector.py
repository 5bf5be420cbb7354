"""A scripted projector only tells whether two images are the same."""

import hashlib
from pathlib import Path

import numpy as np

from homeward.errors import ImageUnreadable
from homeward.ports import ImageBytes, Segment, SoftPrompt


class ScriptedProjector:
    """A `Projector` that gives one virtual token of `n_embd` numbers for any file's bytes."""

    def __init__(self, n_embd: int) -> None:
        self._n_embd = n_embd

    def see(self, image: Path | ImageBytes) -> tuple[Segment, ...]:
        """
        One virtual token, the same for the same bytes.

        Raises:
            ImageUnreadable: there is no such file.
        """
        try:
            content = image.read_bytes() if isinstance(image, Path) else image.content
        except OSError as error:
            raise ImageUnreadable(f"{image.name}: {error.strerror}") from None
        seed = list(hashlib.sha256(content).digest())
        vectors = np.random.default_rng(seed).standard_normal((1, self._n_embd)).astype(np.float32)
        return (SoftPrompt(vectors, hashlib.sha256(vectors.tobytes()).hexdigest()),)
