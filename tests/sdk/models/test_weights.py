"""A safetensors file is read within its bounds, or refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from homeward.errors import ModelCorrupt
from homeward.models.preparing import safetensors

ROW = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}
NUMBERS = np.arange(6, dtype=np.float32)


def write(file: Path, header: Any, *, data: bytes = NUMBERS.tobytes()) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    file.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return file


def test_tensors_are_found_and_read(tmp_path: Path) -> None:
    header = {"__metadata__": {"format": "pt"}, "a": ROW, "ids": ROW | {"dtype": "I64"}}
    file = write(tmp_path / "w", header)
    found = safetensors.tensors(file)
    assert set(found) == {"a"}
    assert found["a"].shape == (2, 3)
    assert np.array_equal(safetensors.load(file, found["a"]), NUMBERS.reshape(2, 3))


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{",
        b"[]",
        b"5",
        b"\xff\xfe",
        {"a": 5},
        {"a": {"dtype": "F32"}},
        {"a": ROW | {"data_offsets": [0, 25]}},
        {"a": ROW | {"data_offsets": [-24, 0]}},
        {"a": ROW | {"data_offsets": [24, 0]}},
        {"a": ROW | {"data_offsets": [0]}},
        {"a": ROW | {"shape": [2, 2]}},
        {"a": ROW | {"shape": [-2, -3]}},
        {"a": ROW | {"shape": ["2", "3"]}},
        {"a": ROW | {"shape": None}},
        {"a": ROW | {"shape": [6, 10**30], "data_offsets": [0, 24 * 10**30]}},
    ],
)
def test_a_header_that_lies_is_refused(tmp_path: Path, header: Any) -> None:
    with pytest.raises(ModelCorrupt):
        safetensors.tensors(write(tmp_path / "w", header))


@pytest.mark.parametrize("content", [b"", b"\0" * 7, b"\xff" * 8, b"GGUF" * 10])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "w").write_bytes(content)
    with pytest.raises(ModelCorrupt):
        safetensors.tensors(tmp_path / "w")


@given(noise=st.binary(max_size=200), header=st.booleans())
def test_noise_is_refused_or_read_within_bounds(
    tmp_path_factory: pytest.TempPathFactory,
    noise: bytes,
    header: bool,  # noqa: FBT001
) -> None:
    file = tmp_path_factory.mktemp("noise") / "w"
    if header:
        write(file, noise)
    else:
        file.write_bytes(noise)
    try:
        found = safetensors.tensors(file)
    except ModelCorrupt:
        return
    for tensor in found.values():
        assert tensor.offset + tensor.length <= file.stat().st_size
