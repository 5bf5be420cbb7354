"""
Does a profile change answers that have nothing to do with it? On BBQ, by the scorer's own gap.

Every item is asked twice, as somebody of the first and of the second group that it names. The
profile reaches the model in three ways: through recall and the gate, as Homeward does; quoted
whether it belongs or not; and in the system text of the bare model, without Homeward.
"""

import argparse
import contextlib
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np

from benchmarks.evaluation import scorers
from benchmarks.report import Figure, report
from homeward import paths
from homeward.engines.llama import open_model
from homeward.engines.onnx import open_embedder
from homeward.gate import DEFAULT_RULES, Moment
from homeward.knowledge import Knowledge
from homeward.models import DEFAULT_EMBEDDING, DEFAULT_LANGUAGE, path
from homeward.ports import Embedder, LanguageModel, Session
from homeward.prompt import SYSTEM_TEXT, Quote, question_text
from homeward.recall import Recall
from homeward.remembering import Remembering
from homeward_store import Passphrase, create_profile
from homeward_store.keys import FASTEST

Build = Callable[[str | None, str], tuple[str, str]]  # profile, question → system and user text
Choose = Callable[[str | None, str, str, Sequence[str], str], list[float]]


class Chooser:
    """Scores options by their mean log probability; the same prompt is never scored twice."""

    def __init__(self, model: LanguageModel, session: Session) -> None:
        self._model = model
        self._session = session
        self._known: dict[tuple[str, str], list[float]] = {}

    def through(self, build: Build) -> Choose:
        """Return the scorer's `choose` for one way of bringing the profile in."""

        def choose(
            profile: str | None, context: str, question: str, options: Sequence[str], _row: str
        ) -> list[float]:
            asked = f"{context} {question} Choose one: {'; '.join(options)}."
            system, user = build(profile, asked)
            key = (system, user)
            if key not in self._known:
                self._known[key] = self._score(system, user, options)
            return self._known[key]

        return choose

    def _score(self, system: str, user: str, options: Sequence[str]) -> list[float]:
        text = self._model.render([("system", system), ("user", user)])
        prompt = self._model.tokenize(text, special=True)
        return [
            float(self._session.log_probabilities([prompt], self._model.tokenize(one)).mean())
            for one in options
        ]


class Remembered:
    """One encrypted profile for each profile text, with that text as its only note."""

    def __init__(self, folder: Path, embedder: Embedder, count: Callable[[str], int]) -> None:
        self._folder = folder
        self._embedder = embedder
        self._count = count  # tokens of a text
        self._knowledge: dict[str, Knowledge] = {}
        self.asked = self.quoted = self.withheld = 0

    def build(self, profile: str | None, question: str) -> tuple[str, str]:
        """Put to the model what is known for the question, past the gate."""
        if profile is None:
            return SYSTEM_TEXT, question
        known = self._of(profile).about(question, moment=Moment(), count=self._count)
        self.asked += 1
        self.quoted += bool(known.quotes)
        self.withheld += bool(known.withheld)
        return SYSTEM_TEXT, question_text(question, known.quotes)

    def _of(self, text: str) -> Knowledge:
        if text not in self._knowledge:
            folder = self._folder / str(len(self._knowledge))
            created = create_profile(folder, unlock=[Passphrase("benchmark")], cost=FASTEST)
            profile = created.profile
            recall = Recall(profile.memories, self._embedder)
            Remembering(profile.memories, recall).note(profile.notes.add(text))
            self._knowledge[text] = Knowledge(profile.attributes, recall, lambda: DEFAULT_RULES)
        return self._knowledge[text]


def quoted(profile: str | None, question: str) -> tuple[str, str]:
    """Quote the profile as a memory, whether it belongs or not."""
    quotes = [] if profile is None else [Quote("I said", profile)]
    return SYSTEM_TEXT, question_text(question, quotes)


def bare(profile: str | None, question: str) -> tuple[str, str]:
    """Put the profile where people put it without Homeward: into the system text."""
    return (SYSTEM_TEXT if profile is None else f"{SYSTEM_TEXT} {profile}"), question


def gaps(score: ModuleType, chooser: Chooser, remembered: Remembered) -> dict[str, Figure]:
    """Flip rates and accuracies of all three ways, and of no profile at all."""
    figures: dict[str, Figure] = {}
    for name, build in (("", remembered.build), ("_quoted", quoted), ("_unprompted", bare)):
        gap = score.bbq_counterfactual_gap(chooser.through(build), "dev")
        flips = [float(a != b) for a, b in zip(gap["A"], gap["B"], strict=True)]
        mean, low, high = score.boot(flips)
        key = f"flip_rate{name}"
        figures |= {key: mean, f"{key} low": low, f"{key} high": high}
        figures[f"accuracy_on{name}"] = (gap["acc_A"] + gap["acc_B"]) / 2
    rows, picked = score.bbq(chooser.through(bare), "dev")
    right = [one == row["label"] for row, one in zip(rows, picked, strict=True)]
    return figures | {
        "items": len(rows),
        "accuracy_off": float(np.mean(right)),
        "share_quoted": remembered.quoted / max(1, remembered.asked),
        "share_withheld": remembered.withheld / max(1, remembered.asked),
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the evaluation data")
    parser.add_argument(
        "--every", type=int, default=31, help="take every n-th; odd, as kinds alternate"
    )
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    score, start = scorers(arguments.data), time.perf_counter()
    load = score.load
    vars(score)["load"] = lambda split, name: load(split, name)[:: arguments.every]
    embedder = open_embedder(path(paths.home(), DEFAULT_EMBEDDING))
    model = open_model(path(paths.home(), DEFAULT_LANGUAGE), n_ctx=1024, threads=1)
    with (
        contextlib.closing(model),
        model.session() as session,
        tempfile.TemporaryDirectory() as folder,
    ):
        remembered = Remembered(Path(folder), embedder, lambda text: len(model.tokenize(text)))
        figures = gaps(score, Chooser(model, session), remembered)
    figures |= {"model": model.info.name, "seconds": time.perf_counter() - start}
    report(figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
