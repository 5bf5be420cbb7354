"""Defines what a session needs of a runtime, and the settings that all runtimes take."""

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from homeward.errors import InvalidArgument
from homeward.ports import Tokens, Vector
from homeward.sampling import Sampling

CHUNK = 64  # positions a call unless the person chose another batch; between two calls `cancel` is
# looked at. With llama.cpp 64 cost 3 % against 512 on SmolLM2 and answered within 0.4 s on one slow
# core. Also the most positions of which all logits are kept: they take a vocabulary's width each.
MOST_LIKELY = 20  # tokens told of each place, as in OpenAI's interface
MOST_SEEDS = 0xFFFFFFFF  # a seed is below it; llama.cpp reads the value itself as "random"


class Runtime(Protocol):
    """The sequence as the runtime holds it. Knows positions, not what lies in them."""

    batch: int
    """Positions that one `append` takes at most."""

    def append(self, chunk: Tokens | Vector, *, all_logits: bool = False) -> None:
        """Append at most `batch` positions; leaves the last one's logits, or all. ModelError."""
        ...

    def step(self, token: int) -> None:
        """Append one token: the short way, taken for every generated token."""
        ...

    def truncate(self, length: int) -> int:
        """Keep the first `length` positions, or fewer if it must; returns how many."""
        ...

    def length(self) -> int:
        """Positions that are really there."""
        ...

    def logits(self, row: int) -> NDArray[np.float64]:
        """Logits of row `row` of the last chunk, -1 its last: (n_vocab,)."""
        ...

    def drawing(self, sampling: Sampling, said: Tokens = ()) -> Callable[[], int]:
        """A draw of the next token from the last logits, which remembers `said` and its draws."""
        ...

    def piece(self, token: int) -> bytes | None:
        """Bytes of `token`, none for a control token, None if it ends the reply."""
        ...

    def state(self) -> bytes:
        """The sequence in the runtime's own bytes."""
        ...

    def restore(self, state: bytes) -> bool:
        """Replace the sequence; False if the runtime does not take it."""
        ...

    def close(self) -> None:
        """Free it. Every later call is a ValueError."""
        ...


def check_sampling(sampling: Sampling) -> None:
    """
    Refuse values with which a sampler would draw nonsense without saying so.

    Raises:
        InvalidArgument: a value is out of its range; the message names it.
    """
    ranges = {
        "temperature": 0 <= sampling.temperature < math.inf,
        "top_k": sampling.top_k >= 0,
        "top_p": 0 < sampling.top_p <= 1,
        "min_p": 0 <= sampling.min_p < 1,
        "repetition_penalty": 0 < sampling.repetition_penalty < math.inf,
        "penalty_window": sampling.penalty_window >= 0,
        "presence_penalty": math.isfinite(sampling.presence_penalty),
        "frequency_penalty": math.isfinite(sampling.frequency_penalty),
        "bias": all(math.isfinite(by) for _, by in sampling.bias),
        "top_logprobs": sampling.top_logprobs is None or 0 <= sampling.top_logprobs <= MOST_LIKELY,
        "max_tokens": sampling.max_tokens >= 0,
        "thinking": sampling.thinking >= 0,
        "seed": sampling.seed is None or 0 <= sampling.seed < MOST_SEEDS,
    }
    for name, holds in ranges.items():
        if not holds:
            raise InvalidArgument(f"{name}={getattr(sampling, name)} is out of range")
