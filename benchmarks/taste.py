"""
Taste, on real people's jokes, on twelve made-up tastes in style, and against the clock.

Jester comes from the evaluation data and is scored by its own scorer. `--styles` also measures the
style tastes, which lets the default model write some hundred replies first (minutes).
"""

import argparse
import contextlib
import time
from pathlib import Path
from types import ModuleType

import numpy as np

from benchmarks import calibration, jester, styles
from benchmarks.evaluation import add_data, provenance, scorers
from benchmarks.report import Figure, report
from benchmarks.style_replies import pool
from homeward import paths
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.engines.onnx import open_embedder
from homeward.models import DEFAULT_EMBEDDING, DEFAULT_LANGUAGE, path
from homeward.taste import Comparisons, fit, independent

_MANY = 10_000  # stored choices
_WEIGHTS = 34  # 18 readable features and 16 directions of meaning


def curves(score: ModuleType, learned: jester.Jester) -> dict[str, Figure]:
    """Learning curves with 95 % bootstrap intervals over people."""
    accuracy, brier = score.pair_preference(jester.scored(learned), "dev", "jester", jester.COUNTS)
    figures: dict[str, Figure] = {}
    for test in ("warm", "cold"):
        for n in jester.COUNTS:
            key = f"test_{test}", n
            mean, low, high = score.boot(accuracy[key])
            figures |= {f"{test}@{n}": mean, f"{test}@{n} low": low, f"{test}@{n} high": high}
            figures[f"brier_{test}@{n}"] = float(np.mean(brier[key]))
            if n:
                over = np.subtract(accuracy[key], accuracy[key[0], 0])
                mean, low, high = score.boot(over)
                figures[f"{test}@{n} over prior"] = mean
                figures[f"{test}@{n} over prior low"] = low
    return figures


def questions(
    score: ModuleType, learned: jester.Jester, people: list[jester.Person]
) -> dict[str, Figure]:
    """Chosen against random questions, from the same pairs, in equal number."""
    figures: dict[str, Figure] = {}
    for n in (8, 16):
        gain = jester.active_gain(learned, people, n=n)
        for name, values in (("accuracy", gain.accuracy), ("brier", gain.brier)):
            mean, low, high = score.boot(values)
            key = f"active_{name}_gain@{n}"
            figures |= {key: mean, f"{key} low": low, f"{key} high": high}
    return figures


def reliability(
    learned: jester.Jester, people: list[jester.Person], plot: Path | None
) -> dict[str, Figure]:
    """Calibration on rated and on never-rated jokes."""
    told = {
        f"{test}, n = {n}": jester.predictions(learned, people, n=n, test=f"test_{test}")
        for test in ("warm", "cold")
        for n in (0, 16)
    }
    if plot is not None:
        calibration.plot(told, plot)
    return {
        f"calibration_error {name}": calibration.calibration_error(*one)
        for name, one in told.items()
    }


def speed() -> dict[str, Figure]:
    """One choice more, and one forgotten, where 10,000 are stored."""
    rng = np.random.default_rng(0)
    signs = np.where(rng.random(_MANY) < 0.6, 1.0, -1.0)
    rows = rng.normal(size=(_MANY, _WEIGHTS)) * signs[:, None]
    data = Comparisons(tuple(range(_MANY)), rows, np.ones(_MANY))
    prior = independent({str(at): 0.5 for at in range(_WEIGHTS)})
    before, took, worked = fit(data, prior), list[float](), list[float]()
    for at in range(15):
        start, working = time.perf_counter(), time.process_time()
        new = Comparisons((_MANY + at,), rng.normal(size=(1, _WEIGHTS)), np.ones(1))
        after = fit(data.and_also(new), prior, start=before)
        took.append(1000 * (time.perf_counter() - start))
        worked.append(1000 * (time.process_time() - working))
    start = time.perf_counter()
    forgotten = fit(data.and_also(new).without(new.ids), prior, start=after)
    return {
        "update_ms": float(np.median(took)),
        "update_cpu_ms": float(np.median(worked)),  # what a quiet machine would take
        "forget_ms": 1000 * (time.perf_counter() - start),
        "forget_difference": float(np.abs(forgotten.mean - before.mean).max()),
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_data(parser)
    parser.add_argument("--plot", type=Path, help="write the calibration plot (SVG) here")
    parser.add_argument("--styles", action="store_true", help="also measure the style tastes")
    parser.add_argument("--replies", type=Path, help="keep the model's replies in this file")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    score = scorers(arguments.data, arguments.split)
    embedder = open_embedder(path(paths.home(), DEFAULT_EMBEDDING))
    folder = Path(score.ROOT) / "dev"  # population and jokes are there for every split
    learned = jester.load(folder, embedder)
    people = score.load("dev", "pairpref_jester_users")
    figures = speed() | curves(score, learned)
    figures |= questions(score, learned, people) | reliability(learned, people, arguments.plot)
    if arguments.styles:
        model = open_model(path(paths.home(), DEFAULT_LANGUAGE), EngineSettings(threads=1))
        with contextlib.closing(model):
            figures |= styles.figures(pool(model, keep=arguments.replies), embedder, score.boot)
    used = DEFAULT_LANGUAGE if arguments.styles else ""
    figures |= provenance(score, embedder=DEFAULT_EMBEDDING, model=used)
    figures["prior"] = "of the jokes' own population, made here: not the product's"
    report(figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
