"""
A text profile of about 300 tokens distilled into virtual tokens: what of its effect is kept.

The teacher is the model with the profile in its system text; the student has a soft prompt instead.
Taught on one way of asking after each attribute, tried on another: mean log-probability of the true
answer's tokens without profile, with the profile in context, and with the soft prompt.
"""

import argparse
from collections.abc import Sequence
from contextlib import closing
from time import process_time

import numpy as np

from benchmarks.first_token import ATTRIBUTES
from benchmarks.report import Figure, report, show_progress
from benchmarks.soft_prompt import Unsaved
from homeward import models, paths
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.learning.controls import Controls
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.packing import TrainingExample
from homeward.learning.gradients.prompt_slot import PromptSlot
from homeward.learning.objectives import Distillation, Likelihood, soft_targets
from homeward.learning.trainer import Schedule, train
from homeward.ports import LanguageModel, SoftPrompt, Vector
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.prompting.prompt_content import PrefixContent

TAUGHT = ("What is my {key}?", "Say something about my {key}.")
STOPPING = ("Remind me of my {key}.",)
TRIED = ("Tell me about my {key}.", "What do you know about my {key}?")


def measure(virtual_tokens: int, epochs: int) -> dict[str, Figure]:
    """Teach, and compare the three prefixes on the questions that were not taught."""
    file = models.path(paths.home(), models.DEFAULT_LANGUAGE)
    with closing(open_model(file, EngineSettings(threads=1))) as llama:
        model, prompts = GradientModel.open(file), PromptBuilder.of(llama)
        told = PrefixContent(facts=tuple(ATTRIBUTES.items()))
        plain = PromptSlot(*prompts.around_soft_prompt(PrefixContent()))
        full = PromptSlot(*prompts.around_soft_prompt(told))
        profile = llama.tokenize(told.text)
        context = model.embed(full.before + full.after)
        began = process_time()
        learned = train(
            model,
            Distillation(plain, soft_targets(model, context, _examples(prompts, TAUGHT))),
            Distillation(plain, soft_targets(model, context, _examples(prompts, STOPPING))),
            model.embed(profile[-virtual_tokens:]),
            schedule=Schedule(epochs=epochs, patience=3, tokens_per_step=256, rate=0.01, pull=0.0),
            checkpoints=Unsaved(),
            controls=Controls(report=show_progress),
        )
        seconds = process_time() - began
        tried = Likelihood(plain, _examples(prompts, TRIED))
        nothing = np.empty((0, model.architecture.width), np.float32)
        off, on = _nats(model, tried, nothing), _nats(model, tried, learned.soft)
        there = Likelihood(full, tried.examples)
        in_context = _nats(model, there, nothing)
        saved = len(profile) - len(llama.tokenize(PrefixContent().text)) - virtual_tokens
        return {
            "share_kept": (off - on) / (off - in_context),
            "nats_off": off,
            "nats_in_context": in_context,
            "nats_soft_prompt": on,
            "virtual_tokens": virtual_tokens,
            "tokens_saved": saved,
            "cpu_seconds": seconds,
            "prefix_cpu_seconds_in_context": _decode(llama, [context]),
            "prefix_cpu_seconds_soft_prompt": _decode(llama, [plain.around(model, learned.soft)]),
        }


def _examples(prompts: PromptBuilder, ways: Sequence[str]) -> list[TrainingExample]:
    found = []
    for way in ways:
        for key, value in ATTRIBUTES.items():
            asked = prompts.asked(way.format(key=key))
            answer = prompts.reply(f"Your {key}: {value}.")
            found.append(TrainingExample(asked + answer, start=len(asked)))
    return found


def _nats(model: GradientModel, tried: Likelihood, soft: Vector) -> float:
    """Mean over the answers' tokens."""
    losses = tried.losses(model, soft, range(len(tried.examples)))
    counts = np.array([example.scored for example in tried.examples])
    return float((losses * counts).sum() / counts.sum())


def _decode(llama: LanguageModel, prefix: Sequence[Vector]) -> float:
    segments = [SoftPrompt(vectors, sha256="0" * 64) for vectors in prefix]
    with llama.session() as session:
        began = process_time()
        session.feed(segments)
        return process_time() - began


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--virtual-tokens", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=12)
    args = parser.parse_args()
    report(measure(args.virtual_tokens, args.epochs), as_json=args.json)


if __name__ == "__main__":
    main()
