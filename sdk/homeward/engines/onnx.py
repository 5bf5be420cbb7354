"""
Runs an embedding model in ONNX Runtime as an `Embedder`; only this module imports `tokenizers`.

Knows how to tokenize, batch and run. Does not know where models come from or how graphs are made.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from homeward.engines import embedding_description
from homeward.engines.embedding_description import EmbeddingDescription
from homeward.engines.ort import onnxruntime, open_session, session_options
from homeward.errors import ModelCorrupt, ModelNotFound
from homeward.ports import Embedder, SimilarityScale, Vector

Precision = Literal["int8", "float32"]

# Texts, and pieces of all of them with padding. On one thread larger batches are no faster, as they
# fall out of the processor's cache: 8 texts of 128 pieces took 32 ms each, and 2 took 20. And what
# the largest took stays taken: 8 texts of 256 pieces leave 77 MB, one leaves 7.
_BATCH, _BATCH_PIECES = 8, 256


class _OnnxEmbedder:
    """A loaded graph with its tokenizer and its description."""

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        tokenizer: Tokenizer,
        description: EmbeddingDescription,
        sha256: str,
    ) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._description = description
        self._sha256 = sha256
        self._dims: int = session.get_outputs()[0].shape[-1]

    @property
    def sha256(self) -> str:
        return self._sha256

    @property
    def dims(self) -> int:
        return self._dims

    @property
    def similarity(self) -> SimilarityScale:
        calibration = self._description.calibration
        return calibration.similarity if calibration else SimilarityScale()

    def embed(self, texts: Sequence[str], *, asking: bool = False) -> Vector:
        form = self._description
        prefix = form.question_prefix if asking else form.memory_prefix
        vectors = self._embed([prefix + text for text in texts])
        return form.calibration.centred(vectors, asking=asking) if form.calibration else vectors

    def _embed(self, texts: Sequence[str]) -> Vector:
        # A lone surrogate has no UTF-8 form, and the tokenizer takes nothing else.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        # One by one: a batch would start a thread pool, and costs no less on one thread.
        pieces = [self._tokenizer.encode(text).ids for text in clean]
        vectors = np.zeros((len(texts), self._dims), np.float32)
        # Neighbours in length need the least padding.
        order = sorted(range(len(texts)), key=lambda index: len(pieces[index]))
        for batch in _batches(order, [len(one) for one in pieces]):
            ids, mask = _padded([pieces[index] for index in batch])
            feed = {"input_ids": ids, "attention_mask": mask}
            vectors[batch] = self._session.run(["embedding"], feed)[0]
        return vectors


def open_embedder(
    folder: Path, *, precision: Precision | None = None, threads: int = 1
) -> Embedder:
    """
    Load the embedding model that lies in `folder`; without `precision`, int8 where it was kept.

    Guarantees:
        A text's vector does not depend on the texts beside it (to 1e-6 in each number). Text past
        the model's length (MiniLM's: 256 word pieces) is not read. The empty text has a vector too.

    Raises:
        ModelNotFound: there is no such graph in `folder`.
        ModelCorrupt: the graph, its weights or its tokenizer cannot be read.
    """
    if precision is None:
        precision = "int8" if (folder / "int8.onnx").exists() else "float32"
    graph = folder / f"{precision}.onnx"
    if not graph.exists():
        raise ModelNotFound(
            f"no {precision} embedding model in {folder}; run `homeward models pull`"
        )
    description = embedding_description.read(folder)
    try:
        session = open_session(graph, session_options(threads=threads))
        vocabulary = (folder / "tokenizer.json").read_bytes()
        tokenizer = Tokenizer.from_buffer(vocabulary)
        made_from = session.get_modelmeta().custom_metadata_map
        parts = (made_from["weights"], made_from["recipe"], precision, *description.identity)
    except Exception as err:  # both libraries raise types of their own, and bare ones
        raise ModelCorrupt(f"{graph} cannot be loaded: {err}") from err
    tokenizer.no_padding()
    tokenizer.enable_truncation(description.max_pieces)
    identity = hashlib.sha256("\n".join(parts).encode() + vocabulary)
    return _OnnxEmbedder(session, tokenizer, description, identity.hexdigest())


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Cut `order`, which goes from short to long; a text longer than a batch is one by itself."""
    batch: list[int] = []
    for index in order:
        if len(batch) == _BATCH or (batch and (len(batch) + 1) * lengths[index] > _BATCH_PIECES):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _padded(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Token ids and mask: two (len(rows), longest) arrays, zero where a row has ended."""
    ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
    mask = np.zeros_like(ids)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return ids, mask
