"""
Encodes images once, and carries them as segments of the model's context.

Keeps no pixels and writes nothing: of an image, the name of its file is all that is ever stored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from homeward.concurrency.lazy import lazy_property
from homeward.errors import CannotSee
from homeward.ports import ImageBytes, LanguageModel, Projector, Segment


@dataclass(frozen=True, slots=True)
class Image:
    """An image as the model reads it; in memory for as long as its conversation is open."""

    name: str  # of its file
    segments: tuple[Segment, ...]


class ImageEncoder:
    """Turns images into embeddings; the model's projector is loaded with the first image."""

    def __init__(self, load: Callable[[], Projector]) -> None:
        self.lock = RLock()
        self._load = load

    @lazy_property
    def _projector(self) -> Projector:
        return self._load()

    def look_at(self, file: Path | ImageBytes) -> Image:
        """
        Read an image.

        Raises:
            CannotSee: the language model has no projector. And as `Projector.see`.
        """
        try:
            projector = self._projector
        except CannotSee as blind:
            raise CannotSee(f"{file.name}: {blind}") from None
        # A name that is no UTF-8 could not be stored.
        name = file.name.encode("utf-8", "replace").decode()
        return Image(name, projector.see(file))


def placeholder(name: str, model: LanguageModel) -> Image:
    """Return what stands for an image that was seen before the conversation was opened anew."""
    said = " ".join(name.split())  # no name opens a line of its own in the prompt
    return Image(name, (model.tokenize(f"[image: {said}]"),))
