"""A process that learns and says after each step that it did; its parent kills it."""

import sys
from pathlib import Path

from homeward.assistant import Assistant
from homeward.chat_format import ChatFormat
from homeward.learned import Taught
from homeward.learning.controls import Controls
from homeward.learning.gradient import GradientModel
from homeward.ports import LanguageModel
from homeward.settings import Loaders
from homeward.teaching import teach
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import Passphrase, Profile, open_profile


def main() -> None:
    folder, weights, passphrase = sys.argv[1:]
    gradient = GradientModel.open(Path(weights))

    def teaching(
        profile: Profile, language_model: LanguageModel, chat: ChatFormat, controls: Controls
    ) -> Taught:
        return teach(profile, language_model, chat, lambda: gradient, controls=controls)

    profile = open_profile(Path(folder), unlock=Passphrase(passphrase))
    loaders = Loaders(lambda: ScriptedModel(n_embd=32), HashEmbedder, teaching)
    with Assistant(profile, loaders) as me:
        taught = me.learn(Controls(report=lambda _: _say("step")))
    _say(f"learned {taught.state.soft.sha256}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
