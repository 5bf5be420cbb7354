"""
Reads the head of a GGUF file: its metadata, where its tensors lie, and whether it is whole.

llama.cpp checks much of this itself, but says so in a log line and returns NULL. Here the answer
has a type, costs milliseconds, and no C++ has seen the file yet. The `gguf` package's own reader
makes objects of every token in the vocabulary: 100 MB and two seconds that nobody has use for.

Source:
    GGUF specification, ggml-org/ggml docs/gguf.md, versions 2 and 3.
"""

import errno
import math
import mmap
import stat
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from homeward.errors import CannotFit, ModelCorrupt, ModelNotFound, UnsupportedModel
from homeward.model_traits import ModelKind

_MAGIC = b"GGUF"
_HEAD = struct.Struct("<4sIQQ")  # magic, version, tensors, metadata pairs
_SCALARS = {  # value type id -> struct code; 8 is a string, 9 an array
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q",
    12: "<d",
}  # fmt: skip
_STRING, _ARRAY = 8, 9
_MOST_LAYERS = 512  # LLAMA_MAX_LAYERS
_DEFAULT_ALIGNMENT = 32  # bytes; `general.alignment` overrides it

# Tensor type id -> (elements, bytes) of one block, as in ggml's type traits.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110),
    22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8),
    29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip

_PROJECTOR = "clip"  # the architecture that every projector of llama.cpp names

# They read text and write none. Newer ones say so themselves, in `<architecture>.attention.causal`.
_ENCODERS = frozenset(
    ("bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2",
     "jina-bert-v3", "eurobert", "t5encoder", _PROJECTOR, "wavtokenizer-dec")
)  # fmt: skip


class _Buffer(Protocol):
    def __len__(self) -> int: ...
    def __getitem__(self, key: slice, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class TensorPlace:
    """Where a tensor lies in the file, quantized. `shape` is rows first, as NumPy has it."""

    shape: tuple[int, ...]
    kind: int  # ggml's number of the type
    offset: int  # bytes from the start of the file
    size: int  # bytes; 0 for a type that is newer than this module's table


@dataclass(frozen=True, slots=True)
class GgufHead:
    """Holds what the head of a GGUF file says about the file."""

    architecture: str
    causal: bool  # False: an encoder, which cannot continue a text
    size: int  # bytes that the file must have for all its tensors
    # By key, without what each key begins with: "block_count" for "llama.block_count". An array is
    # a tuple where it may have a number for each layer, else its length.
    metadata: Mapping[str, object] = field(default_factory=dict)
    tensors: Mapping[str, TensorPlace] = field(default_factory=dict)  # by name

    @property
    def chat_template(self) -> str | None:
        """The chat template, Jinja, as it stands there; None: a base model."""
        found = self.metadata.get("tokenizer.chat_template")
        return found if isinstance(found, str) and found.strip() else None

    def kind(self, *, context: int) -> ModelKind:
        """What the model's traits follow from, where it reads `context` tokens at once."""
        return ModelKind(
            self.architecture,
            tokenizer=str(self.metadata.get("tokenizer.ggml.pre", "")),
            width=self.number("embedding_length", 0),
            context=context,
            has_template=self.chat_template is not None,
        )

    def number(self, key: str, default: int) -> int:
        """A whole number of the metadata, at most 2^31; `default` where there is none."""
        value = self.metadata.get(key, default)
        return value if isinstance(value, int) and 0 <= value < 1 << 31 else default

    def by_layer(self, key: str, layers: int, default: int) -> tuple[int, ...]:
        """A whole number for each layer, where the file may have one for all."""
        value = self.metadata.get(key)
        if isinstance(value, tuple) and len(value) >= layers:
            return tuple(one if isinstance(one, int) else default for one in value[:layers])
        return (self.number(key, default),) * layers


def check_gguf(path: Path) -> GgufHead:
    """
    Read the head of the file at `path` and compare it with the file's size.

    Raises:
        ModelNotFound: nothing readable is there, or it is not a file.
        CannotFit: the file cannot even be mapped.
        ModelCorrupt: not GGUF, or truncated.
        UnsupportedModel: a GGUF version or an architecture that cannot be used here.
    """
    head = whole_head(path)
    if not head.causal:
        raise UnsupportedModel(
            f"{path.name} is a {head.architecture} encoder: it embeds text but cannot write any"
        )
    return head


def check_projector(path: Path) -> None:
    """
    Refuse what is no whole projector; whether it fits a model is not known from its head.

    Raises:
        ModelNotFound, ModelCorrupt: as `check_gguf`.
        UnsupportedModel: a GGUF file of something else.
    """
    head = whole_head(path)
    if head.architecture != _PROJECTOR:
        raise UnsupportedModel(f"{path.name} is a {head.architecture} model, not a projector")


def whole_head(path: Path) -> GgufHead:
    """
    Read the head of the file at `path`, of whatever kind, and compare it with the file's size.

    Raises:
        ModelNotFound, CannotFit, ModelCorrupt: as `check_gguf`.
        UnsupportedModel: a GGUF version that this does not read.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ModelNotFound(f"{path} is not a file")
        with path.open("rb") as file:
            if path.stat().st_size < _HEAD.size:  # mmap refuses an empty file
                raise ModelCorrupt(f"{path.name} is not a GGUF file: {path.stat().st_size} bytes")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return _check(content, path.name)
    except OSError as err:
        if err.errno == errno.ENOMEM:  # no room for the mapping under `ulimit -v`
            raise CannotFit(f"there is no memory to map {path.name}") from err
        raise ModelNotFound(f"{path} cannot be read: {err.strerror}") from err


def _check(content: _Buffer, name: str) -> GgufHead:
    head = read_head(content, name=name)
    if len(content) < head.size:
        raise ModelCorrupt(f"{name} is truncated: {len(content)} of {head.size} bytes")
    return head


def read_head(content: _Buffer, *, name: str) -> GgufHead:
    """
    The head of a GGUF file from its bytes.

    Raises:
        ModelCorrupt: not GGUF, or it ends or contradicts itself before the tensors.
        UnsupportedModel: a GGUF version that this does not read.
    """
    magic, version, tensor_count, pair_count = _HEAD.unpack(content[: _HEAD.size])
    if magic != _MAGIC:
        raise ModelCorrupt(f"{name} is not a GGUF file")
    if version not in (2, 3):
        raise UnsupportedModel(f"{name} has GGUF version {version}; 2 and 3 are readable")
    reader = _Reader(content, at=_HEAD.size)
    try:
        pairs = dict(reader.pair() for _ in range(pair_count))
        places = dict(reader.tensor() for _ in range(tensor_count))
        architecture = str(pairs["general.architecture"])
        alignment = int(str(pairs.get("general.alignment", _DEFAULT_ALIGNMENT)))
        data = -(-reader.at // alignment) * alignment
    except (struct.error, KeyError, ValueError, ZeroDivisionError) as err:
        raise ModelCorrupt(f"{name} has a damaged GGUF head") from err
    tensors = {key: replace(one, offset=data + one.offset) for key, one in places.items()}
    if not _is_plausible(pairs, layers=pairs.get(f"{architecture}.block_count", 1)):
        raise ModelCorrupt(f"{name} has impossible values in its GGUF head")
    causal = pairs.get(f"{architecture}.attention.causal", True) is not False
    return GgufHead(
        architecture=architecture,
        causal=causal and architecture not in _ENCODERS,
        size=max((one.offset + one.size for one in tensors.values()), default=data),
        metadata={key.removeprefix(f"{architecture}."): value for key, value in pairs.items()},
        tensors=tensors,
    )


def _is_plausible(pairs: Mapping[str, object], *, layers: object) -> bool:
    """Whether llama.cpp will get past its assertions, which end the whole process."""
    numbers = [value for value in pairs.values() if isinstance(value, float)]
    return layers in range(1, _MOST_LAYERS + 1) and all(map(math.isfinite, numbers))


class _Reader:
    """A position in the head. Every read past the end is a `struct.error`."""

    def __init__(self, content: _Buffer, *, at: int) -> None:
        self._content = content
        self.at = at

    def scalar(self, code: str) -> object:
        size = struct.calcsize(code)
        [value] = struct.unpack(code, self._content[self.at : self.at + size])
        self.at += size
        return value

    def count(self, code: str = "<Q") -> int:
        return int(str(self.scalar(code)))

    def text(self) -> str:
        size = self.count()
        raw = self._content[self.at : self.at + size]
        if len(raw) < size:
            raise struct.error("a string ends after the file")
        self.at += size
        return raw.decode("utf-8", "replace")

    def pair(self) -> tuple[str, object]:
        key = self.text()
        return key, self._value(self.count("<I"))

    def tensor(self) -> tuple[str, TensorPlace]:
        """Its name and its place, counted from the start of the tensor data."""
        name = self.text()
        shape = [self.count() for _ in range(self.count("<I"))]
        kind, offset = self.count("<I"), self.count()
        # A type that is newer than this table: its first byte must lie in the file at least.
        block, size = _BLOCKS.get(kind, (1, 0))
        return name, TensorPlace(
            tuple(reversed(shape)), kind, offset, math.prod(shape) // block * size
        )

    def _value(self, kind: int) -> object:
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            return self._array()
        return self.scalar(_SCALARS[kind])

    def _array(self) -> object:
        """Numbers of layers as a tuple; of a longer array, or one of texts, the length."""
        kind, count = self.count("<I"), self.count()
        if kind == _STRING:
            for _ in range(count):
                size = self.count()  # apart, because counting moves `at`
                self.at += size
            return count
        if count <= _MOST_LAYERS:
            return tuple(self.scalar(_SCALARS[kind]) for _ in range(count))
        self.at += count * struct.calcsize(_SCALARS[kind])
        return count
