"""A llama.cpp sampler chain from `Sampling`. Knows how a token is drawn, not from what."""

import secrets
import weakref

from llama_cpp import llama_cpp as native

from homeward.engines.llama.vocabulary import Vocabulary
from homeward.engines.runtime import MOST_SEEDS
from homeward.ports import Sampling


class Sampler:
    """
    Owns a sampler chain: penalty, grammar, min-p, top-p, temperature, draw.

    The penalty sees only tokens of this reply: names and facts in the prompt must stay sayable.
    """

    def __init__(self, sampling: Sampling, vocabulary: Vocabulary) -> None:
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
        seed = secrets.randbelow(MOST_SEEDS) if sampling.seed is None else sampling.seed
        add(self.chain, native.llama_sampler_init_dist(seed))
