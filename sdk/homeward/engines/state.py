"""
Encodes a saved KV state as bytes, version 1.

    magic      4  "HWKV"
    version    1  = 1
    checksum  32  SHA-256 of everything after it
    model     32  SHA-256 of the GGUF file
    layout    32  SHA-256 of the runtime's name, release and cache types
    runs       4  number of runs that follow
      kind     1  "t" tokens | "v" virtual tokens
      count    4
      content     count * int32 token ids, or the soft prompt's SHA-256 (its first `count` rows)
    kv            the runtime's own bytes, to the end

Integers are little-endian and unsigned unless said otherwise. The checksum finds damage, so that
damaged bytes never reach the runtime's parser; it does not authenticate. Against someone who can
write the file, the store's sealed blobs do that.
"""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from homeward.engines.cells import Cell
from homeward.errors import StateMismatch

_MAGIC = b"HWKV"
_VERSION = 1
_HEAD = struct.Struct("<4sB32s")
_BINDING = struct.Struct("<32s32sI")
_RUN = struct.Struct("<cI")
_SHA256_BYTES = 32


@dataclass(frozen=True, slots=True)
class Binding:
    """What a state belongs to; on anything else its bytes mean nothing."""

    model_sha256: str  # hex
    layout: str  # e.g. "llama-cpp-python 0.3.36 f16 f16"


def pack_state(cells: Sequence[Cell], kv: bytes, *, binding: Binding) -> bytes:
    """Header, cells and the runtime's bytes as one string of bytes."""
    runs = [_pack_run(run) for run in _runs(cells)]
    digests = bytes.fromhex(binding.model_sha256), _digest(binding.layout.encode())
    body = b"".join([_BINDING.pack(*digests, len(runs)), *runs, kv])
    return _HEAD.pack(_MAGIC, _VERSION, _digest(body)) + body


def unpack_state(state: bytes, *, binding: Binding) -> tuple[list[Cell], bytes]:
    """
    The cells and the runtime's bytes.

    Raises:
        StateMismatch: another format, version, model or layout, or a single changed bit.
    """
    try:
        return _unpack(state, binding)
    except struct.error:
        raise StateMismatch("the saved state is truncated") from None


def _unpack(state: bytes, binding: Binding) -> tuple[list[Cell], bytes]:
    magic, version, checksum = _HEAD.unpack_from(state)
    if magic != _MAGIC or version != _VERSION:
        raise StateMismatch(f"not a saved state of version {_VERSION}")
    body = memoryview(state)[_HEAD.size :]
    if _digest(body) != checksum:
        raise StateMismatch("the saved state is damaged: its checksum differs")
    model, layout, run_count = _BINDING.unpack_from(body)
    if model.hex() != binding.model_sha256:
        raise StateMismatch(f"the state was saved by model {model.hex()[:12]}…")
    if layout != _digest(binding.layout.encode()):
        raise StateMismatch(f"the state was saved by another engine than {binding.layout}")
    return _unpack_runs(body, run_count)


def _unpack_runs(body: memoryview, run_count: int) -> tuple[list[Cell], bytes]:
    cells: list[Cell] = []
    at = _BINDING.size
    for _ in range(run_count):
        kind, count = _RUN.unpack_from(body, at)
        at += _RUN.size
        size = 4 * count if kind == b"t" else _SHA256_BYTES
        content = bytes(body[at : at + size])
        if len(content) < size:
            raise struct.error("a run ends after the state")
        at += size
        if kind == b"t":
            cells.extend(np.frombuffer(content, dtype="<i4").tolist())
        else:
            cells.extend((content.hex(), row) for row in range(count))
    return cells, bytes(body[at:])


def _runs(cells: Sequence[Cell]) -> Iterator[list[Cell]]:
    # A soft prompt after another starts again at row 0: `position - row` tells them apart.
    def run_of(numbered: tuple[int, Cell]) -> object:
        position, cell = numbered
        return (cell[0], position - cell[1]) if isinstance(cell, tuple) else None

    for _, run in groupby(enumerate(cells), key=run_of):
        yield [cell for _, cell in run]


def _pack_run(run: Sequence[Cell]) -> bytes:
    if isinstance(run[0], tuple):
        return _RUN.pack(b"v", len(run)) + bytes.fromhex(run[0][0])
    return _RUN.pack(b"t", len(run)) + np.asarray(run, dtype="<i4").tobytes()


def _digest(data: bytes | memoryview) -> bytes:
    return hashlib.sha256(data).digest()
