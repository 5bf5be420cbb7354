"""
What of a learned style fits into 48 coordinates, and is it a better start for somebody else?

Users of the dev split learn as `homeward learn` does, from their newest messages. `length` is that
of their coordinates, `kept` the share of the way from the shipped mean that lies along the 48
directions, `common` how alike the coordinates are (1: all the same). Then later messages of each
user are read after the shipped mean, and after the mean of the *other* users' coordinates, without
noise: what a federation could at best give back. They stand where `homeward learn` puts them.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.evaluation import provenance, scorers
from benchmarks.report import Figure, report
from homeward import models, paths
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.packing import TrainingExample
from homeward.learning.gradients.prompt_slot import PromptSlot
from homeward.learning.objectives import Likelihood
from homeward.learning.soft_prompt_prior import shipped_prior
from homeward.personalization.soft_prompt_training import TRAINED_IN, train_soft_prompt
from homeward.personalization.training_examples import training_examples
from homeward.ports import LanguageModel, Vector
from homeward.prompting.prompt_builder import PromptBuilder
from homeward_store import Category, Passphrase, Profile, Purpose, create_profile
from homeward_store.keys.key_derivation import FASTEST


@contextmanager
def profile_of(texts: list[str]) -> Iterator[Profile]:
    """A profile with these writings, which may be learned from."""
    with TemporaryDirectory() as folder:
        unlock = [Passphrase("a passphrase for a while")]
        profile = create_profile(Path(folder) / "p", unlock=unlock, cost=FASTEST).profile
        with closing(profile):
            profile.consent.grant(
                Purpose.LEARN, Category.WRITINGS, Category.CHOICES, shown="May it?"
            )
            for text in texts:
                profile.writings.add(text)
            yield profile


def learned(texts: list[str], llama: LanguageModel, model: GradientModel) -> Vector:
    """The soft prompt that a profile with these writings comes to."""
    with profile_of(texts) as profile:
        state = train_soft_prompt(profile, llama, PromptBuilder.of(llama), lambda: model).state
    print("curve", [round(loss, 3) for loss in state.record.curve], file=sys.stderr)
    return state.soft.vectors


def likelihood(texts: list[str], llama: LanguageModel) -> Likelihood:
    """The texts where `homeward learn` would put them."""
    prompts = PromptBuilder.of(llama)
    with profile_of(texts) as profile:
        found = list(training_examples(profile, llama.tokenize, prompts))
    frame = PromptSlot(*prompts.around_soft_prompt(TRAINED_IN))
    return Likelihood(
        frame, [TrainingExample(one.context + one.tokens, len(one.context)) for one in found]
    )


def measure(args: argparse.Namespace) -> dict[str, Figure]:
    """Learn each user, then try each on what the others came to."""
    score = scorers(args.data)
    everyone = score.load("dev", "usertext_irc")
    users: list[dict[str, Any]] = [
        user for user in everyone if len(user["history"]) >= args.messages
    ][: args.users]
    file, prior = models.path(paths.home(), models.DEFAULT_LANGUAGE), shipped_prior()
    with closing(open_model(file, EngineSettings(threads=1))) as llama:
        model = GradientModel.open(file)
        softs = [learned(user["history"][-args.messages :], llama, model) for user in users]
        found = np.array([prior.coordinates(soft) for soft in softs])
        gains = []
        for at, user in enumerate(users):
            others = prior.soft(np.delete(found, at, axis=0).mean(axis=0))
            tests = likelihood(user["test"][: args.test_messages], llama)
            plain, shared = (
                float(tests.losses(model, soft, range(len(tests.examples))).mean())
                for soft in (prior.mean, others)
            )
            gains.append(plain - shared)
            print(user["user"], plain, shared, file=sys.stderr)
    ways = [float(np.linalg.norm(soft - prior.mean)) for soft in softs]
    along = [float(np.linalg.norm(prior.soft(one) - prior.mean)) for one in found]
    lengths = np.linalg.norm(found, axis=1)
    return {
        "length": float(np.median(lengths)),
        "length_least": float(lengths.min()),
        "length_largest": float(lengths.max()),
        "kept": float(np.mean(np.array(along) / np.array(ways))),
        "common": float(np.linalg.norm(found.mean(axis=0)) / lengths.mean()),
        "gain_nats": float(np.mean(gains)),
        "users_who_gain": float(np.mean(np.array(gains) > 0)),
        "users": len(users),
        **provenance(score, model=models.DEFAULT_LANGUAGE),
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--users", type=int, default=4)
    parser.add_argument("--messages", type=int, default=36)
    parser.add_argument("--test-messages", type=int, default=16)
    args = parser.parse_args()
    report(measure(args), as_json=args.json)


if __name__ == "__main__":
    main()
