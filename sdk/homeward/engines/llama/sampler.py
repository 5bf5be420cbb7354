"""Builds a llama.cpp sampler chain from `Sampling`."""

import ctypes
import math
import secrets
import weakref
from typing import Any

import numpy as np
from llama_cpp import llama_cpp as native
from numpy.typing import NDArray

from homeward.engines.llama.vocabulary import Vocabulary
from homeward.engines.runtime import MOST_SEEDS
from homeward.errors import InvalidArgument
from homeward.ports import Tokens
from homeward.sampling import Sampling

_MOST_LOOKED_AT = 1 << 16  # tokens of a reply that a penalty remembers
_CANDIDATE = np.dtype([("id", "i4"), ("logit", "f4"), ("p", "f4")])  # llama_token_data


class Sampler:
    """
    Owns a sampler chain: bias, penalties, grammar, top-k, min-p, top-p, temperature, draw.

    Penalties see only tokens of this reply: names and facts in the prompt must stay sayable.
    """

    def __init__(self, sampling: Sampling, vocabulary: Vocabulary) -> None:
        grammar = None if sampling.grammar is None else vocabulary.grammar(sampling.grammar)
        params = native.llama_sampler_chain_default_params()
        params.no_perf = True
        self._chain = native.llama_sampler_chain_init(params)
        self._n_vocab = vocabulary.size
        self._grammar = grammar
        for owned in filter(None, (self._chain, grammar)):
            weakref.finalize(self, native.llama_sampler_free, owned).atexit = False
        self._lean(sampling)
        self._penalize(sampling)
        self._choose(sampling)

    def draw(self, context: native.llama_context_p) -> int:
        """
        The next token after the last logits of `context`.

        Raises:
            InvalidArgument: the grammar allows no token of this model's vocabulary.
        """
        if self._grammar is None:
            return int(native.llama_sampler_sample(self._chain, context, -1))
        drawn = self._draw_allowed(context)
        self.accept((drawn,))
        return drawn

    def accept(self, said: Tokens) -> None:
        """Penalize tokens, and move the grammar on, as if they had been drawn here."""
        for token in said:
            native.llama_sampler_accept(self._chain, token)
            if self._grammar is not None:
                native.llama_sampler_accept(self._grammar, token)

    def _draw_allowed(self, context: native.llama_context_p) -> int:
        """
        Draw as if there were no grammar; only where that refuses the token, draw among the allowed.

        Both ways draw an allowed token as likely as among the allowed alone, but asking a grammar
        about one token costs nothing, and about 262,144 as much as computing the next one.
        """
        candidates = self._candidates(context)
        drawn = int(self._apply(self._chain, candidates).id)
        if self._is_allowed(drawn):
            return drawn
        candidates = self._candidates(context)
        self._apply(self._grammar, candidates)
        if not np.isfinite(candidates["logit"]).any():
            # llama.cpp ends the process where a grammar is told of a token that it has ruled out.
            raise InvalidArgument("the grammar allows no token of this model's vocabulary")
        return int(self._apply(self._chain, candidates).id)

    def _is_allowed(self, token: int) -> bool:
        one = np.zeros(1, dtype=_CANDIDATE)
        one["id"] = token
        return math.isfinite(self._apply(self._grammar, one).logit)

    def _candidates(self, context: native.llama_context_p) -> NDArray[np.void]:
        logits = native.llama_get_logits_ith(context, -1)
        candidates = np.zeros(self._n_vocab, dtype=_CANDIDATE)
        candidates["id"] = np.arange(self._n_vocab)
        candidates["logit"] = np.ctypeslib.as_array(logits, (self._n_vocab,))
        return candidates

    def _apply(
        self,
        sampler: Any,  # noqa: ANN401  a pointer
        candidates: NDArray[np.void],
    ) -> native.llama_token_data:
        """Let `sampler` change the candidates in place; returns the one that it selects."""
        array = native.llama_token_data_array(
            data=candidates.ctypes.data_as(native.llama_token_data_p),
            size=len(candidates),
            selected=-1,
        )
        native.llama_sampler_apply(sampler, ctypes.byref(array))
        return array.data[max(0, array.selected)]

    def _lean(self, sampling: Sampling) -> None:
        if not sampling.bias:
            return
        if unknown := [token for token, _ in sampling.bias if not 0 <= token < self._n_vocab]:
            raise InvalidArgument(f"this model has no token {unknown[0]}; it has {self._n_vocab}")
        biases = [native.llama_logit_bias(token=one, bias=by) for one, by in sampling.bias]
        array = (native.llama_logit_bias * len(biases))(*biases)  # llama.cpp copies it
        lean = native.llama_sampler_init_logit_bias(self._n_vocab, len(biases), array)
        native.llama_sampler_chain_add(self._chain, lean)

    def _penalize(self, sampling: Sampling) -> None:
        frequency, presence = sampling.frequency_penalty, sampling.presence_penalty
        if frequency or presence:  # these look at the whole reply
            penalty = native.llama_sampler_init_penalties(
                self._n_vocab, min(sampling.longest, _MOST_LOOKED_AT), 1.0, frequency, presence
            )
            native.llama_sampler_chain_add(self._chain, penalty)
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
