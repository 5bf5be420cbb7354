"""
Encodes images for a llama.cpp model, as a `ports.Projector`, in a separate process.

Images come from strangers, and libmtmd reads them with parsers in C; it also ends its process on
many a projector that was damaged or made for another release. So each image is read in a process of
its own (`projecting.py`), which gets the image's bytes through a pipe, gives its embeddings back,
and frees the projector's memory by ending. It holds no key and nothing of the profile.
"""

import hashlib
import io
import json
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from homeward.concurrency import child_process
from homeward.engines.gguf import check_projector
from homeward.engines.llama.picture import read_image
from homeward.errors import (
    ImageCorrupt,
    ModelCorrupt,
    ModelNotFound,
    UnsupportedModel,
)
from homeward.ports import ImageBytes, ModelInfo, Segment, SoftPrompt

_REFUSALS: dict[str, type[Exception]] = {
    kind.__name__: kind for kind in (ImageCorrupt, ModelCorrupt, ModelNotFound, UnsupportedModel)
}
_CHILD = "homeward.engines.llama.projecting"
_PATIENCE = 600  # seconds for one image; a damaged projector may keep libmtmd busy for ever


class ProjectorStage(StrEnum):
    """How far the process came with an image."""

    OPENING = "opening it"  # the projector, and the model
    DECODING = "decoding it"  # the image
    ENCODING = "encoding with it"  # the image into embeddings


def open_projector(file: Path, *, model: Path, info: ModelInfo, threads: int) -> "LlamaProjector":
    """
    Look at the projector's head; that it fits the model shows with the first image.

    Raises:
        ModelNotFound, ModelCorrupt, UnsupportedModel: it is no whole projector.
    """
    check_projector(file)
    return LlamaProjector(file, model=model, info=info, threads=threads)


class LlamaProjector:
    """`ports.Projector` on libmtmd. Holds no memory between two images."""

    def __init__(self, file: Path, *, model: Path, info: ModelInfo, threads: int) -> None:
        self._file = file
        self._model = model
        self._info = info
        self._threads = threads

    def see(self, image: Path | ImageBytes) -> tuple[Segment, ...]:
        """
        The image as the model was trained to find it: embeddings, and the tokens around them.

        PNG, JPEG, GIF (its first picture) or BMP. Takes as long as a short reply, or longer.

        Guarantees:
            The same file gives the same segments.

        Raises:
            ImageUnreadable: there is no such file, or it may not be read.
            UnknownImageFormat: none of these formats.
            ImageCorrupt: too large, or damaged.
            ModelCorrupt: libmtmd cannot load the projector, ends on it, or goes on for 10 minutes.
            UnsupportedModel: it was made for another model, sees nothing, or wants positions or
                a mask that are not those of text.
        """
        try:
            answer = _Answer(self._project(read_image(image)))
        except child_process.TimeoutExpired:
            raise ModelCorrupt(
                f"{self._file.name}: the image was not encoded within {_PATIENCE} s"
            ) from None
        if answer.refusal:
            kind, says = answer.refusal
            name = image.name if kind is ImageCorrupt else self._file.name
            raise kind(f"{name}: {says}")
        return tuple(self._segment(one, answer) for one in answer.segments)

    def _project(self, image: bytes) -> bytes:
        # The image's name stays here: other users of the machine can read a command line.
        paths = [str(path.absolute()) for path in (self._model, self._file)]
        return child_process.run(
            _CHILD,
            *paths,
            str(self._threads),
            sent=image,
            seconds=_PATIENCE,
        )

    def _segment(self, described: Any, answer: "_Answer") -> Segment:  # noqa: ANN401  JSON
        if isinstance(described, list):
            if not all(0 <= token < self._info.n_vocab for token in described):
                # libmtmd gives -1 for a mark that the vocabulary lacks: SmolVLM's projector fits
                # the width of SmolLM2, on which it was built.
                raise UnsupportedModel(
                    f"{self._file.name}: the model's vocabulary lacks the image markers"
                )
            return tuple(described)
        size = described * self._info.n_embd * 4
        raw = answer.take(size)
        if len(raw) < size:
            raise ModelCorrupt(
                f"{self._file.name}: llama.cpp ended while {ProjectorStage.ENCODING.value}"
            )
        vectors = np.frombuffer(raw, dtype=np.float32).reshape(described, self._info.n_embd)
        if not np.isfinite(vectors).all():
            raise ModelCorrupt(f"{self._file.name}: its embeddings are not finite")
        return SoftPrompt(vectors, hashlib.sha256(raw).hexdigest())


class _Answer:
    """What the process wrote: the stages that it reached, then a refusal or the segments."""

    def __init__(self, output: bytes) -> None:
        self._rest = io.BytesIO(output)
        self.segments: list[Any] = []
        self.refusal: tuple[type[Exception], str] | None = None
        stage = ProjectorStage.OPENING
        while (line := self._rest.readline()).endswith(b"\n"):  # or it was cut short
            match json.loads(line):
                case str(reached):
                    stage = ProjectorStage(reached)
                case {"refused": str(kind), "says": str(says)}:
                    self.refusal = _REFUSALS[kind], says
                    return
                case {"segments": list(segments)}:
                    self.segments = segments
                    return
        to_blame = ImageCorrupt if stage is ProjectorStage.DECODING else ModelCorrupt
        self.refusal = to_blame, f"llama.cpp ended while {stage.value}"

    def take(self, size: int) -> bytes:
        """Return the next bytes of the embeddings."""
        return self._rest.read(size)
