"""
Learns the shipped prior of soft prompts anew: `python -m benchmarks.make_prior --mean MEAN.npy`.

The mean is one pass over messages of many users. The directions are those in which groups of
messages, alike in spelling and wording, would move it: principal directions of their gradients.
The messages are Kummerfeld et al. 2019's (CC BY 4.0), of users in neither split of the evaluation;
what is written is derived from them (see NOTICE).
"""

import argparse
import zlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.evaluation import provenance, scorers
from benchmarks.report import report
from benchmarks.soft_prompt import Unsaved, message
from homeward import models, paths
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.learning.controls import Controls, TrainingProgress
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.packing import TrainingExample
from homeward.learning.gradients.prompt_slot import PromptSlot
from homeward.learning.objectives import Likelihood
from homeward.learning.soft_prompt_prior import COORDINATES, SHIPPED, SoftPromptPrior, signature
from homeward.learning.trainer import Schedule, train
from homeward.ports import LanguageModel, Vector

VIRTUAL_TOKENS = 16
MESSAGES, HELD_BACK = 2000, 64  # for the mean
START = "The following are messages from an Ubuntu IRC channel, by one user: "
SCHEDULE = Schedule(epochs=1, patience=1, tokens_per_step=448, rate=0.01, pull=0.0)
GROUPS, DRAWN, ALIKE = 64, 100, 15  # of 100 messages, the 15 most alike in one respect
SHORTEST = 12  # characters that say something of how somebody writes
FEATURES = 512


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--mean", type=Path, required=True, help="made here if it does not exist")
    args = parser.parse_args()
    score = scorers(args.data)
    rows = score.load("dev", "usertext_irc_background")
    order = np.random.default_rng(0).permutation(len(rows))
    texts = [str(rows[int(i)]["text"]) for i in order]
    file = models.path(paths.home(), models.DEFAULT_LANGUAGE)
    with closing(open_model(file, EngineSettings(threads=1))) as llama:
        model = GradientModel.open(file)
        if not args.mean.exists():
            np.save(args.mean, _mean(model, llama, texts[: MESSAGES + HELD_BACK]))
        mean = np.load(args.mean)
        gradients = _gradients(model, llama, mean, texts[MESSAGES + HELD_BACK :])
        directions, shares = _directions(gradients)
        prior = SoftPromptPrior(mean, directions, signature(model))
    Path("sdk/homeward/learning", SHIPPED).write_bytes(prior.to_bytes())
    report(
        {"groups": GROUPS, "share_of_first": shares[0], "share_of_all": sum(shares)}
        | provenance(score, model=models.DEFAULT_LANGUAGE),
        as_json=args.json,
    )


def _likelihood(llama: LanguageModel, texts: Sequence[str]) -> Likelihood:
    frame = PromptSlot(llama.tokenize("<|im_start|>", special=True), llama.tokenize("\n"))
    examples: list[TrainingExample] = [message(text, llama.tokenize) for text in texts]
    return Likelihood(frame, examples)


def _mean(model: GradientModel, llama: LanguageModel, texts: Sequence[str]) -> Vector:
    return train(
        model,
        _likelihood(llama, texts[HELD_BACK:]),
        _likelihood(llama, texts[:HELD_BACK]),
        model.embed(llama.tokenize(START)[:VIRTUAL_TOKENS]),
        schedule=SCHEDULE,
        checkpoints=Unsaved(),
        controls=Controls(report=_print),
    ).soft


def _gradients(
    model: GradientModel, llama: LanguageModel, mean: Vector, texts: Sequence[str]
) -> Vector:
    """How each group of messages would move the mean: (groups, k, width)."""
    long = [text for text in texts if len(text) >= SHORTEST][: GROUPS * DRAWN]
    features, rng = _features(long), np.random.default_rng(1)
    found = []
    for group in range(GROUPS):
        drawn = np.arange(group * DRAWN, (group + 1) * DRAWN)
        respect = rng.normal(size=FEATURES)
        alike = drawn[np.argsort(-features[drawn] @ respect)[:ALIKE]]
        objective = _likelihood(llama, [long[int(i)] for i in alike])
        loss, gradient = objective.step(model, mean, range(ALIKE))
        found.append(gradient)
        print(f"group {group + 1} of {GROUPS}: {loss:.3f}")
    return np.array(found)


def _features(texts: Sequence[str]) -> NDArray[np.float64]:
    """Standardized roots of hashed counts of one to three characters: (texts, 512)."""
    counts = np.zeros((len(texts), FEATURES))
    for row, text in enumerate(texts):
        framed = f"^{text}$"
        for length in (1, 2, 3):
            for at in range(len(framed) - length + 1):
                counts[row, zlib.crc32(framed[at : at + length].encode()) % FEATURES] += 1
    roots = np.sqrt(counts / counts.sum(axis=1, keepdims=True))
    standard: NDArray[np.float64] = (roots - roots.mean(axis=0)) / (roots.std(axis=0) + 1e-6)
    return standard


def _directions(gradients: Vector) -> tuple[Vector, list[float]]:
    """
    Principal directions of the steps that Adam would take, and their shares of the variance.

    A number that every group moves strongly is moved less: steps are measured in the root mean
    square of its gradients, as Adam measures them.
    """
    flat = gradients.reshape(len(gradients), -1).astype(np.float64)
    scale = np.sqrt(np.sqrt((flat**2).mean(axis=0)))  # half of it before, half after the rotation
    _, sizes, rows = np.linalg.svd((flat - flat.mean(axis=0)) / scale, full_matrices=False)
    shares = (sizes**2 / (sizes**2).sum())[:COORDINATES]
    # A direction's sign is arbitrary; fix it, so that two machines learn the same basis.
    rows = rows[:COORDINATES]
    rows *= np.sign(rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)])[:, None]
    directions = rows / scale
    # One unit of the first coordinate moves a number by the hundredth that a step of Adam does.
    unit = np.sqrt((directions[0] ** 2).mean()) / 0.01
    spread = np.sqrt(shares / shares[0])[:, None]
    scaled = directions / unit * spread
    return scaled.reshape(-1, *gradients.shape[1:]).astype(np.float32), [float(s) for s in shares]


def _print(progress: TrainingProgress) -> None:
    print(f"step {progress.step} of {progress.steps}: {progress.loss:.3f}")


if __name__ == "__main__":
    main()
