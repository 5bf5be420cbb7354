"""A process that learns and says after each step that it did; its parent kills it."""

import sys
from pathlib import Path

from tests.training import training_through

from homeward.assistant import Assistant
from homeward.learning.controls import Controls
from homeward.learning.gradients.gradient import GradientModel
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import Passphrase, open_profile


def main() -> None:
    folder, weights, passphrase = sys.argv[1:]
    gradient = GradientModel.open(Path(weights))
    profile = open_profile(Path(folder), unlock=Passphrase(passphrase))
    train = training_through(lambda: gradient)
    loaders = ModelLoaders(lambda: ScriptedModel(n_embd=32), HashEmbedder, train)
    with Assistant(profile, loaders) as me:
        trained = me.learn(Controls(report=lambda _: _say("step")))
    _say(f"learned {trained.state.soft.sha256}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
