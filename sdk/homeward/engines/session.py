"""
A session keeps the books of one sequence in a model's KV cache. It imports no runtime.

The books (`_cells`) are changed only after the runtime has done its part, and asked back from it
when it failed, so that they are right at every point where a caller can look.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from threading import Event

import numpy as np
from numpy.typing import NDArray

from homeward.engines.cells import Cell, cells_of, check_tokens, chunks, common_prefix
from homeward.engines.runtime import CHUNK, Runtime, check_sampling
from homeward.engines.state import Binding, pack_state, unpack_state
from homeward.engines.stream import TextStream
from homeward.errors import (
    Cancelled,
    ContextOverflow,
    InvalidArgument,
    ModelError,
    StateMismatch,
)
from homeward.ports import DrawnToken, Fed, Likely, ModelInfo, Segment, Tokens, Vector
from homeward.sampling import Sampling


class CachedSession:
    """`ports.Session` on a runtime. For one thread at a time; `close` may come from another."""

    def __init__(self, runtime: Runtime, info: ModelInfo, *, layout: str) -> None:
        self._runtime = runtime
        self._info = info
        self._binding = Binding(model_sha256=info.sha256, layout=layout)
        self._cells: list[Cell] = []
        self._has_logits = False  # of the last cell: what the next token is drawn from
        self._undecoded: int | None = None  # drawn and yielded, but not yet in the cache
        self._generated: list[int] = []
        self._stopped_by = "cancel"
        self._stop_found = ""
        self._drawn: list[DrawnToken] = []
        self._turn = 0  # what the session is busy with: a reply of an earlier turn must not go on

    @property
    def length(self) -> int:
        """Positions now in the KV cache."""
        return len(self._cells)

    @property
    def generated(self) -> Tokens:
        """Token ids of the last `generate`, without the end-of-turn token."""
        return tuple(self._generated)

    @property
    def stopped_by(self) -> str:
        """Why the last `generate` ended; "cancel" also where the caller left it early."""
        return self._stopped_by

    @property
    def stop_found(self) -> str:
        """The stop string that ended the last `generate`; empty where none did."""
        return self._stop_found

    @property
    def drawn(self) -> Sequence[DrawnToken]:
        """The tokens of the last `generate` that asked for probabilities, as they come."""
        return self._drawn

    def close(self) -> None:
        """Free the KV cache. Using the session afterwards is a ValueError."""
        self._runtime.close()

    def feed(self, segments: Sequence[Segment], *, cancel: Event | None = None) -> Fed:
        """
        Make the cache hold exactly `segments`, decoding only what differs from what it holds.

        Guarantees:
            At least the last position is decoded, so that there are logits to draw from. The last
            token of a reply is often not in the cache yet and is then decoded here.

        Raises:
            As `ports.Session.feed`. InvalidArgument: a token or a soft prompt is not the model's.
        """
        wanted = cells_of(segments, n_vocab=self._info.n_vocab, n_embd=self._info.n_embd)
        self._check_room(len(wanted))
        kept = self._keep(min(common_prefix(self._cells, wanted), max(0, len(wanted) - 1)))
        for chunk in chunks(segments, skip=kept, size=self._runtime.batch):
            if cancel is not None and cancel.is_set():
                raise Cancelled(f"cancelled after {self.length} of {len(wanted)} positions")
            self._append(chunk, wanted[self.length : self.length + len(chunk)])
        self._has_logits = bool(wanted)
        return Fed(reused=kept, decoded=len(wanted) - kept)

    def trim(self, segments: Sequence[Segment]) -> None:
        """Drop from the cache all that is not a beginning of `segments`; decode nothing."""
        held = cells_of(segments, n_vocab=self._info.n_vocab, n_embd=self._info.n_embd)
        self._keep(common_prefix(self._cells, held))

    def generate(
        self,
        sampling: Sampling,
        *,
        cancel: Event | None = None,
        said: Tokens = (),
        until: Tokens = (),
    ) -> Iterator[str]:
        """
        Continue what was fed; a second call continues the first reply.

        Raises:
            InvalidArgument: nothing was fed, or what does not end with `said`, the grammar does not
                parse, or a setting is out of range; while iterating: the session was
                closed, or fed again.
        """
        if not self._has_logits and self._undecoded is None:
            raise InvalidArgument("the session is empty: call `feed` before `generate`")
        if said and tuple(self._cells[-len(said) :]) != said:
            raise InvalidArgument(f"`said` must be the last {len(said)} tokens that were fed")
        check_sampling(sampling)
        draw, text = self._runtime.drawing(sampling, said), TextStream(sampling.stop)
        self._turn += 1
        self._generated[:] = said
        self._stopped_by, self._stop_found = "cancel", ""
        self._drawn = []
        if sampling.top_logprobs is not None:
            draw = self._noting(draw, sampling.top_logprobs)
        before = (self._runtime.piece(token) or b"" for token in said)
        pieces = self._pieces(draw, sampling.max_tokens, cancel, until, turn=self._turn)
        return self._reply(chain(before, pieces), text)

    def log_probabilities(self, segments: Sequence[Segment], target: Tokens) -> Vector:
        """
        Natural-log probability of each token of `target` after `segments`: (len(target),).

        The cache then holds `segments` and all of `target` but its last token, so a second target
        after the same segments costs only itself.

        Raises:
            InvalidArgument: `segments` are empty, or a token is not the model's.
            ContextOverflow: both together are longer than the context.
        """
        context = cells_of(segments, n_vocab=self._info.n_vocab, n_embd=self._info.n_embd)
        check_tokens(target, n_vocab=self._info.n_vocab)
        if not context:
            raise InvalidArgument("log-probabilities need at least one fed position")
        self._check_room(len(context) + max(0, len(target) - 1))
        self.feed(segments)
        found = [self._log_probability(-1, token) for token in target[:1]]
        self._has_logits = len(target) <= 1
        step = min(CHUNK, self._runtime.batch)
        for start in range(0, len(target) - 1, step):
            chunk = target[start : start + step][: len(target) - 1 - start]
            self._append(chunk, chunk, all_logits=True)
            after = target[start + 1 : start + 1 + len(chunk)]
            found.extend(self._log_probability(row, token) for row, token in enumerate(after))
        return np.array(found, dtype=np.float32)

    def save(self) -> bytes:
        """The KV state with the cells it stands for."""
        return pack_state(self._cells, self._runtime.state(), binding=self._binding)

    def load(self, state: bytes) -> None:
        """
        Replace the cache by a saved state. `feed` what should be continued before `generate`.

        Raises:
            StateMismatch: saved by another model or version, damaged, or longer than this
                context. The cache is then empty.
        """
        self._keep(0)
        cells, kv = unpack_state(state, binding=self._binding)
        if len(cells) > self._info.n_ctx:
            raise StateMismatch(f"{len(cells)} positions do not fit {self._info.n_ctx}")
        if cells and not (self._runtime.restore(kv) and self._runtime.length() == len(cells)):
            self._keep(0)
            raise StateMismatch("the runtime rejected the saved state")
        self._cells = cells

    def _check_room(self, positions: int) -> None:
        if positions > self._info.n_ctx:
            raise ContextOverflow(f"{positions} positions do not fit {self._info.n_ctx}")

    def _keep(self, length: int) -> int:
        kept = self._runtime.truncate(length)
        del self._cells[kept:]
        self._has_logits, self._undecoded = False, None
        self._turn += 1
        return kept

    def _append(
        self, chunk: Tokens | Vector, cells: Sequence[Cell], *, all_logits: bool = False
    ) -> None:
        try:
            self._runtime.append(chunk, all_logits=all_logits)
        except ModelError:
            # Part of the chunk may be in the cache, but which cells is then anyone's guess.
            self._keep(min(len(self._cells), self._runtime.length()))
            raise
        self._cells.extend(cells)

    def _reply(self, pieces: Iterator[bytes], text: TextStream) -> Iterator[str]:
        for piece in pieces:
            if shown := text.push(piece):
                yield shown
            if text.found:
                self._stopped_by, self._stop_found = "stop", text.found
                return
        if rest := text.finish():
            yield rest

    def _pieces(
        self,
        draw: Callable[[], int],
        max_tokens: int,
        cancel: Event | None,
        until: Tokens,
        *,
        turn: int,
    ) -> Iterator[bytes]:
        """Bytes of each drawn token. A token is decoded only when the next one is asked for."""
        while len(self._generated) < max_tokens:
            if cancel is not None and cancel.is_set():
                return
            if turn != self._turn:
                raise InvalidArgument("the session was used for something else during this reply")
            if not self._decode_drawn():
                self._stopped_by = "context"
                return
            token = draw()
            piece = self._runtime.piece(token)
            if piece is None or token in until:
                self._stopped_by = "until" if token in until else "end"
                return
            self._undecoded = token
            self._generated.append(token)
            yield piece
        self._stopped_by = "max_tokens"

    def _decode_drawn(self) -> bool:
        """Append the last drawn token, if there is one. False when the context is full."""
        token = self._undecoded
        if token is None:
            return True
        if len(self._cells) >= self._info.n_ctx:
            return False
        # An interrupt may come at any line here: until all is done there is nothing to draw from.
        self._undecoded, self._has_logits = None, False
        self._runtime.step(token)
        self._cells.append(token)
        self._has_logits = True
        return True

    def _noting(self, draw: Callable[[], int], most: int) -> Callable[[], int]:
        """Note how probable each drawn token was, beside the `most` likeliest at its place."""

        def noting() -> int:
            found = _log_probabilities(self._runtime.logits(-1))
            token = draw()
            likeliest = np.argsort(found)[::-1][:most] if most else ()
            piece, *others = (
                Likely(int(one), self._runtime.piece(int(one)) or b"", float(found[one]))
                for one in (token, *likeliest)
            )
            if self._runtime.piece(token) is not None:  # it is part of the reply
                self._drawn.append(DrawnToken(piece, tuple(others)))
            return token

        return noting

    def _log_probability(self, row: int, token: int) -> float:
        return float(_log_probabilities(self._runtime.logits(row))[token])


def _log_probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    above = logits - logits.max()
    return np.asarray(above - np.log(np.exp(above).sum()))
