"""
How often does tagging miss, how often is it wrong? `python -m benchmarks.sensitivity --data DIR`.

Sentences of writers who are not the rules' author, labelled by hand before any prediction of them
was seen. Figures are of the sentences that no threshold was chosen by. `--list` prints each miss
and each false alarm; `left_out_*` chooses thresholds for each corpus by the other corpora alone.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.make_sensitivity import calibrated, embedder
from benchmarks.report import Figure, report
from benchmarks.sensitivity_data import Labelled, labelled
from homeward.policy.sensitivity import TAGS, Sensitivity
from homeward.policy.sensitivity.meaning import Calibration, calibration_for, sentences
from homeward.policy.sensitivity.weighing import shares_of, weighed
from homeward.ports import Embedder
from homeward.testing import HashEmbedder

Found = Sequence[tuple[str, ...]]


def scores(rows: Sequence[Labelled], found: Found, prefix: str = "") -> dict[str, Figure]:
    """Count, over all tags of all sentences, what was found, missed and wrongly found."""
    count = Counter[str]()
    for row, tags in zip(rows, found, strict=True):
        count["right"] += len(row.tags & set(tags))
        count["misses"] += len(row.tags - set(tags))
        count["false_alarms"] += len(set(tags) - row.tags - row.either)
    right = count["right"]
    return {
        f"{prefix}recall": right / max(1, right + count["misses"]),
        f"{prefix}precision": right / max(1, right + count["false_alarms"]),
        f"{prefix}misses": count["misses"],
        f"{prefix}false_alarms": count["false_alarms"],
    }


def by_tag(rows: Sequence[Labelled], found: Found) -> dict[str, Figure]:
    """Count each tag's hits, misses and false alarms."""
    figures: dict[str, Figure] = {}
    for tag in TAGS:
        pairs = [(row, tag in tags) for row, tags in zip(rows, found, strict=True)]
        wanted = [there for row, there in pairs if tag in row.tags]
        wrong = [there for row, there in pairs if tag not in row.tags | row.either]
        figures[tag] = f"{sum(wanted)} of {len(wanted)}, {sum(wrong)} false"
    return figures


def by_corpus(rows: Sequence[Labelled], found: Found) -> dict[str, Figure]:
    """Count what was found of each kind of writer."""
    figures: dict[str, Figure] = {}
    for corpus in dict.fromkeys(row.corpus for row in rows):
        mine = [pair for pair in zip(rows, found, strict=True) if pair[0].corpus == corpus]
        one = scores([row for row, _ in mine], [tags for _, tags in mine])
        wanted = sum(len(row.tags) for row, _ in mine)
        figures[corpus] = f"{wanted - int(one['misses'])} of {wanted}, {one['false_alarms']} false"
    return figures


def left_out(rows: Sequence[Labelled], model: Embedder, shipped: Calibration) -> dict[str, Figure]:
    """Score each corpus' reported sentences with thresholds that know nothing of the corpus."""
    kept: list[Labelled] = []
    found: list[tuple[str, ...]] = []
    for corpus in dict.fromkeys(row.corpus for row in rows):
        others = [row for row in rows if row.corpus != corpus]
        mine = [row for row in rows if row.corpus == corpus and row.part == "report"]
        calibration = calibrated(others, model, shipped.vectors, sentences())
        texts = [row.text for row in mine]
        shares = shares_of(texts, model.embed(texts), calibration, model.embed)
        found += [
            weighed(row.text, one, calibration) for row, one in zip(mine, shares, strict=True)
        ]
        kept += mine
    return scores(kept, found, "left_out_")


def seconds(texts: Sequence[str], model: Embedder) -> dict[str, Figure]:
    """Time tagging with the vectors at hand, as when a memory is made, and without."""
    sensitivity, vectors = Sensitivity(lambda: model), model.embed(texts)
    start = time.process_time()
    for at, text in enumerate(texts):
        sensitivity.tags([text], vectors[at : at + 1])
    with_vectors = time.process_time() - start
    for text in texts:
        sensitivity.tags([text])
    without = time.process_time() - start - with_vectors
    return {
        "ms_with_vector": 1000 * with_vectors / len(texts),
        "ms_without": 1000 * without / len(texts),
    }


def main() -> None:
    """Measure the rules as they are shipped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("HOMEWARD_EVAL"))
    parser.add_argument("--more", type=Path, help="folder with the two other corpora")
    parser.add_argument("--list", action="store_true", help="print misses and false alarms")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.data is None:
        sys.exit("name the evaluation data: --data DIR or HOMEWARD_EVAL")
    every, model = labelled(Path(arguments.data), arguments.more), embedder()
    rows = [row for row in every if row.part == "report"]
    texts = [row.text for row in rows]
    shipped = calibration_for(model.sha256)
    if shipped is None:
        sys.exit("this embedding model has no calibration")
    found = Sensitivity(lambda: model).tags(texts)
    words = Sensitivity(HashEmbedder).tags(texts)
    if arguments.list:
        for row, tags in zip(rows, found, strict=True):
            for what, which in (
                ("missed", row.tags - set(tags)),
                ("wrong", set(tags) - row.tags - row.either),
            ):
                for tag in which:
                    print(f"{what} {tag} ({row.corpus}): {row.text}")
    report(
        {
            "sentences": len(rows),
            **scores(rows, found),
            **by_tag(rows, found),
            **by_corpus(rows, found),
            **left_out(every, model, shipped),
            **scores(rows, words, "words_alone_"),
            **seconds(texts, model),
        },
        as_json=arguments.json,
    )


if __name__ == "__main__":
    main()
