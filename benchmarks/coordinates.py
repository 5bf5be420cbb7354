"""
How much of what a whole soft prompt gains do 48 coordinates keep, and do they make a good start?

For some users of the dev split: bits a byte on later messages with the shipped prior's mean, with
coordinates learned in it, with the whole soft prompt learned as `benchmarks.soft_prompt` does, and
with one epoch of each, as the learner does. All see the same messages as often.
"""

import argparse
import sys
from contextlib import closing
from dataclasses import replace

import numpy as np

from benchmarks.evaluation import add_data, provenance, scorers
from benchmarks.report import Figure, report
from benchmarks.soft_prompt import IN_COORDINATES, SCHEDULE, WATCHED, Learner, Unsaved
from homeward import models, paths
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.prompt_slot import PromptSlot
from homeward.learning.soft_prompt_prior import shipped_prior
from homeward.learning.stages import learn_in_stages
from homeward.learning.trainer import Schedule

PLANS = {"coordinates": (2, 0), "staged": (1, 1), "full": (0, 2)}
"""Epochs in coordinates, and in the full space."""


def measure(args: argparse.Namespace) -> dict[str, Figure]:
    """Bits a byte of each plan, mean over users, and the shares of the full gain."""
    score = scorers(args.data, args.split)
    users = [
        user for user in score.load("dev", "usertext_irc") if len(user["history"]) >= args.messages
    ][:: args.every][: args.users]
    file = models.path(paths.home(), models.DEFAULT_LANGUAGE)
    rows = []
    with closing(open_model(file, EngineSettings(threads=1))) as llama:
        frame = PromptSlot(llama.tokenize("<|im_start|>", special=True), llama.tokenize("\n"))
        prior = shipped_prior()
        learner = Learner(GradientModel.open(file), llama.tokenize, frame, prior, (0, 0))
        for user in users:
            history, tests = user["history"][-args.messages :], user["test"][: args.test_messages]
            learner.groups = dict.fromkeys(tests, tests)
            length = sum(map(score.nbytes, tests))
            states = {"prior": prior.mean}
            for name, (first, second) in PLANS.items():
                states[name] = learn_in_stages(
                    learner.model,
                    learner.likelihood(history),
                    learner.likelihood(history[:WATCHED]),
                    prior,
                    schedules=(_for(IN_COORDINATES, first), _for(SCHEDULE, second)),
                    checkpoints=Unsaved(),
                ).last
            rows.append([sum(map(learner.bits(soft), tests)) / length for soft in states.values()])
            print(user["user"], dict(zip(states, rows[-1], strict=True)), file=sys.stderr)
    means = dict(zip(states, np.mean(rows, axis=0).tolist(), strict=True))
    gain = means["prior"] - means["full"]
    return {
        "share_kept": (means["prior"] - means["coordinates"]) / gain,
        "share_staged": (means["prior"] - means["staged"]) / gain,
        "users": len(rows),
        **provenance(score, model=models.DEFAULT_LANGUAGE),
        **{f"bits_a_byte_{name}": bits for name, bits in means.items()},
    }


def _for(schedule: Schedule, epochs: int) -> Schedule:
    return replace(schedule, epochs=epochs, patience=epochs)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_data(parser)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--users", type=int, default=6)
    parser.add_argument("--every", type=int, default=1, help="take every n-th user")
    parser.add_argument("--messages", type=int, default=120)
    parser.add_argument("--test-messages", type=int, default=60)
    args = parser.parse_args()
    report(measure(args), as_json=args.json)


if __name__ == "__main__":
    main()
