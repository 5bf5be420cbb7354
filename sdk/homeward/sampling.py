"""Defines how a reply is drawn; what a model draws by default is one of its `model_traits`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sampling:
    """
    How the next token is drawn: bias, penalties, grammar, top-k, min-p, top-p, temperature.

    Guarantees:
        `temperature == 0` is greedy and deterministic; otherwise the same `seed` on the same
        model, thread count and KV contents draws the same tokens.

    Source:
        Fan, Lewis and Dauphin 2018, arXiv:1805.04833 (top-k); Holtzman et al. 2019,
        arXiv:1904.09751 (top-p); Nguyen et al. 2024, arXiv:2407.01082 (min-p); Keskar et al. 2019,
        arXiv:1909.05858 (repetition penalty). llama.cpp draws.
    """

    # All but greedy: SmolLM2-135M answers 19 of 20 from what it was told, 15 at 0.3 (docs/log.md).
    # Above zero, so that other drafts may be drawn.
    temperature: float = 0.02
    top_k: int = 0  # likeliest tokens that are drawn from; 0: all
    top_p: float = 0.95
    min_p: float = 0.05
    repetition_penalty: float = 1.1
    penalty_window: int = 64  # most recent tokens that the penalty looks at
    presence_penalty: float = 0.0  # taken off each token that the reply has, once
    frequency_penalty: float = 0.0  # and as often as it has it
    bias: tuple[tuple[int, float], ...] = ()  # token ids of the model, and what is added to each
    top_logprobs: int | None = None  # likeliest tokens told of each place; None: none, nor its own
    max_tokens: int = 512
    thinking: int = 0  # tokens of thought before the reply, at most; models that cannot ignore it
    stop: tuple[str, ...] = ()
    grammar: str | None = None  # GBNF
    seed: int | None = None  # None: a fresh random seed each time

    @property
    def longest(self) -> int:
        """How many tokens may be drawn in all."""
        return self.max_tokens + self.thinking
