"""A 4-bit file of an embedding model is read within its bounds, or refused."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from homeward.errors import ModelCorrupt, UnsupportedModel
from homeward.models.preparing import embedding_graph
from homeward.models.preparing.embedding_graph import four_bit_file

PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁", "茶", "▁tea")
SCORES = (0.0, 0.0, 0.0, 0.0, -2.5, -5.25, -3.0)
FLOATS = np.arange(4, dtype="<f4")
SCALES = np.array([0.5, -2.0], "<f2")


def content(tensors: int = 2) -> bytes:
    """Two tensors: four float32 numbers, and two blocks whose numbers count from -8 to 7."""
    letters = [piece.encode() for piece in PIECES]
    ends = np.cumsum([0, *map(len, letters)], dtype="<u4")
    head = struct.pack("<4sI7ifi", b"E5S1", 1, *range(7), 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, ends[-1]) + ends.tobytes()
    head += np.array(SCORES, "<f4").tobytes() + b"".join(letters)
    head += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 0xA0, 1, 0x20)
    codes = bytes(low | (15 - low) << 4 for low in range(16))
    blocks = b"".join(scale.tobytes() + codes for scale in SCALES)
    start = len(head) + 4 + tensors * 26
    rows = [(b"flt", 0, 4, start, 16), (b"blk", 1, 64, start + 16, len(blocks))]
    directory = struct.pack("<i", tensors)
    for name, kind, count, at, held in rows:
        directory += struct.pack("<H", 3) + name + struct.pack("<BIQQ", kind, count, at, held)
    return head + directory + FLOATS.tobytes() + blocks


def write(folder: Path, data: bytes) -> Path:
    file = folder / "weights.bin"
    file.write_bytes(data)
    return file


def test_pieces_and_tensors_are_read(tmp_path: Path) -> None:
    file = four_bit_file.read(write(tmp_path, content()))
    assert file.pieces == PIECES
    assert file.scores == SCORES
    assert file.unknown == 3
    assert np.array_equal(four_bit_file.widened(file.tensors["flt"]), FLOATS)
    assert four_bit_file.size(file.tensors["blk"]) == 64
    halves = [*range(-8, 8), *range(7, -9, -1)]
    wide = four_bit_file.widened(file.tensors["blk"])
    assert wide.tolist() == [scale * one for scale in (0.5, -2.0) for one in halves]


def test_a_file_of_another_kind_is_told_from_it(tmp_path: Path) -> None:
    assert four_bit_file.is_one(write(tmp_path, content()))
    assert not four_bit_file.is_one(write(tmp_path, b"\x08\0\0\0\0\0\0\0{}      "))


def test_a_file_that_is_cut_anywhere_is_refused(tmp_path: Path) -> None:
    whole = content()
    for length in range(0, len(whole), 7):
        with pytest.raises(ModelCorrupt, match=r"weights\.bin"):
            four_bit_file.read(write(tmp_path, whole[:length]))


@given(at=st.integers(0, 10_000), value=st.binary(min_size=1, max_size=8))
def test_a_file_that_lies_is_read_within_its_bounds_or_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, value: bytes
) -> None:
    whole = content()
    at %= len(whole)
    changed = (whole[:at] + value + whole[at + len(value) :])[: len(whole)]
    file = write(tmp_path_factory.mktemp("weights"), changed)
    try:
        found = four_bit_file.read(file)
    except ModelCorrupt:
        return
    assert all(
        four_bit_file.widened(one).nbytes <= 8 * len(whole) for one in found.tensors.values()
    )


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    write(tmp_path, content())
    with pytest.raises(UnsupportedModel, match="is not e5-small"):
        embedding_graph.write_graph(
            tmp_path, "weights.bin", shape="e5-small", precision="int8", weights_sha256=""
        )
    assert not list(tmp_path.glob("*.onnx"))


def test_the_vocabulary_becomes_a_tokenizer_that_frames_texts(tmp_path: Path) -> None:
    target = tmp_path / "tokenizer.json"
    embedding_graph.write_tokenizer(write(tmp_path, content()), target)
    written = json.loads(target.read_text(encoding="utf-8"))
    assert written["model"]["vocab"] == [list(row) for row in zip(PIECES, SCORES, strict=True)]
    frame = written["post_processor"]["special_tokens"]
    assert [frame[name]["ids"] for name in ("<s>", "</s>")] == [[0], [2]]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("embeddings.word_embeddings.weight", "emb.word"),
        ("embeddings.LayerNorm.bias", "emb.ln.b"),
        ("encoder.layer.11.attention.self.query.weight", "l11.q.w"),
        ("encoder.layer.0.attention.output.LayerNorm.weight", "l0.aln.w"),
        ("encoder.layer.3.output.dense.bias", "l3.fo.b"),
    ],
)
def test_tensors_are_called_as_the_file_calls_them(name: str, short: str) -> None:
    assert four_bit_file.short_name(name) == short
