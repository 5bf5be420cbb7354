"""A process that learns and says after each step that it did; its parent kills it."""

import sys
from pathlib import Path

from homeward.assistant import Assistant
from homeward.conversation.components import ConversationComponents
from homeward.learning.controls import Controls
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.soft_prompt_store import TrainingResult
from homeward.personalization.soft_prompt_training import train_soft_prompt
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import Passphrase, open_profile


def main() -> None:
    folder, weights, passphrase = sys.argv[1:]
    gradient = GradientModel.open(Path(weights))

    def teaching(parts: ConversationComponents, controls: Controls) -> TrainingResult:
        return train_soft_prompt(
            parts.profile,
            parts.model,
            parts.prompts,
            lambda: gradient,
            refused=parts.remembering.refused,
            controls=controls,
        )

    profile = open_profile(Path(folder), unlock=Passphrase(passphrase))
    loaders = ModelLoaders(lambda: ScriptedModel(n_embd=32), HashEmbedder, teaching)
    with Assistant(profile, loaders) as me:
        trained = me.learn(Controls(report=lambda _: _say("step")))
    _say(f"learned {trained.state.soft.sha256}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
