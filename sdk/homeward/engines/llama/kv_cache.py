"""
Wraps one llama_context: a KV cache with one sequence, and the native calls on it.

Knows positions, not what lies in them: `homeward.engines.session` keeps those books. The lock makes
closing safe while another thread is in the middle of a call; it does not make a session shareable.
"""

import ctypes
import threading
import weakref
from collections.abc import Callable

import numpy as np
from llama_cpp import llama_cpp as native
from numpy.typing import NDArray

from homeward.engines.llama.sampler import Sampler
from homeward.engines.llama.vocabulary import Vocabulary
from homeward.engines.runtime import CHUNK
from homeward.errors import InvalidArgument, ModelError
from homeward.ports import Tokens, Vector
from homeward.sampling import Sampling

_SEQUENCE = 0
_ZERO_BUFFERS = False


class KvCache:
    """Owns a llama_context: the `Runtime` of a session. After `close` a call is a ValueError."""

    def __init__(
        self, context: native.llama_context_p, vocabulary: Vocabulary, *, batch: int = CHUNK
    ) -> None:
        self._context: native.llama_context_p | None = context
        self._vocabulary = vocabulary
        self.piece = vocabulary.piece
        self.batch = batch
        self._lock = threading.Lock()
        self._token = (ctypes.c_int32 * 1)()
        self._one = native.llama_batch(n_tokens=1, token=self._token)
        self._free = weakref.finalize(self, native.llama_free, context)
        self._free.atexit = False

    def close(self) -> None:
        """Free the cache; waits for a call that runs in another thread."""
        with self._lock:
            self._context = None
            self._free()

    @property
    def _open(self) -> native.llama_context_p:
        if self._context is None:
            raise InvalidArgument("the session is closed")
        return self._context

    def step(self, token: int) -> None:
        """Append one token. The short way, taken once for every generated token."""
        with self._lock:
            self._token[0] = token
            _check(native.llama_decode(self._open, self._one))

    def append(self, chunk: Tokens | Vector, *, all_logits: bool = False) -> None:
        """
        Append at most `batch` tokens or virtual tokens; leaves the logits of the last, or of all.

        Raises:
            ModelError: llama.cpp failed; ask `length` what is in the cache now.
        """
        batch = native.llama_batch(n_tokens=len(chunk))
        if isinstance(chunk, tuple):
            batch.token = (ctypes.c_int32 * len(chunk))(*chunk)
        else:
            batch.embd = (ctypes.c_float * chunk.size).from_buffer_copy(chunk.tobytes())
        if all_logits:
            batch.logits = (ctypes.c_int8 * len(chunk))(*[1] * len(chunk))
        with self._lock:
            _check(native.llama_decode(self._open, batch))

    def drawing(self, sampling: Sampling, said: Tokens = ()) -> Callable[[], int]:
        """A draw of the next token from the last logits, which remembers `said` and its draws."""
        with self._lock:
            _ = self._open  # a closed model has no vocabulary to read a grammar with
            sampler = Sampler(sampling, self._vocabulary)
            sampler.accept(said)

        def draw() -> int:
            with self._lock:
                return sampler.draw(self._open)

        return draw

    def logits(self, row: int) -> NDArray[np.float64]:
        """Logits of row `row` of the last chunk, -1 the last: (n_vocab,)."""
        with self._lock:
            found = native.llama_get_logits_ith(self._open, row)
            return np.ctypeslib.as_array(found, (self._vocabulary.size,)).astype(np.float64)

    def length(self) -> int:
        """Positions in the cache, asked of llama.cpp."""
        with self._lock:
            memory = native.llama_get_memory(self._open)
            return int(native.llama_memory_seq_pos_max(memory, _SEQUENCE)) + 1

    def truncate(self, length: int) -> int:
        """
        Keep the first `length` positions; returns how many could be kept.

        Recurrent architectures cannot forget only their newest positions: they keep none.
        """
        with self._lock:
            memory = native.llama_get_memory(self._open)
            if length and native.llama_memory_seq_rm(memory, _SEQUENCE, length, -1):
                return length
            native.llama_memory_clear(memory, _ZERO_BUFFERS)
            return 0

    def state(self) -> bytes:
        """The sequence as llama.cpp's own bytes."""
        with self._lock:
            size = native.llama_state_seq_get_size(self._open, _SEQUENCE)
            buffer = (ctypes.c_uint8 * size)()
            written = native.llama_state_seq_get_data(self._open, buffer, size, _SEQUENCE)
            return bytes(memoryview(buffer)[:written])

    def restore(self, state: bytes) -> bool:
        """Replace the sequence by `state`; False when llama.cpp does not take it."""
        with self._lock:
            buffer = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
            read = native.llama_state_seq_set_data(self._open, buffer, len(state), _SEQUENCE)
            return bool(read)


def _check(code: int) -> None:
    if code:
        raise ModelError(f"llama.cpp could not decode (code {code})")
