"""
Learns the prior that `benchmarks.soft_prompt` starts every user from: what IRC is like at large.

One pass over messages of users who are in neither split. Writes (virtual tokens, width) float32 as
.npy. The messages are Kummerfeld et al. 2019's, CC BY 4.0; the file is derived from them.
"""

import argparse
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks.evaluation import scorers
from benchmarks.report import report
from benchmarks.soft_prompt import Unsaved, message
from homeward import models, paths
from homeward.engines.llama import open_model
from homeward.learning.controls import Controls, Progress
from homeward.learning.frame import Frame
from homeward.learning.gradient import GradientModel
from homeward.learning.learner import Schedule, learn
from homeward.learning.objectives import Likelihood

HELD_BACK = 64
START = "The following are messages from an Ubuntu IRC channel, by one user: "
SCHEDULE = Schedule(epochs=1, patience=1, tokens_per_step=448, rate=0.01, pull=0.0)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--virtual-tokens", type=int, default=16)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    rows = scorers(args.data).load("dev", "usertext_irc_background")
    order = np.random.default_rng(0).permutation(len(rows))[: args.messages + HELD_BACK]
    file = models.path(paths.home(), models.DEFAULT_LANGUAGE)
    with closing(open_model(file, threads=1)) as llama:
        model = GradientModel.open(file)
        begin = llama.tokenize("<|im_start|>", special=True)
        frame = Frame(begin, llama.tokenize("\n"))
        texts = [message(rows[int(i)]["text"], llama.tokenize) for i in order]
        learned = learn(
            model,
            Likelihood(frame, texts[HELD_BACK:]),
            Likelihood(frame, texts[:HELD_BACK]),
            model.embed(llama.tokenize(START)[: args.virtual_tokens]),
            schedule=SCHEDULE,
            checkpoints=Unsaved(),
            controls=Controls(report=_print),
        )
    np.save(args.out, learned.soft)
    before, after = learned.curve[0], learned.curve[-1]
    report({"held_back_before": before, "held_back_after": after}, as_json=args.json)


def _print(progress: Progress) -> None:
    print(f"step {progress.step} of {progress.steps}: {progress.loss:.3f}")


if __name__ == "__main__":
    main()
