"""
What a soft prompt learns of a person: IRC users' own later messages, and what it gives away.

Specificity is the bits a byte that a user's own soft prompt saves against another user's, on the
user's later messages (the scorer's `user_text`). Membership is how well an attacker who sees losses
tells messages that were learned from other messages of the same user (the scorer's `membership`:
loss less that of the bare model). `membership_auroc_from_prior` is of a stronger attack that the
scorer does not know: less the loss at the prior where learning began, which every install has. All
states are learned in the same way, from the shipped prior.
"""

import argparse
import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from time import process_time
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.evaluation import add_data, provenance, scorers
from benchmarks.report import Figure, report
from homeward import models, paths
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.learning.gradients.gradient import GradientModel
from homeward.learning.gradients.packing import TrainingExample
from homeward.learning.gradients.prompt_slot import PromptSlot
from homeward.learning.objectives import Likelihood
from homeward.learning.soft_prompt_prior import SoftPromptPrior, shipped_prior
from homeward.learning.stages import learn_in_stages
from homeward.learning.trainer import Schedule
from homeward.ports import Vector

AT_ONCE = 40  # texts in one forward pass
LONGEST = 96  # tokens of a message; a few paste whole logs
WATCHED = 8  # messages whose loss is printed; all epochs are made, whatever it says
# A coordinate's unit is what people differ by, so its rate is larger than a virtual token's.
IN_COORDINATES = Schedule(
    epochs=1, patience=1, tokens_per_step=240, rate=0.15, cooling=0.5, pull=0.0, averaged=0.8
)
SCHEDULE = replace(IN_COORDINATES, epochs=2, patience=2, rate=0.02, averaged=0.9)
FEWEST_STEPS = 4  # few messages are learned from again and again, until so many steps are made


class Unsaved:
    """Checkpoints that are thrown away: a benchmark starts anew."""

    def load(self) -> bytes | None:
        """Nothing was saved."""
        return None

    def save(self, state: bytes) -> None:
        """Forget it."""


def message(
    text: str, tokens: Callable[[str], tuple[int, ...]], longest: int | None = LONGEST
) -> TrainingExample:
    """A message as it is learned: its tokens and the line's end; scored, it is not shortened."""
    return TrainingExample(tokens(text)[: longest and longest - 1] + tokens("\n"))


@dataclass
class Learner:
    """Learns histories, each once, and scores texts in groups."""

    model: GradientModel
    tokens: Callable[[str], tuple[int, ...]]
    frame: PromptSlot
    prior: SoftPromptPrior
    epochs: tuple[int, int]  # in coordinates, and in the full space
    groups: dict[str, Sequence[str]] = field(default_factory=dict)  # text → those asked with it
    states: dict[str, Vector] = field(default_factory=dict)  # by the texts learned from
    known: dict[tuple[bytes, str], float] = field(default_factory=dict)  # bits, by state and text
    seconds: list[float] = field(default_factory=list)

    def group(self, sets: Sequence[Sequence[str]]) -> None:
        """Score each set's texts together; one that several sets hold is scored alone."""
        owners = Counter(text for texts in sets for text in set(texts))
        for texts in sets:
            own = [text for text in dict.fromkeys(texts) if owners[text] == 1]
            self.groups.update(dict.fromkeys(own, own))

    def likelihood(self, texts: Sequence[str]) -> Likelihood:
        """The objective of some messages."""
        return Likelihood(self.frame, [message(text, self.tokens) for text in texts])

    def schedules(self, tokens: int) -> tuple[Schedule, Schedule]:
        """What a history of so many tokens is learned by."""
        fewest = -(-FEWEST_STEPS * IN_COORDINATES.tokens_per_step // tokens)
        first, second = (epochs and max(epochs, fewest) for epochs in self.epochs)
        return (
            replace(IN_COORDINATES, epochs=first, patience=first),
            replace(SCHEDULE, epochs=second, patience=second),
        )

    def state(self, history: Sequence[str]) -> Vector:
        """The soft prompt of a history."""
        key = hashlib.sha256("\0".join(history).encode()).hexdigest()
        if key not in self.states:
            began, objective = process_time(), self.likelihood(history)
            learned = learn_in_stages(
                self.model,
                objective,
                self.likelihood(history[:WATCHED]),
                self.prior,
                schedules=self.schedules(sum(objective.sizes)),
                checkpoints=Unsaved(),
            )
            self.seconds.append(process_time() - began)
            self.states[key] = learned.last
            curve = " ".join(f"{loss:.3f}" for loss in learned.curve)
            print(f"{len(history)} messages, {self.seconds[-1]:.1f} s: {curve}", file=sys.stderr)
        return self.states[key]

    def bits(self, soft: Vector) -> Callable[[str], float]:
        """Code length of a text in bits; a whole group is scored when its first text is asked."""
        state = soft.tobytes()

        def score(text: str) -> float:
            if (state, text) not in self.known:
                group = self.groups.get(text, [text])
                for start in range(0, len(group), AT_ONCE):
                    self._score(soft, group[start : start + AT_ONCE])
            return self.known[state, text]

        return score

    def _score(self, soft: Vector, texts: Sequence[str]) -> None:
        examples = [message(text, self.tokens, None) for text in texts]
        run = self.model.run(self.frame.around(self.model, soft), examples, learn=False)
        bits = np.bincount(run.packed.owners, -run.log_probabilities()) / np.log(2)
        state = soft.tobytes()
        self.known.update(((state, text), float(n)) for text, n in zip(texts, bits, strict=True))


def measure(args: argparse.Namespace) -> dict[str, Figure]:
    """Run the scorers on the first users of the dev split whose history is long enough."""
    score = scorers(args.data, args.split)
    everyone = score.load("dev", "usertext_irc")
    lengths = sorted((len(user["history"]) for user in everyone), reverse=True)
    least = min(args.history, lengths[min(args.users, len(lengths)) - 1])
    messages = min(args.messages, least)
    # Equal histories, so that the scorer asks for each user's state as own and as other's.
    users = [
        user | {"history": user["history"][-messages:], "whole": user}
        for user in everyone
        if len(user["history"]) >= least
    ][: args.users]
    vars(score)["load"] = lambda *_: users
    file = models.path(paths.home(), models.DEFAULT_LANGUAGE)
    with closing(open_model(file, EngineSettings(threads=1))) as llama:
        frame = PromptSlot(llama.tokenize("<|im_start|>", special=True), llama.tokenize("\n"))
        prior, model = shipped_prior(), GradientModel.open(file)
        epochs = (args.coordinate_epochs, args.epochs)
        learner = Learner(model, llama.tokenize, frame, prior, epochs)
        found = _specificity(score, learner, users, args.test_messages)
        found |= {"messages": messages, "virtual_tokens": len(prior.mean)}
        found |= {"seconds_per_user": float(np.median(learner.seconds))}
        if args.membership_users:
            found |= _membership(score, learner, users[: args.membership_users], messages)
        return found | provenance(score, model=models.DEFAULT_LANGUAGE)


def _specificity(
    score: ModuleType, learner: Learner, users: Sequence[dict[str, Any]], test_messages: int
) -> dict[str, Figure]:
    learner.group([user["test"][:test_messages] for user in users])
    nothing = np.empty((0, learner.model.architecture.width), np.float32)

    def adapt(history: Sequence[str]) -> Callable[[str], float]:
        return learner.bits(learner.state(history) if history else nothing)

    rows = score.user_text(adapt, "dev", max_test=test_messages)
    for row in rows:
        print(row, file=sys.stderr)
    mean, low, high = score.boot([row["specificity"] for row in rows])
    return {
        "specificity": mean,
        "specificity_low": low,
        "specificity_high": high,
        "specificity_median": float(np.median([row["specificity"] for row in rows])),
        "gain": score.boot([row["gain"] for row in rows])[0],
        "users": len(rows),
    }


def _membership(
    score: ModuleType, learner: Learner, users: Sequence[dict[str, Any]], messages: int
) -> dict[str, Figure]:
    halves = [_newest_half(user["whole"], messages) for user in users]
    learner.group([half["history"] for half in halves])
    nothing = np.empty((0, learner.model.architecture.width), np.float32)
    found: dict[str, Figure] = {"membership_users": len(halves)}
    for name, without in {"": nothing, "_from_prior": learner.prior.mean}.items():

        def adapt(history: Sequence[str], without: Vector = without) -> Callable[[str], float]:
            return learner.bits(learner.state(history) if history else without)

        vars(score)["load"] = lambda *_: halves
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
    add_data(parser)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--membership-users", type=int, default=20)
    parser.add_argument("--messages", type=int, default=200, help="newest ones learned from")
    parser.add_argument("--history", type=int, default=200, help="that users have, if enough do")
    parser.add_argument("--coordinate-epochs", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=SCHEDULE.epochs, help="in the full space")
    parser.add_argument("--test-messages", type=int, default=60)
    args = parser.parse_args()
    report(measure(args), as_json=args.json)


if __name__ == "__main__":
    main()
