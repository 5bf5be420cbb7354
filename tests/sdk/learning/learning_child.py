"""A process that learns and says after each step that it did; its parent kills it."""

import sys
from pathlib import Path

from homeward.assistant import Assistant
from homeward.learning.controls import Controls
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.soft_prompt_store import TrainingResult
from homeward.personalization.soft_prompt_training import train_soft_prompt
from homeward.ports import LanguageModel
from homeward.prompting.chat_template import ChatTemplate
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import Passphrase, Profile, open_profile


def main() -> None:
    folder, weights, passphrase = sys.argv[1:]
    gradient = GradientModel.open(Path(weights))

    def teaching(
        profile: Profile, language_model: LanguageModel, chat: ChatTemplate, controls: Controls
    ) -> TrainingResult:
        return train_soft_prompt(profile, language_model, chat, lambda: gradient, controls=controls)

    profile = open_profile(Path(folder), unlock=Passphrase(passphrase))
    loaders = ModelLoaders(lambda: ScriptedModel(n_embd=32), HashEmbedder, teaching)
    with Assistant(profile, loaders) as me:
        taught = me.learn(Controls(report=lambda _: _say("step")))
    _say(f"learned {taught.state.soft.sha256}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
