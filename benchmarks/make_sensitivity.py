"""
Embeds the sentences that tags are read by, and chooses thresholds.

`python -m benchmarks.make_sensitivity --data DIR --more DIR` writes the vectors and prints the
entry for calibrations.toml. Run it when sentences.toml or words.toml changed, and for another
model.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.sensitivity_data import Labelled, labelled
from homeward import paths
from homeward.engines.onnx import open_embedder
from homeward.models import DEFAULT_EMBEDDING, path
from homeward.policy.sensitivity import TAGS
from homeward.policy.sensitivity.meaning import Calibration, Sentence, membership, sentences
from homeward.policy.sensitivity.weighing import shares_of
from homeward.policy.sensitivity.words import doubtful_tags, sure_tags
from homeward.ports import Embedder, Vector

SPREAD = 0.05  # of MiniLM: .04 and .06 do as well; at .03 one decides, at .08 all are averaged
ALONE = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65)
WITH_WORD = (0.15, 0.2, 0.25, 0.3)
MISS = 5.0  # what a miss costs, in false alarms
FOLDER = Path("sdk/homeward/policy/sensitivity")
VECTORS = {DEFAULT_EMBEDDING: "minilm_sentences.npy", "e5-small": "e5_sentences.npy"}
OF_MANY_LANGUAGES = ("e5-small",)


def embedder(name: str = DEFAULT_EMBEDDING) -> Embedder:
    """Open an embedding model."""
    return open_embedder(path(paths.home(), name))


def calibrated(
    rows: Sequence[Labelled], model: Embedder, vectors: Vector, kept: Sequence[Sentence]
) -> Calibration:
    """Choose the thresholds that cost least on `rows`, the same for every tag."""
    start = Calibration(vectors, membership(kept), SPREAD, alone=1, with_word=1)
    texts = [row.text for row in rows]
    shares = shares_of(texts, model.embed(texts), start, model.embed)
    sure = _has([sure_tags(row.text) for row in rows])
    doubtful = _has([doubtful_tags(row.text) for row in rows])
    wanted = _has([row.tags for row in rows])
    unwanted = ~_has([row.tags | row.either for row in rows])

    def cost(thresholds: tuple[float, float]) -> float:
        alone, hinted = thresholds
        found = sure | (shares >= alone) | (doubtful & (shares >= hinted))
        return float(MISS * np.sum(wanted & ~found) + np.sum(unwanted & found))

    alone, hinted = min(product(ALONE, WITH_WORD), key=cost)
    return replace(start, alone=alone, with_word=hinted)


def _has(tags: Sequence[frozenset[str]]) -> NDArray[np.bool_]:
    """Which text has which tag: (texts, len(TAGS))."""
    return np.array([[tag in one for tag in TAGS] for one in tags])


def main() -> None:
    """Write the vectors, and print the entry of the calibration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--more", type=Path)
    parser.add_argument("--embedder", choices=sorted(VECTORS), default=DEFAULT_EMBEDDING)
    arguments = parser.parse_args()
    model, by_language = embedder(arguments.embedder), arguments.embedder in OF_MANY_LANGUAGES
    kept, file = sentences(by_language=by_language), FOLDER / VECTORS[arguments.embedder]
    rows = [one for one in labelled(arguments.data, arguments.more) if one.part == "calibration"]
    vectors = model.embed([one.text for one in kept])
    calibration = calibrated(rows, model, vectors, kept)
    np.save(file, vectors.astype(np.float16))
    print(f'[[calibration]]\nembedders = ["{model.sha256}"]\nvectors = "{file.name}"')
    print(f"by_language = {str(by_language).lower()}")
    print(f"spread = {calibration.spread}")
    print(f"alone = {calibration.alone}\nwith_word = {calibration.with_word}")


if __name__ == "__main__":
    main()
