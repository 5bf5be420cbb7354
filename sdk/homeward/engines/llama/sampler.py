"""Builds a llama.cpp sampler chain from `Sampling`."""

import ctypes
import math
import secrets
import weakref

import numpy as np
from llama_cpp import llama_cpp as native

from homeward.engines.llama.vocabulary import Vocabulary
from homeward.engines.runtime import MOST_SEEDS
from homeward.errors import InvalidArgument
from homeward.ports import Tokens
from homeward.sampling import Sampling

_CANDIDATE = np.dtype([("id", "i4"), ("logit", "f4"), ("p", "f4")])  # llama_token_data


class Sampler:
    """
    Owns a sampler chain: penalty, grammar, top-k, min-p, top-p, temperature, draw.

    The penalty sees only tokens of this reply: names and facts in the prompt must stay sayable.
    """

    def __init__(self, sampling: Sampling, vocabulary: Vocabulary) -> None:
        grammar = None if sampling.grammar is None else vocabulary.grammar(sampling.grammar)
        params = native.llama_sampler_chain_default_params()
        params.no_perf = True
        self._chain = native.llama_sampler_chain_init(params)
        self._n_vocab = vocabulary.size
        self._has_grammar = grammar is not None
        weakref.finalize(self, native.llama_sampler_free, self._chain).atexit = False
        self._penalize(sampling)
        if grammar is not None:
            native.llama_sampler_chain_add(self._chain, grammar)
        self._choose(sampling)

    def draw(self, context: native.llama_context_p) -> int:
        """
        The next token after the last logits of `context`.

        Raises:
            InvalidArgument: the grammar allows no token of this model's vocabulary.
        """
        if self._has_grammar:
            return self._draw_checked(context)
        return int(native.llama_sampler_sample(self._chain, context, -1))

    def accept(self, said: Tokens) -> None:
        """Penalize tokens, and move the grammar on, as if they had been drawn here."""
        for token in said:
            native.llama_sampler_accept(self._chain, token)

    def _draw_checked(self, context: native.llama_context_p) -> int:
        # The short way would tell the grammar of whatever token is left over when it has ruled
        # out all of them, and llama.cpp then ends the process.
        logits = native.llama_get_logits_ith(context, -1)
        candidates = np.zeros(self._n_vocab, dtype=_CANDIDATE)
        candidates["id"] = np.arange(self._n_vocab)
        candidates["logit"] = np.ctypeslib.as_array(logits, (self._n_vocab,))
        array = native.llama_token_data_array(
            data=candidates.ctypes.data_as(native.llama_token_data_p),
            size=self._n_vocab,
            selected=-1,
        )
        native.llama_sampler_apply(self._chain, ctypes.byref(array))
        drawn = array.data[max(0, array.selected)]
        if not math.isfinite(drawn.logit):
            raise InvalidArgument("the grammar allows no token of this model's vocabulary")
        native.llama_sampler_accept(self._chain, drawn.id)
        return int(drawn.id)

    def _penalize(self, sampling: Sampling) -> None:
        if sampling.repetition_penalty != 1 and sampling.penalty_window:
            penalty = native.llama_sampler_init_penalties(
                self._n_vocab, sampling.penalty_window, sampling.repetition_penalty, 0.0, 0.0
            )
            native.llama_sampler_chain_add(self._chain, penalty)

    def _choose(self, sampling: Sampling) -> None:
        add = native.llama_sampler_chain_add
        if sampling.temperature == 0:
            add(self._chain, native.llama_sampler_init_greedy())
            return
        if sampling.top_k:
            add(self._chain, native.llama_sampler_init_top_k(sampling.top_k))
        if sampling.min_p > 0:
            add(self._chain, native.llama_sampler_init_min_p(sampling.min_p, 1))
        if sampling.top_p < 1:
            add(self._chain, native.llama_sampler_init_top_p(sampling.top_p, 1))
        add(self._chain, native.llama_sampler_init_temp(sampling.temperature))
        seed = secrets.randbelow(MOST_SEEDS) if sampling.seed is None else sampling.seed
        add(self._chain, native.llama_sampler_init_dist(seed))
