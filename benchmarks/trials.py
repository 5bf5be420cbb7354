"""
Does the trial of taste switch on what helps? Made-up tastes, real replies, the real model.

One encrypted profile for each taste, with 40 choices between replies of the default model, a tenth
of them slips; and some whose person chooses by a coin. Nothing that wins for a coin is right. With
`--examples` the model also reads each held-back choice four times (minutes a profile).
"""

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.report import Figure, report
from benchmarks.style_replies import pool
from benchmarks.style_tastes import QUESTIONS, TASTES, Taste
from homeward import paths
from homeward.assistant import Assistant
from homeward.conversation.best_of_n import DRAFTING
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.engines.onnx import open_embedder
from homeward.models import DEFAULT_EMBEDDING, DEFAULT_LANGUAGE, path
from homeward.ports import LanguageModel
from homeward.settings import ModelLoaders
from homeward.taste import Example, TasteTrial, try_taste
from homeward_store import Category, Passphrase, Purpose, create_profile
from homeward_store.keys.key_derivation import FASTEST

_CHOICES, _SLIPS = 40, 0.1
_COINS = ("coin", "coin 2", "coin 3", "coin 4")
_NOW = partial(datetime.now, UTC)
_SOME = ("brief", "lists", "lively", "plain words")


def choose(
    me: Assistant, replies: Sequence[Sequence[str]], taste: Taste | None, *, seed: int
) -> None:
    """Let a person choose between two replies to one question, again and again."""
    rng = np.random.default_rng(seed)
    for at in rng.permutation(np.arange(_CHOICES) % len(QUESTIONS)):
        first, second = rng.choice(len(replies[at]), 2, replace=False)
        pair = [replies[at][first], replies[at][second]]
        if pair[0] == pair[1]:
            continue
        slips = rng.random() < (_SLIPS if taste else 0.5)
        if taste is not None:
            pair.sort(key=taste, reverse=True)
        chosen, rejected = reversed(pair) if slips else pair
        me.prefer(QUESTIONS[at], chosen=chosen, rejected=rejected)


class Unread:
    """A trial's reader that has no opinion of its own: examples change nothing."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    def reads(self, _asked: str, _replied: str, _examples: Sequence[Example]) -> float:
        """Return that every reply is as likely."""
        return 0.0

    def beginning(self, replied: str) -> str:
        """Return what a draft of this reply would be."""
        return self._model.detokenize(self._model.tokenize(replied)[: DRAFTING.ahead])


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replies", type=Path, help="keep the pool of replies in this file")
    parser.add_argument("--examples", action="store_true", help="also try examples")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    embedder = open_embedder(path(paths.home(), DEFAULT_EMBEDDING))
    figures: dict[str, Figure] = {}
    with contextlib.closing(
        open_model(path(paths.home(), DEFAULT_LANGUAGE), EngineSettings(threads=1))
    ) as model:
        replies = pool(model, keep=arguments.replies)
        names = (*_SOME, "coin") if arguments.examples else (*TASTES, *_COINS)
        for seed, name in enumerate(names):
            with tempfile.TemporaryDirectory() as folder:
                unlock = [Passphrase("benchmark")]
                profile = create_profile(Path(folder) / "p", unlock=unlock, cost=FASTEST).profile
                profile.consent.grant(Purpose.LEARN, Category.CHOICES, shown="benchmark")
                me = Assistant(profile, ModelLoaders(lambda: model, lambda: embedder))
                choose(me, replies, TASTES.get(name), seed=seed)
                if arguments.examples:
                    trial = me.taste.trial()
                else:
                    trial = try_taste(me.taste, Unread(model), model_sha256="", now=_NOW)
                figures |= _told(name, trial)
                profile.close()
            print(name, file=sys.stderr)
    wins = [bool(figures[f"{name} drafts wins"]) for name in TASTES if f"{name} drafts" in figures]
    report(figures | {"tastes that win": sum(wins)}, as_json=arguments.json)


def _told(name: str, trial: TasteTrial) -> dict[str, Figure]:
    told: dict[str, Figure] = {}
    for use, verdict in (("examples", trial.examples), ("drafts", trial.drafts)):
        key = f"{name} {use}"
        told |= {key: verdict.gain, f"{key} low": verdict.low, f"{key} wins": int(verdict.wins)}
    return told


if __name__ == "__main__":
    main()
