"""
One question answered from a quote, shown to a small model before it does the same. Pure.

It stands right before the newest question and is gone with its quotes, so the prefix and what was
said stay as they were. It tells nothing of the person and is no source of a reply.
"""

from homeward.ports import ModelInfo
from homeward.prompting.prompt import Quote, question_text
from homeward.prompting.prompt_content import PastTurn

LEAST_WIDTH_WITHOUT = 1024
"""
Of a model that answers from quotes without being shown how.

SmolLM2-135M (width 576) does not (docs/log.md); that models of 0.6B and more do is assumed, not
measured.
"""

# It turns "my" into "your", says what was quoted, and stops: what a small model fails at.
DEMONSTRATION = PastTurn(
    question_text("What colour is my bicycle?", [Quote("I said", "My bicycle is red.")]),
    "Your bicycle is red.",
)


def demonstrations(model: ModelInfo) -> tuple[PastTurn, ...]:
    """Return what `model` is shown before a question with quotes; nothing where it needs none."""
    return (DEMONSTRATION,) if model.n_embd < LEAST_WIDTH_WITHOUT else ()
