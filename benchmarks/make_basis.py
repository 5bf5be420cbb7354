"""Learns the shipped basis of meaning anew: `python -m benchmarks.make_basis REPLIES.json`."""

import argparse
import contextlib
from pathlib import Path

import numpy as np

from benchmarks.style_replies import pool
from homeward import paths
from homeward.engines.llama import open_model
from homeward.engines.onnx import open_embedder
from homeward.models import DEFAULT_EMBEDDING, DEFAULT_LANGUAGE, path
from homeward.taste import learn_basis, neutral
from homeward.taste.basis import SHIPPED


def main() -> None:
    """Embed the pool, and keep the directions in which replies to one question differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("replies", type=Path, help="the pool; made here where it does not exist")
    arguments = parser.parse_args()
    with contextlib.closing(open_model(path(paths.home(), DEFAULT_LANGUAGE))) as model:
        rows = pool(model, keep=arguments.replies)
    embedder = open_embedder(path(paths.home(), DEFAULT_EMBEDDING))
    vectors = [embedder.embed([neutral(reply) for reply in replies]) for replies in rows]
    middle = np.concatenate(vectors).mean(axis=0)
    # What a question is about moves all its replies alike, and no choice is between questions.
    basis = learn_basis(np.concatenate([one - one.mean(axis=0) + middle for one in vectors]))
    scaled = basis.directions.T * basis.spread[:, None]
    rows_kept = np.vstack([basis.origin, scaled]).astype(np.float16)
    np.save(Path("sdk/homeward/taste") / SHIPPED, rows_kept)


if __name__ == "__main__":
    main()
