"""Log-probabilities agree with llama.cpp's on the very same file, with and without soft prompt."""

from pathlib import Path

import numpy as np
import pytest

from homeward.learning.gradient import GradientModel
from homeward.learning.packing import Example
from homeward.ports import LanguageModel, SoftPrompt

_TEXTS = (
    "The library opens at nine, and closes when the last reader has gone home.",
    "you have to look at the X log, usually /var/log/Xorg.0.log",
    "My grandmother baked bread every Sunday; the whole street could smell it.",
    "Restart the service, then check whether the port is still taken.",
)


@pytest.mark.model
def test_log_probabilities_are_llamas(smollm2: LanguageModel, smollm2_file: Path) -> None:
    model = GradientModel.open(smollm2_file)
    opening = smollm2.tokenize("<|im_start|>user\n", special=True)
    virtual = model.embed(smollm2.tokenize(" calm careful old")) * np.float32(1.1)
    soft = SoftPrompt(virtual, sha256="0" * 64)
    prefix = np.concatenate([model.embed(opening), virtual])
    examples = [Example(smollm2.tokenize(text)) for text in _TEXTS]
    ours = model.run(prefix, examples, learn=False).log_probabilities()
    with smollm2.session() as session:
        theirs = np.concatenate(
            [session.log_probabilities([opening, soft], example.tokens) for example in examples]
        )
    assert np.abs(ours - theirs).mean() <= 0.01
