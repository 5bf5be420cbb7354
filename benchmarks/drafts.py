"""
Drafts of one reply, picked by taste: what a short look-ahead keeps of whole drafts, and its price.

The default model drafts every second everyday question three times. Twelve made-up tastes, learned
from choices about the other questions, pick among whole drafts and among their beginnings. The gain
is how far the shown reply lies on the way from the average draft (0) to the best one (1). The price
is the time until the first word is shown, against no drafts in the same run.
"""

import argparse
import contextlib
import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.report import Figure, report
from benchmarks.style_replies import pool
from benchmarks.style_tastes import QUESTIONS, TASTES, Taste
from homeward import paths
from homeward.conversation.best_of_n import BestOfN, Choose, best_draft, freer
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.engines.onnx import open_embedder
from homeward.models import DEFAULT_EMBEDDING, DEFAULT_LANGUAGE, path
from homeward.ports import LanguageModel, Segment, Tokens
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.prompting.prompt_content import PromptContent
from homeward.sampling import Sampling
from homeward.taste import Comparisons, Features, Posterior, fit, pick, shipped_basis
from homeward.taste.weight_prior import Floats

COUNT, WHOLE = 3, 96  # drafts, and tokens of a whole one
AHEADS = (16, 32, 64, WHOLE)
_CHOICES, _PEOPLE, _TIMED = 20, 4, 6
_SLIPS = 0.1
_TESTED = range(0, len(QUESTIONS), 2)

Drafts = list[list[list[int]]]  # question, draft, tokens


def drafted(model: LanguageModel, keep: Path | None) -> Drafts:
    """Draft the tested questions as a conversation does: the first as it is, the others freer."""
    if keep is not None and keep.is_file():
        found: Drafts = json.loads(keep.read_text(encoding="utf-8"))
        return found
    rows: Drafts = []
    with model.session() as session:
        for at in _TESTED:
            rows.append([])
            for draft in range(COUNT):
                plain = Sampling(max_tokens=WHOLE, seed=draft)
                session.feed(prompt(model, QUESTIONS[at]))
                for _ in session.generate(freer(plain) if draft else plain):
                    pass
                rows[-1].append(list(session.generated))
    if keep is not None:
        keep.write_text(json.dumps(rows), encoding="utf-8")
    return rows


def prompt(model: LanguageModel, question: str) -> list[Segment]:
    """The question in the prompt of a conversation without a profile."""
    return PromptBuilder.of(model).build(PromptContent(question)).segments


def gains(
    model: LanguageModel, drafts: Drafts, replies: Sequence[Sequence[str]], features: Features
) -> dict[str, list[float]]:
    """Per taste and person: the way of the first draft, and of the picked one by look-ahead."""
    texts = {
        ahead: [[model.detokenize(draft[:ahead]) for draft in row] for row in drafts]
        for ahead in AHEADS
    }
    measured = {
        ahead: [
            features.of(QUESTIONS[at], row) for at, row in zip(_TESTED, texts[ahead], strict=True)
        ]
        for ahead in AHEADS
    }
    told = [features.of(question, row) for question, row in zip(QUESTIONS, replies, strict=True)]
    ways: dict[str, list[float]] = {name: [] for name in ("off", *map(str, AHEADS))}
    for taste in TASTES.values():
        suits = [np.array([taste(text) for text in row]) for row in texts[WHOLE]]
        for person in range(_PEOPLE):
            learned = _learned(taste, replies, told, features, person)
            ways["off"].append(float(np.mean([_way(one, 0) for one in suits])))
            for ahead in AHEADS:
                picks = [pick(learned, one).index for one in measured[ahead]]
                found = [_way(one, at) for one, at in zip(suits, picks, strict=True)]
                ways[str(ahead)].append(float(np.mean(found)))
    return ways


def _learned(
    taste: Taste,
    replies: Sequence[Sequence[str]],
    told: Sequence[Floats],
    features: Features,
    seed: int,
) -> Posterior:
    """Learn from some choices about questions that are not tested, a tenth of them slips."""
    rng, rows = np.random.default_rng(seed), list[Floats]()
    for at in set(range(len(QUESTIONS))) - set(_TESTED):
        suits = np.array([taste(reply) for reply in replies[at]])
        better, worse = np.nonzero(suits[:, None] > suits[None, :])
        rows += list(told[at][better] - told[at][worse])
    asked = rng.permutation(len(rows))[:_CHOICES]
    slips = np.where(rng.random(len(asked)) < _SLIPS, -1.0, 1.0)
    differences = np.array([rows[at] for at in asked]) * slips[:, None]
    data = Comparisons(tuple(range(len(asked))), differences, np.ones(len(asked)))
    return fit(data, features.stranger())


def _way(suits: Floats, shown: int) -> float:
    span = suits.max() - suits.mean()
    return float((suits[shown] - suits.mean()) / span) if span > 0 else 0.0


def first_words(model: LanguageModel, features: Features, learned: Posterior) -> dict[str, float]:
    """Seconds of processor time until a first word is shown; the prefix is in the cache."""
    took: dict[str, list[float]] = {name: [] for name in ("off", *map(str, AHEADS))}
    with model.session() as session:
        for at in list(_TESTED)[:_TIMED]:
            question, segments = QUESTIONS[at], prompt(model, QUESTIONS[at])
            for name, seconds in took.items():
                session.feed(segments[:1])
                start, sampling = time.process_time(), Sampling(max_tokens=WHOLE, seed=0)
                session.feed(segments)
                said: Tokens = ()
                if name != "off":
                    said = best_draft(
                        session,
                        segments,
                        sampling,
                        drafting=BestOfN(COUNT, int(name)),
                        choose=_choosing(learned, features, question),
                    ).tokens
                next(session.generate(sampling, said=said), "")
                seconds.append(time.process_time() - start)
    return {name: float(np.median(seconds)) for name, seconds in took.items()}


def _choosing(learned: Posterior, features: Features, question: str) -> Choose:
    return lambda texts: pick(learned, features.of(question, texts)).index


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replies", type=Path, help="keep the pool of replies in this file")
    parser.add_argument("--drafts", type=Path, help="keep the drafts in this file")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    embedder = open_embedder(path(paths.home(), DEFAULT_EMBEDDING))
    features = Features(embedder, shipped_basis())
    figures: dict[str, Figure] = {}
    with contextlib.closing(
        open_model(path(paths.home(), DEFAULT_LANGUAGE), EngineSettings(threads=1))
    ) as model:
        replies = pool(model, keep=arguments.replies)
        drafts = drafted(model, arguments.drafts)
        ways = gains(model, drafts, replies, features)
        told = [features.of(q, row) for q, row in zip(QUESTIONS, replies, strict=True)]
        learned = _learned(TASTES["brief"], replies, told, features, 0)
        seconds = first_words(model, features, learned)
    for name, values in ways.items():
        mean, low, high = _interval(values)
        figures |= {f"way {name}": mean, f"way {name} low": low, f"way {name} high": high}
        figures[f"first_word_s {name}"] = seconds[name]
        figures[f"first_word_ratio {name}"] = seconds[name] / seconds["off"]
    report(figures, as_json=arguments.json)


def _interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean and its 95 % bootstrap interval over people."""
    rng, sample = np.random.default_rng(0), np.array(values)
    means = sample[rng.integers(0, len(sample), (2000, len(sample)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(sample.mean()), float(low), float(high)


if __name__ == "__main__":
    main()
