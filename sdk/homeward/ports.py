"""Defines the protocols for a language model, a projector and an embedder."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from homeward.model_traits import ModelTraits
from homeward.sampling import Sampling

Vector = NDArray[np.float32]
Tokens = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A description of a loaded language model; `sha256` binds learned state and caches to it."""

    name: str
    architecture: str
    sha256: str  # of the GGUF file, hex
    n_embd: int
    n_vocab: int
    n_ctx: int  # tokens of context that this process allocated
    n_ctx_train: int  # tokens of context that the model was trained for
    gpu_layers: int = 0  # how many of its layers lie on a GPU; the output counts as one
    kv_type: str = "f16"  # of the numbers in the KV cache
    notices: tuple[str, ...] = ()  # sentences for the person: what is not as was asked for
    traits: ModelTraits = field(default_factory=ModelTraits)  # how it is talked to


@dataclass(frozen=True, slots=True)
class TemplateSource:
    """A model's own chat template, with the texts of the tokens that it may name."""

    jinja: str | None  # None: a base model, which was never taught to take turns
    bos: str = ""
    eos: str = ""
    begins: str = ""  # what every text must start with for this model


@dataclass(frozen=True, slots=True, eq=False)
class SoftPrompt:
    """
    Virtual tokens for one base model: the person's learned embedding, or an image's.

    Shapes:
        vectors: (k, n_embd) float32.
    """

    vectors: Vector
    sha256: str  # of the vectors' bytes, hex; stands for them in cache keys


Segment = Tokens | SoftPrompt
"""A stretch of context: token ids, or virtual tokens."""


@dataclass(frozen=True, slots=True)
class Fed:
    """The result of `Session.feed`: positions reused from the KV cache, and positions decoded."""

    reused: int
    decoded: int


@dataclass(frozen=True, slots=True)
class Likely:
    """A token, its bytes, and the natural logarithm of its probability, before any penalty."""

    token: int
    piece: bytes
    logprob: float


@dataclass(frozen=True, slots=True)
class DrawnToken:
    """A token that was drawn, and the likeliest at its place, best first."""

    drawn: Likely
    likeliest: tuple[Likely, ...] = ()


class Session(Protocol):
    """One sequence in the model's KV cache. Not for concurrent use by several threads."""

    @property
    def length(self) -> int:
        """Positions now in the KV cache."""
        ...

    def feed(self, segments: Sequence[Segment], *, cancel: Event | None = None) -> Fed:
        """
        Make the cache hold exactly `segments`, decoding only what differs from what it holds.

        Raises:
            ContextOverflow: `segments` are longer than the context. The cache is unchanged.
            Cancelled: `cancel` was set. The cache holds a prefix of `segments`.
        """
        ...

    def trim(self, segments: Sequence[Segment]) -> None:
        """Drop from the cache all that is not a beginning of `segments`; decode nothing."""
        ...

    def generate(
        self,
        sampling: Sampling,
        *,
        cancel: Event | None = None,
        said: Tokens = (),
        until: Tokens = (),
    ) -> Iterator[str]:
        """
        Continue the fed segments, yielding text as soon as it is whole UTF-8.

        `said` are the reply's first tokens where they are known already, and then the end of what
        was fed: they are yielded, counted and penalized as if they had just been drawn.

        Generated tokens stay in the cache, so a next `feed` that starts with them reuses them.
        Ends at the model's end of turn, a token of `until`, a stop string (not yielded),
        `max_tokens`, the end of the context, or when `cancel` is set (no error: the text so far
        stands).

        Raises:
            InvalidArgument: nothing was fed, or the grammar does not parse.
        """
        ...

    @property
    def generated(self) -> Tokens:
        """Token ids of the last `generate`, without the end-of-turn token."""
        ...

    @property
    def stopped_by(self) -> str:
        """Why it ended: 'end' | 'until' | 'stop' | 'max_tokens' | 'context' | 'cancel'."""
        ...

    @property
    def stop_found(self) -> str:
        """The stop string that ended it; empty where none did."""
        ...

    @property
    def drawn(self) -> Sequence[DrawnToken]:
        """Its tokens with their probabilities, as far as drawn, if `sampling` asks for them."""
        ...

    def log_probabilities(self, segments: Sequence[Segment], target: Tokens) -> Vector:
        """
        Return the natural-log probability of each token of `target` after `segments`.

        Shapes:
            Returns (len(target),) float32, in nats.

        Raises:
            InvalidArgument: `segments` are empty, or a token is not the model's.
            ContextOverflow: both together are longer than the context.
        """
        ...

    def save(self) -> bytes:
        """The KV state with the segments it stands for; `load` refuses it on another model."""
        ...

    def load(self, state: bytes) -> None:
        """
        Replace the cache by a saved state.

        Raises:
            StateMismatch: saved by another model or version, or damaged. The cache is then empty.
        """
        ...


@dataclass(frozen=True, slots=True)
class ImageBytes:
    """An image that is no file: it came with a message, and is only ever in memory."""

    name: str  # what it is called where it is named
    content: bytes = field(repr=False)


class Projector(Protocol):
    """A projector turns images into embeddings of a language model. Thread-safe."""

    def see(self, image: Path | ImageBytes) -> tuple[Segment, ...]:
        """
        The image as a stretch of context: virtual tokens, and the tokens that belong around them.

        Guarantees:
            The same image gives the same segments, so a KV cache that holds them is reused.

        Raises:
            ImageError: the image cannot be read; the message names its file.
            ModelCorrupt, UnsupportedModel: of the projector; the message names its file.
        """
        ...


class LanguageModel(Protocol):
    """A local language model. `session` may be open several times; each has its own KV cache."""

    @property
    def info(self) -> ModelInfo:
        """What was loaded."""
        ...

    @property
    def template(self) -> TemplateSource:
        """The chat template of the model's file. Not to be trusted: it is a stranger's program."""
        ...

    def tokenize(self, text: str, *, special: bool = False) -> Tokens:
        """Token ids of `text`; control tokens such as <|im_start|> only where `special`."""
        ...

    def detokenize(self, tokens: Sequence[int]) -> str:
        """Text of `tokens`, control tokens left out, malformed UTF-8 replaced."""
        ...

    def session(self) -> AbstractContextManager[Session]:
        """A new sequence with an empty KV cache, freed when the context ends."""
        ...

    def projector(self, file: Path) -> Projector:
        """
        What this model sees images with, from the projector's file.

        Raises:
            ModelNotFound, ModelCorrupt, UnsupportedModel: it is no whole projector.
        """
        ...

    def close(self) -> None:
        """Free the weights. Open sessions end first."""
        ...


@dataclass(frozen=True, slots=True)
class SimilarityScale:
    """
    Puts the cosines of one embedder on the scale that every threshold is on, which is MiniLM's.

    On it two texts of different topics have about 0.1, and a question and its answer about 0.5.
    """

    slope: float = 1.0
    offset: float = 0.0

    def of(self, cosine: float) -> float:
        """Return the similarity that `cosine` stands for."""
        return self.slope * cosine + self.offset

    def cosine(self, similarity: float) -> float:
        """Return the cosine that stands for `similarity`."""
        return (similarity - self.offset) / self.slope


class Embedder(Protocol):
    """Turns texts into unit vectors that lie close when the texts mean alike."""

    @property
    def sha256(self) -> str:
        """Identity of weights, tokenizer and precision: vectors of two identities don't mix."""
        ...

    @property
    def dims(self) -> int:
        """Length of a vector."""
        ...

    @property
    def similarity(self) -> SimilarityScale:
        """What the cosine of two of its vectors means."""
        ...

    def embed(self, texts: Sequence[str], *, asking: bool = False) -> Vector:
        """
        Return one row for each text.

        `asking`: they are questions, to be compared with what was embedded without it. Some models
        embed the two differently.

        Shapes:
            Returns (len(texts), dims) float32, rows of unit length.
        """
        ...
