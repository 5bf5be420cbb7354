"""Each piece's backward agrees with finite differences of its own forward."""

from collections.abc import Callable

import numpy as np
import pytest

from homeward.learning.gradients.graph.packed import Heads, attend_packed, declare_layout
from homeward.learning.gradients.graph.pieces import (
    Back,
    Rotary,
    attend,
    gelu,
    linear,
    rms_norm,
    rotate,
    silu,
)
from homeward.learning.gradients.graph.tape import Tape
from homeward.learning.gradients.packing import TrainingExample, masks, pack
from homeward.learning.gradients.runtime import Array, Kernel, Value
from homeward.ports import Vector

Arrays = dict[str, Vector]
Write = Callable[[Tape], tuple[str, Callable[[str], dict[str, str]]]]

_STEP = 1e-2  # float32 sums lose about 1e-6; the cubic term of the differences is smaller yet
_RNG = np.random.default_rng(11)


def _real(*shape: int) -> Vector:
    return _RNG.normal(0, 1, shape).astype(np.float32)


def _disagreement(write: Write, inputs: Arrays, constants: dict[str, Value]) -> float:
    """Largest relative error of ⟨gradient, direction⟩ over the inputs."""
    tape = Tape()
    y, back = write(tape)
    forward = Kernel(tape.cut({"y": y}), threads=1)
    gradients = back(tape.input("dy", None))
    backward = Kernel(tape.cut({f"d{name}": value for name, value in gradients.items()}), threads=1)

    def value(arrays: Arrays) -> Vector:
        feed = {name: Value(array) for name, array in arrays.items()}
        return forward(["y"], constants, feed)[0].reals().astype(np.float64)

    at = value(inputs)
    dy = _real(*at.shape)
    feed = {name: Value(array) for name, array in inputs.items()} | {"dy": Value(dy)}
    names = sorted(gradients)
    found = backward([f"d{name}" for name in names], constants, feed)
    worst = 0.0
    for name, gradient in zip(names, found, strict=True):
        direction = _real(*inputs[name].shape)
        ahead = value(inputs | {name: inputs[name] + np.float32(_STEP) * direction})
        behind = value(inputs | {name: inputs[name] - np.float32(_STEP) * direction})
        slope = float(((ahead - behind) * dy).sum()) / (2 * _STEP)
        ours = float((gradient.reals() * direction).sum())
        worst = max(worst, abs(ours - slope) / max(1.0, abs(slope)))
    return worst


def _single(piece: Callable[[Tape, str], tuple[str, Back]]) -> Write:
    def write(tape: Tape) -> tuple[str, Callable[[str], dict[str, str]]]:
        y, back = piece(tape, tape.input("x", None))
        return y, lambda dy: {"x": back(dy)}

    return write


def _rotate(tape: Tape, x: str) -> tuple[str, Back]:
    return rotate(tape, x, Rotary(6, 4, tape.input("cos", None), tape.input("sin", None)))


def _norm(tape: Tape, x: str) -> tuple[str, Back]:
    return rms_norm(tape, x, tape.input("weight", None), epsilon=1e-5)


def _linear(tape: Tape, x: str) -> tuple[str, Back]:
    return linear(tape, x, tape.input("matrix", None), tape.input("bias", None))


_ANGLES = _real(5, 1, 2)
_CONSTANTS = {
    "cos": Value(np.cos(_ANGLES)),
    "sin": Value(np.sin(_ANGLES)),
    "weight": Value(_real(6)),
    "matrix": Value(_real(4, 6)),
    "bias": Value(_real(4)),
}


@pytest.mark.parametrize("piece", [_linear, _norm, _rotate, silu, gelu])
def test_a_piece_agrees_with_finite_differences(
    piece: Callable[[Tape, str], tuple[str, Back]],
) -> None:
    assert _disagreement(_single(piece), {"x": _real(5, 3, 6)}, _CONSTANTS) < 1e-3


def test_a_wrong_backward_would_be_noticed() -> None:
    def halved(tape: Tape, x: str) -> tuple[str, Back]:
        y, back = silu(tape, x)
        return y, lambda dy: tape.op("Mul", back(dy), tape.real(0.99))

    assert _disagreement(_single(halved), {"x": _real(5, 3, 6)}, {}) > 1e-3


def test_attention_agrees_with_finite_differences() -> None:
    def write(tape: Tape) -> tuple[str, Callable[[str], dict[str, str]]]:
        names = [tape.input(name, None) for name in ("q", "k", "v", "mask")]
        found = attend(tape, *names, heads=4, scale=0.5)
        return found.output, lambda dy: dict(zip("qkv", found.back(dy), strict=True))

    mask = np.where(np.tri(5, 7, 2) > 0, np.float32(0), np.float32(-1e9))[None, None]
    inputs = {"q": _real(3, 2, 10, 6), "k": _real(3, 2, 7, 6), "v": _real(3, 2, 7, 6)}
    assert _disagreement(write, inputs, {"mask": Value(mask)}) < 1e-3


def test_packed_attention_agrees_with_finite_differences() -> None:
    def write(tape: Tape) -> tuple[str, Callable[[str], dict[str, str]]]:
        q, k, v = (tape.input(name, None) for name in "qkv")
        layout = declare_layout(tape)
        heads = Heads(query=4, key=2, width=6, scale=0.5)
        found = attend_packed(tape, q, k, v, layout=layout, heads=heads)
        return found.output, lambda dy: dict(zip("qkv", found.back(dy), strict=True))

    packed = pack([TrainingExample((1, 2, 3, 4, 5)), TrainingExample((6, 7, 8))], prefix=3)
    first, rest = masks(packed, 0)
    rows, length = packed.segments.shape
    constants = {
        "parts": Value(np.array([3, rows * length], np.int64)),
        "seen": Value(np.array([3, length], np.int64)),
        "prefix_grid": Value(np.array([1, 3, -1, 6], np.int64)),
        "row_grid": Value(np.array([rows, length, -1, 6], np.int64)),
        "prefix_mask": Value(first),
        "row_mask": Value(rest),
    }
    tokens = 3 + rows * length
    inputs = {"q": _real(tokens, 4, 6), "k": _real(tokens, 2, 6), "v": _real(tokens, 2, 6)}
    assert _disagreement(write, inputs, constants) < 1e-3


@pytest.mark.parametrize("array", [np.zeros((3, 5), np.float32), np.zeros(7, np.int64)])
def test_a_value_says_how_many_bytes_it_holds(array: Array) -> None:
    assert Value(array).nbytes == array.nbytes
