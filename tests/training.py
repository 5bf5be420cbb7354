"""Training by a model of one's choice: how an assistant of these tests learns."""

import random
from collections.abc import Callable

from homeward.assistant import Assistant
from homeward.conversation.components import ConversationComponents
from homeward.learning.controls import Controls
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.soft_prompt_store import TrainingResult
from homeward.personalization.soft_prompt_training import VIRTUAL_TOKENS, train_soft_prompt

VIRTUAL = "\N{OBJECT REPLACEMENT CHARACTER}" * VIRTUAL_TOKENS
"""What a `ScriptedModel` says of a soft prompt that stands in its prompt."""


def training_through(
    open_gradient: Callable[[], GradientModel],
) -> Callable[[ConversationComponents, Controls], TrainingResult]:
    """Return what `ModelLoaders.train` is: training as the real loaders do it, through this one."""

    def train(parts: ConversationComponents, controls: Controls) -> TrainingResult:
        return train_soft_prompt(
            parts.profile,
            parts.model,
            parts.prompts,
            open_gradient,
            refused=parts.remembering.not_learned,
            controls=controls,
        )

    return train


def write(me: Assistant, count: int = 30) -> None:
    """Short writings in a style of few words, which is easy to learn."""
    rng = random.Random(3)
    for _ in range(count):
        me.profile.writings.add(" ".join(rng.choices(["aye", "nay", "och"], k=6)))
