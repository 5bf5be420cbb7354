"""
Log-probabilities agree with llama.cpp's on the same weights, behind a soft prompt.

On a Q8_0 file llama.cpp rounds activations to 8 bits too, which moves single tokens of SmolLM2 by
0.08 nats in the mean, in both directions; so there the mean itself is what must agree.
"""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model, requantize
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.packing import TrainingExample
from homeward.ports import LanguageModel, Segment, SoftPrompt, Vector

_TEXTS = (
    "The library opens at nine, and closes when the last reader has gone home.",
    "you have to look at the X log, usually /var/log/Xorg.0.log",
    "My grandmother baked bread every Sunday; the whole street could smell it.",
    "Restart the service, then check whether the port is still taken.",
)


def _both(model: GradientModel, llama: LanguageModel) -> tuple[Vector, Vector]:
    opening = llama.tokenize("<|im_start|>user\n", special=True)
    virtual = model.embed(llama.tokenize(" calm careful old")) * np.float32(1.1)
    segments: list[Segment] = [opening, SoftPrompt(virtual, sha256="0" * 64)]
    prefix = np.concatenate([model.embed(opening), virtual])
    examples = [TrainingExample(llama.tokenize(text)) for text in _TEXTS]
    ours = model.run(prefix, examples, learn=False).log_probabilities()
    with llama.session() as session:
        found = [session.log_probabilities(segments, example.tokens) for example in examples]
    return ours, np.concatenate(found)


@pytest.mark.model
def test_log_probabilities_are_llamas(
    smollm2: LanguageModel, smollm2_file: Path, tmp_path: Path
) -> None:
    model = GradientModel.open(smollm2_file)
    # The same weights in 16 bits: llama.cpp then multiplies without rounding activations to 8.
    requantize(smollm2_file, tmp_path / "f16.gguf", to="F16", threads=1)
    with closing(open_model(tmp_path / "f16.gguf", EngineSettings(threads=1))) as wide:
        ours, theirs = _both(model, wide)
    assert np.abs(ours - theirs).mean() <= 0.01
    ours, theirs = _both(model, smollm2)
    assert abs((ours - theirs).mean()) <= 0.05
    assert np.abs(ours - theirs).mean() <= 0.15
