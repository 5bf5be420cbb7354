"""
What a soft prompt learns of a person: IRC users' own later messages, and what it gives away.

Specificity is the bits a byte that a user's own soft prompt saves against another user's, on the
user's later messages (the scorer's `user_text`). Membership is how well an attacker who sees losses
tells messages that were learned from other messages of the same user (the scorer's `membership`).
Both are of states learned in the same way, from the same population prior.
"""

import argparse
import hashlib
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.evaluation import scorers
from benchmarks.report import Figure, report
from homeward import models, paths
from homeward.engines.llama import open_model
from homeward.learning.frame import Frame
from homeward.learning.gradient import GradientModel
from homeward.learning.learner import Schedule, learn
from homeward.learning.objectives import Likelihood
from homeward.learning.packing import Example
from homeward.learning.trial import newest
from homeward.ports import LanguageModel, Vector

AT_ONCE = 40  # texts in one forward pass
LONGEST = 96  # tokens of a message; a few paste whole logs
HELD_BACK = 0.1  # printed, and no more: so few messages cannot choose between epochs
SCHEDULE = Schedule(epochs=2, patience=2, tokens_per_step=160, rate=0.01, pull=0.02)


class Unsaved:
    """Checkpoints that are thrown away: a benchmark starts anew."""

    def load(self) -> bytes | None:
        """Nothing was saved."""
        return None

    def save(self, state: bytes) -> None:
        """Forget it."""


def message(text: str, tokens: Callable[[str], tuple[int, ...]]) -> Example:
    """A message as it is learned and scored: its tokens and the line's end."""
    return Example(tokens(text)[: LONGEST - 1] + tokens("\n"))


@dataclass
class Learner:
    """Learns histories, each once, and scores texts in groups."""

    model: GradientModel
    tokens: Callable[[str], tuple[int, ...]]
    frame: Frame
    prior: Vector
    schedule: Schedule
    messages: int
    groups: dict[str, Sequence[str]] = field(default_factory=dict)  # text → those asked with it
    states: dict[str, Vector] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def likelihood(self, texts: Sequence[str]) -> Likelihood:
        """The objective of some messages."""
        return Likelihood(self.frame, [message(text, self.tokens) for text in texts])

    def state(self, history: Sequence[str]) -> Vector:
        """The soft prompt of the newest messages of a history."""
        used = list(history[-self.messages :])
        key = hashlib.sha256("\0".join(used).encode()).hexdigest()
        if key not in self.states:
            older, held = newest(len(used), HELD_BACK)
            began = process_time()
            learned = learn(
                self.model,
                self.likelihood([used[i] for i in older]),
                self.likelihood([used[i] for i in held]),
                self.prior,
                schedule=self.schedule,
                checkpoints=Unsaved(),
            )
            self.seconds.append(process_time() - began)
            self.states[key] = learned.last
            curve = " ".join(f"{loss:.3f}" for loss in learned.curve)
            print(f"{len(used)} messages, {self.seconds[-1]:.1f} s: {curve}", file=sys.stderr)
        return self.states[key]

    def bits(self, soft: Vector) -> Callable[[str], float]:
        """Code length of a text in bits; a whole group is scored when its first text is asked."""
        known: dict[str, float] = {}

        def score(text: str) -> float:
            if text not in known:
                group = self.groups.get(text, [text])
                for start in range(0, len(group), AT_ONCE):
                    some = list(group[start : start + AT_ONCE])
                    examples = [message(one, self.tokens) for one in some]
                    around = self.frame.around(self.model, soft)
                    run = self.model.run(around, examples, learn=False)
                    nats = np.bincount(run.packed.owners, -run.log_probabilities())
                    known.update(zip(some, nats / np.log(2), strict=True))
            return float(known[text])

        return score


def measure(data: Path | None, args: argparse.Namespace) -> dict[str, Figure]:
    """Run the scorers on the first users of the dev split."""
    score = scorers(data)
    # Equal histories, so that the scorer asks for each user's state as own and as other's.
    everyone = [
        user | {"history": user["history"][-args.messages :], "whole": user}
        for user in score.load("dev", "usertext_irc")
        if len(user["history"]) >= args.messages
    ]
    users = everyone[args.first : args.first + args.users]
    vars(score)["load"] = lambda *_: users
    file = models.path(paths.home(), models.DEFAULT_LANGUAGE)
    with closing(open_model(file, threads=1)) as llama:
        learner = _learner(llama, file, args)
        for user in users:
            texts = user["test"][: args.test_messages]
            learner.groups.update(dict.fromkeys(texts, texts))
        return _specificity(score, learner, args) | _membership(score, learner, users, args)


def _learner(llama: LanguageModel, file: Path, args: argparse.Namespace) -> Learner:
    model = GradientModel.open(file)
    begin = llama.tokenize("<|im_start|>", special=True)
    prior = np.load(args.prior).astype(np.float32)
    return Learner(
        model=model,
        tokens=llama.tokenize,
        frame=Frame(begin, llama.tokenize("\n")),
        prior=prior[: args.virtual_tokens],
        schedule=SCHEDULE,
        messages=args.messages,
    )


def _specificity(
    score: ModuleType, learner: Learner, args: argparse.Namespace
) -> dict[str, Figure]:
    nothing = np.empty((0, learner.model.architecture.width), np.float32)

    def adapt(history: Sequence[str]) -> Callable[[str], float]:
        return learner.bits(learner.state(history) if history else nothing)

    rows = score.user_text(adapt, "dev", max_test=args.test_messages)
    for row in rows:
        print(row, file=sys.stderr)
    mean, low, high = score.boot([row["specificity"] for row in rows])
    gain, _, _ = score.boot([row["gain"] for row in rows])
    return {
        "specificity": mean,
        "specificity_low": low,
        "specificity_high": high,
        "gain": gain,
        "users": len(rows),
        "messages": learner.messages,
        "virtual_tokens": len(learner.prior),
        "seconds_per_user": float(np.median(learner.seconds)),
    }


def _membership(
    score: ModuleType, learner: Learner, users: Sequence[dict[str, Any]], args: argparse.Namespace
) -> dict[str, Figure]:
    halves = [_newest_half(user["whole"], args.messages) for user in users[: args.membership_users]]
    vars(score)["load"] = lambda *_: halves
    for half in halves:
        texts = list(half["history"])
        learner.groups.update(dict.fromkeys(texts, texts))
    found = {}
    nothing = np.empty((0, learner.model.architecture.width), np.float32)
    for name, without in {"": learner.prior, "_from_bare_model": nothing}.items():

        def adapt(history: Sequence[str], without: Vector = without) -> Callable[[str], float]:
            return learner.bits(learner.state(history) if history else without)

        result = score.membership(adapt, "dev")
        found[f"membership_auroc{name}"] = result["auc_calibrated"]
        found[f"membership_tpr{name}"] = result["tpr@1%fpr"]
        found["membership_auroc_loss"] = result["auc_loss"]
    return found


def _newest_half(user: dict[str, Any], messages: int) -> dict[str, Any]:
    """The user with so little history that every member message is learned from."""
    outside = set(user["mia_nonmember"])
    inside = [i for i in range(len(user["history"])) if i not in outside][-messages:]
    start = inside[0]
    return user | {
        "history": user["history"][start:],
        "mia_nonmember": [i - start for i in sorted(outside) if i >= start],
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="users to pass over")
    parser.add_argument("--membership-users", type=int, default=20)
    parser.add_argument("--messages", type=int, default=90, help="newest ones learned from")
    parser.add_argument("--test-messages", type=int, default=100)
    parser.add_argument("--virtual-tokens", type=int, default=16)
    parser.add_argument("--prior", type=Path, required=True, help="made by `benchmarks.population`")
    args = parser.parse_args()
    report(measure(args.data, args), as_json=args.json)


if __name__ == "__main__":
    main()
