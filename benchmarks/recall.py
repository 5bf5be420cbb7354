"""
Recall on conversations that others wrote: `--set locomo`, `beam` or `prefeval`.

Every corpus becomes a real encrypted profile; every question goes through the same `Recall` that an
answer goes through. Figures are means over questions with 95 % bootstrap intervals.
"""

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.evaluation import add_data, provenance, scorers
from benchmarks.report import Figure, report
from homeward import paths
from homeward.engines.onnx import open_embedder
from homeward.memory.recall import Recall
from homeward.models import DEFAULT_EMBEDDING, path
from homeward.ports import Embedder
from homeward_store import MemoryDraft, Passphrase, SourceKind, Span, create_profile
from homeward_store.keys.key_derivation import FASTEST

Search = Callable[[str, int], list[tuple[Any, float]]]
_UNDATED = datetime(2024, 1, 1, tzinfo=UTC)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DAY = re.compile(
    r"(?P<d>\d{1,2}) (?P<m>[A-Z]\w+),? (?P<y>\d{4})|(?P<m2>\w+)-(?P<d2>\d+)-(?P<y2>\d{4})"
)
_BATCH = 256  # texts embedded at a time


class Corpora:
    """Profiles in a temporary folder, one a corpus, and the time that questions took."""

    def __init__(self, folder: Path, embedder: Embedder, render: Callable[[Any], str]) -> None:
        self._folder = folder
        self._embedder = embedder
        self._render = render
        self._made = 0
        self.seconds: list[float] = []
        self.confidence = 0.0  # of the newest search

    def profile(
        self, items: Sequence[dict[str, Any]], *, spoken: bool = True
    ) -> tuple[Recall, dict[int, Any]]:
        """
        Store `items` as memories; what was `spoken` has the one before it as context.

        Returns recall in a new profile of them, and which item each memory is.
        """
        self._made += 1
        created = create_profile(
            self._folder / str(self._made), unlock=[Passphrase("benchmark")], cost=FASTEST
        )
        profile, recall = created.profile, Recall(created.profile.memories, self._embedder)
        texts = [self._render(item) for item in items]
        vectors = np.concatenate(
            [recall.embed(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
        )
        ids: dict[int, Any] = {}
        with profile.transaction():
            before: Span | None = None
            context = ""
            for item, text, vector, said_at in zip(items, texts, vectors, said(items), strict=True):
                note = profile.notes.add(text)
                span = Span(SourceKind.NOTE, note.id, 0, len(text))
                [memory] = profile.memories.add(
                    [
                        MemoryDraft(
                            text=text,
                            source=span,
                            said_at=said_at,
                            context=context,
                            context_source=before,
                            vector=vector,
                            space=recall.space,
                        )
                    ]
                )
                ids[memory.id] = item["id"]
                before, context = (span, text) if text and spoken else (None, "")
        return recall, ids

    def index(self, items: Sequence[dict[str, Any]], *, spoken: bool = True) -> Search:
        """Return what the scorers call: the best of `items` for a question."""
        recall, ids = self.profile(items, spoken=spoken)

        def search(question: str, limit: int) -> list[tuple[Any, float]]:
            start = time.perf_counter()
            ranking = recall.rank(question, limit=limit)
            self.seconds.append(time.perf_counter() - start)
            self.confidence = ranking.confidence
            return [(ids[one.memory.id], one.score) for one in ranking.found]

        return search


def said(items: Sequence[dict[str, Any]]) -> list[datetime]:
    """Return when each item was said: its own day or the last one named, a second apart."""
    at = _UNDATED
    times: list[datetime] = []
    for number, item in enumerate(items):
        match = _DAY.search(item.get("t") or "")
        if match:
            month = _MONTHS.index((match["m"] or match["m2"])[:3].casefold()) + 1
            year, day = int(match["y"] or match["y2"]), int(match["d"] or match["d2"])
            at = datetime(year, month, day, 12, tzinfo=UTC)
        times.append(at + timedelta(seconds=number))
    return times


def conversations(score: ModuleType, corpora: Corpora, name: str) -> dict[str, Figure]:
    """Measure memory retrieval: LoCoMo or BEAM."""
    confidences: list[float] = []

    def index(items: Sequence[dict[str, Any]]) -> Search:
        search = corpora.index(items)

        def noting(question: str, limit: int) -> list[tuple[Any, float]]:
            found = search(question, limit)
            confidences.append(corpora.confidence)
            return found

        return noting

    rows = score.memory_retrieval(index, "dev", name)
    for row, confidence in zip(rows, confidences, strict=True):
        row["top"] = confidence
    answerable = [row for row in rows if row["answerable"]]
    figures: dict[str, Figure] = {"questions": len(answerable)}
    for metric in ("recall@5", "recall@10"):
        figures |= _interval(score, metric, [row[metric] for row in answerable if metric in row])
    for kind in sorted({row["type"] for row in rows}):
        found = [row["recall@5"] for row in rows if row["type"] == kind and "recall@5" in row]
        if found:
            figures[f"recall@5 {kind}"] = float(np.mean(found))
    updates = [row["ku_new_above_old"] for row in rows if "ku_new_above_old" in row]
    if updates:
        figures |= _interval(score, "newest_above_stale", updates)
    figures["abstention_auroc"] = float(score.abstention(rows))
    return figures


def preferences(score: ModuleType, corpora: Corpora) -> dict[str, Figure]:
    """Measure PrefEval's profile retrieval among preferences of the same and of mixed topics."""
    figures: dict[str, Figure] = {}
    for key, same_topic in (("same_topic_recall@5", True), ("mixed_recall@5", False)):
        rows = score.prefeval_profile_retrieval(
            partial(corpora.index, spoken=False), "dev", same_topic=same_topic
        )
        figures |= _interval(score, key, [row["recall@5"] for row in rows])
    return figures


def _interval(score: ModuleType, name: str, values: Sequence[float]) -> dict[str, Figure]:
    mean, low, high = score.boot(values)
    return {name: mean, f"{name} low": low, f"{name} high": high}


def main() -> None:
    """Run one set and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_data(parser)
    parser.add_argument("--set", choices=("locomo", "beam", "prefeval"), default="locomo")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    score = scorers(arguments.data, arguments.split)
    embedder = open_embedder(path(paths.home(), DEFAULT_EMBEDDING))
    with tempfile.TemporaryDirectory() as folder:
        corpora = Corpora(Path(folder), embedder, score.render)
        if arguments.set == "prefeval":
            figures = preferences(score, corpora)
        else:
            figures = conversations(score, corpora, arguments.set)
        figures["p50_ms"] = 1000 * float(np.median(corpora.seconds))
        figures["p95_ms"] = 1000 * float(np.quantile(corpora.seconds, 0.95))
    figures |= provenance(score, embedder=DEFAULT_EMBEDDING)
    report({"set": arguments.set, **figures}, as_json=arguments.json)


if __name__ == "__main__":
    main()
