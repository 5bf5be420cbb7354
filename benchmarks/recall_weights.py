"""
Learning how much each signal of recall counts, and what tells a sure ranking from an unsure one.

`recall/weights.py` and `recall/confidence.py` hold what this prints.
Listwise logistic regression on one set's development data, by conversation: figures are of
conversations that were left out, the printed tables of all. Texts stay where they are; what is
learned is a number a signal. `--without` leaves signals out, to see what each is worth.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.evaluation import add_data, provenance, scorers
from benchmarks.recall import Corpora
from benchmarks.report import Figure, report
from homeward import paths
from homeward.engines.onnx import open_embedder
from homeward.memory.recall import DEFAULT
from homeward.memory.recall.confidence import FACTS, facts
from homeward.memory.recall.feature_weights import BETWEEN_PEOPLE, OWN_WORDS
from homeward.memory.recall.features import NAMES, signals
from homeward.memory.recall.query import parse_query
from homeward.models import DEFAULT_EMBEDDING, path

Floats = NDArray[np.float64]
TABLES = {"locomo": BETWEEN_PEOPLE, "beam": OWN_WORDS}
_FOLDS, _SEEDS = 5, 3
_TOP = 5
_MOST_STEPS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """
    A question with its candidates' signals.

    Shapes:
        seen: (n, len(NAMES)); right: (n,), 1 for what answers it.
    """

    conversation: str
    answerable: bool
    seen: Floats
    right: Floats
    wanted: int  # how many answers there are, found or not

    def recall(self, scores: Floats) -> float:
        """The share of the answers among the best five."""
        best = np.argsort(-scores, kind="stable")[:_TOP]
        return float(self.right[best].sum() / self.wanted)


def collect(score: ModuleType, corpora: Corpora, name: str) -> list[Asked]:
    """Ask every question of a set in a real profile; keep its signals."""
    items = {one["corpus"]: one["items"] for one in score.load("dev", f"memret_{name}_corpus")}
    by: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for question in score.load("dev", f"memret_{name}_queries"):
        by[question["corpus"]].append(question)
    found = []
    for conversation, questions in by.items():
        recall, ids = corpora.profile(items[conversation])
        for one in questions:
            asked, gold = parse_query(one["question"]), set(one["gold"])
            candidates = recall.candidates(asked)
            right = np.array([ids[each.memory.id] in gold for each in candidates], float)
            seen = signals(asked, candidates)
            found.append(Asked(conversation, one["answerable"], seen, right, len(gold)))
        print(f"{conversation}: {len(questions)} questions", file=sys.stderr)
    return found


def listwise(questions: Sequence[Asked], columns: Sequence[int], *, ridge: float) -> Floats:
    """
    Weights that make what answers a question the likeliest of its candidates: (len(columns),).

    Newton's method on Σ log softmax, less ridge / 2 · |w|²; every question counts once.
    """
    told = [one for one in questions if one.right.any()]
    seen = np.concatenate([one.seen[:, columns] for one in told])
    target = np.concatenate([one.right / one.right.sum() for one in told])
    starts = np.cumsum([0, *(len(one.right) for one in told[:-1])])
    owner = np.repeat(np.arange(len(told)), [len(one.right) for one in told])

    def shares(weights: Floats) -> tuple[float, Floats]:
        scores = seen @ weights
        scores -= np.maximum.reduceat(scores, starts)[owner]
        total = np.add.reduceat(np.exp(scores), starts)
        loss = np.log(total).sum() - target @ scores + ridge / 2 * weights @ weights
        return float(loss), np.exp(scores) / total[owner]

    def slope(weights: Floats, share: Floats) -> tuple[Floats, Floats]:
        means = np.add.reduceat(seen * share[:, None], starts)
        bend = (seen * share[:, None]).T @ seen - means.T @ means
        return seen.T @ (share - target) + ridge * weights, bend + ridge * np.eye(len(weights))

    return newton(len(columns), shares, slope)


def logistic(rows: Floats, labels: Floats, *, ridge: float) -> Floats:
    """Weights and an offset, both classes counted alike: (columns + 1,)."""
    wide = np.column_stack([rows, np.ones(len(rows))])
    counts = np.where(labels > 0, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))

    def odds(weights: Floats) -> tuple[float, Floats]:
        scores = wide @ weights
        loss = counts @ (np.logaddexp(0, scores) - labels * scores)
        return float(loss + ridge / 2 * weights[:-1] @ weights[:-1]), expit(scores)

    def slope(weights: Floats, p: Floats) -> tuple[Floats, Floats]:
        pull = ridge * np.array([*np.ones(len(weights) - 1), 0.0])
        bend = (wide * (counts * p * (1 - p))[:, None]).T @ wide
        return wide.T @ (counts * (p - labels)) + pull * weights, bend + np.diag(pull)

    return newton(wide.shape[1], odds, slope)


def newton(
    size: int,
    value: Callable[[Floats], tuple[float, Floats]],
    slope: Callable[[Floats, Floats], tuple[Floats, Floats]],
) -> Floats:
    """Minimize a convex loss; steps are halved until they help."""
    weights = np.zeros(size)
    loss, held = value(weights)
    for _ in range(_MOST_STEPS):
        gradient, bend = slope(weights, held)
        step, before = np.linalg.solve(bend, gradient), loss
        while (found := value(weights - step))[0] > before and np.abs(step).max() > 1e-9:
            step /= 2
        weights, (loss, held) = weights - step, found
        if before - loss < 1e-7 * abs(before):
            break
    return weights


def left_out(questions: Sequence[Asked], seed: int) -> list[tuple[list[Asked], list[Asked]]]:
    """(the others, the left out) of each fold; a conversation is whole in one of them."""
    names = sorted({one.conversation for one in questions})
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[at]: place % _FOLDS for place, at in enumerate(order)}
    return [
        (
            [one for one in questions if fold[one.conversation] != number],
            [one for one in questions if fold[one.conversation] == number],
        )
        for number in range(_FOLDS)
    ]


def expit(scores: Sequence[float] | Floats) -> Floats:
    """Probabilities of log-odds."""
    chances: Floats = 1 / (1 + np.exp(-np.asarray(scores, float)))
    return chances


def sureness(
    questions: Sequence[Asked], columns: Sequence[int], weights: Floats
) -> tuple[Floats, Floats]:
    """The facts of every ranking, (n, len(FACTS)), and which question has an answer, (n,)."""
    rows = []
    for one in questions:
        scores = one.seen[:, columns] @ weights
        order = np.argsort(-scores, kind="stable")
        rows.append(facts(one.seen[order], scores[order]))
    return np.array(rows), np.array([one.answerable for one in questions], float)


def measure(
    score: ModuleType, questions: Sequence[Asked], columns: Sequence[int], *, ridge: float
) -> dict[str, Figure]:
    """Recall and abstention on conversations that were left out."""
    recalls: dict[int, list[float]] = defaultdict(list)
    areas, silent = [], []
    for seed in range(_SEEDS):
        sure: tuple[list[float], list[float]] = ([], [])
        for others, judged in left_out(questions, seed):
            weights = listwise([one for one in others if one.answerable], columns, ridge=ridge)
            for one in judged:
                if one.answerable and one.wanted:
                    found = one.recall(one.seen[:, columns] @ weights)
                    recalls[id(one)].append(found)
            rule = logistic(*sureness(others, columns, weights), ridge=1.0)
            rows, answerable = sureness(judged, columns, weights)
            told = rows @ rule[:-1] + rule[-1]
            for at in (0, 1):
                sure[at].extend(told[answerable == 1 - at].tolist())
        areas.append(score.auroc(*sure))
        silent.append([float(np.mean(expit(some) < DEFAULT.least_confidence)) for some in sure])
    mean, low, high = score.boot([float(np.mean(one)) for one in recalls.values()])
    return {
        "left_out_recall@5": mean,
        "left_out_recall@5 low": low,
        "left_out_recall@5 high": high,
        "left_out_abstention_auroc": float(np.mean(areas)),
        "silenced with an answer": float(np.mean(silent, axis=0)[0]),
        "silenced without": float(np.mean(silent, axis=0)[1]),
        "questions": len(recalls),
    }


def tables(questions: Sequence[Asked], names: Sequence[str], *, ridge: float) -> dict[str, Figure]:
    """What all conversations teach: the weights and the rule of confidence, as text."""
    columns = [NAMES.index(name) for name in names]
    weights = listwise([one for one in questions if one.answerable], columns, ridge=ridge)
    rule = logistic(*sureness(questions, columns, weights), ridge=1.0)
    answerable = [one for one in questions if one.answerable and one.wanted]
    here = float(np.mean([one.recall(one.seen[:, columns] @ weights) for one in answerable]))
    return {
        "recall@5 on what it learned from": here,
        "weights": str({name: round(float(w), 2) for name, w in zip(names, weights, strict=True)}),
        "confidence": str(
            {name: round(float(w), 2) for name, w in zip([*FACTS, "offset"], rule, strict=True)}
        ),
    }


def main() -> None:
    """Learn one set's tables and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_data(parser)
    parser.add_argument("--set", choices=sorted(TABLES), default="beam")
    parser.add_argument("--ridge", type=float, default=1.0)
    parser.add_argument("--without", nargs="*", default=[], choices=NAMES, metavar="SIGNAL")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    score = scorers(arguments.data, arguments.split)
    embedder = open_embedder(path(paths.home(), DEFAULT_EMBEDDING))
    with tempfile.TemporaryDirectory() as folder:
        questions = collect(score, Corpora(Path(folder), embedder, score.render), arguments.set)
    names = [name for name in TABLES[arguments.set] if name not in arguments.without]
    learned = partial(tables, questions, names, ridge=arguments.ridge)
    columns = [NAMES.index(name) for name in names]
    figures = measure(score, questions, columns, ridge=arguments.ridge)
    figures |= provenance(score, embedder=DEFAULT_EMBEDDING)
    report({"set": arguments.set, **figures, **learned()}, as_json=arguments.json)


if __name__ == "__main__":
    main()
