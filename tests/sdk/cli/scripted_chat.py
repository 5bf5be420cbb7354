"""`homeward chat` on a model that counts slowly, as a process of its own: for keys and kills."""

import os
import time

import homeward.opening
from homeward.cli.app import main
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel

COUNT = " ".join(map(str, range(1, 200)))


class Slow(ScriptedModel):
    """Takes a moment for each token, so that somebody can press a key between two."""

    def check_open(self) -> None:
        super().check_open()
        if self.prompts:
            time.sleep(float(os.environ.get("SECONDS_PER_CALL", "0")))


def loaders(*_: object) -> ModelLoaders:
    """Stand in for the pulled models."""
    return ModelLoaders(lambda: Slow(reply), HashEmbedder)


def reply(prompt: str) -> str:
    """Count when the newest message says so."""
    return COUNT if "Count" in prompt.rpartition("<|im_start|>user")[2] else "Hello."


homeward.opening._loaders = loaders  # type: ignore[assignment]  # it needs none of the arguments
main()
