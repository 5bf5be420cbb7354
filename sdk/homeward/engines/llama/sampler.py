"""A llama.cpp sampler chain from `Sampling`. Knows how a token is drawn, not from what."""

import math
import secrets
import weakref

from llama_cpp import llama_cpp as native

from homeward.engines.llama.vocabulary import Vocabulary
from homeward.ports import Sampling

_SEEDS = native.LLAMA_DEFAULT_SEED  # seeds lie below it; the value itself means "random"


class Sampler:
    """
    Owns a sampler chain: penalty, grammar, min-p, top-p, temperature, draw.

    The penalty sees only tokens of this reply: names and facts in the prompt must stay sayable.
    """

    def __init__(self, sampling: Sampling, vocabulary: Vocabulary) -> None:
        _check(sampling)
        grammar = None if sampling.grammar is None else vocabulary.grammar(sampling.grammar)
        params = native.llama_sampler_chain_default_params()
        params.no_perf = True
        self.chain = native.llama_sampler_chain_init(params)
        weakref.finalize(self, native.llama_sampler_free, self.chain).atexit = False
        self._penalize(sampling, n_vocab=vocabulary.size)
        if grammar is not None:
            native.llama_sampler_chain_add(self.chain, grammar)
        self._draw(sampling)

    def _penalize(self, sampling: Sampling, *, n_vocab: int) -> None:
        if sampling.repetition_penalty != 1 and sampling.penalty_window:
            penalty = native.llama_sampler_init_penalties(
                n_vocab, sampling.penalty_window, sampling.repetition_penalty, 0.0, 0.0
            )
            native.llama_sampler_chain_add(self.chain, penalty)

    def _draw(self, sampling: Sampling) -> None:
        add = native.llama_sampler_chain_add
        if sampling.temperature == 0:
            add(self.chain, native.llama_sampler_init_greedy())
            return
        if sampling.min_p > 0:
            add(self.chain, native.llama_sampler_init_min_p(sampling.min_p, 1))
        if sampling.top_p < 1:
            add(self.chain, native.llama_sampler_init_top_p(sampling.top_p, 1))
        add(self.chain, native.llama_sampler_init_temp(sampling.temperature))
        seed = secrets.randbelow(_SEEDS) if sampling.seed is None else sampling.seed
        add(self.chain, native.llama_sampler_init_dist(seed))


def _check(sampling: Sampling) -> None:
    """Values outside these make llama.cpp draw nonsense without saying so."""
    ranges = {
        "temperature": 0 <= sampling.temperature < math.inf,
        "top_p": 0 < sampling.top_p <= 1,
        "min_p": 0 <= sampling.min_p < 1,
        "repetition_penalty": 0 < sampling.repetition_penalty < math.inf,
        "penalty_window": sampling.penalty_window >= 0,
        "max_tokens": sampling.max_tokens >= 0,
        "seed": sampling.seed is None or 0 <= sampling.seed < _SEEDS,
    }
    for name, holds in ranges.items():
        if not holds:
            raise ValueError(f"{name}={getattr(sampling, name)} is out of range")
