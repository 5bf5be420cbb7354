"""
Builds the pieces of a transformer block: each writes its forward and returns its backward.

A backward is a function from the gradient of the piece's output to that of its input. It refers
to values of the forward by name; whether those are kept or computed again is decided later, by
the cut. Knows no architecture.
"""

from collections.abc import Callable
from dataclasses import dataclass

from homeward.learning.gradients.graph.tape import Tape

Back = Callable[[str], str]
_GELU_SLOPE = 0.7978845608028654  # √(2/π), Hendrycks and Gimpel 2016, arXiv:1606.08415
_GELU_CUBIC = 0.044715


def linear(tape: Tape, x: str, weight: str, bias: str | None = None) -> tuple[str, Back]:
    """X @ weightᵀ + bias. Weight (out, in), as GGUF stores it."""
    y = tape.product(x, weight, b_turned=True)
    if bias is not None:
        y = tape.op("Add", y, bias)
    return y, lambda dy: tape.product(dy, weight)


def rms_norm(tape: Tape, x: str, weight: str, *, epsilon: float) -> tuple[str, Back]:
    """X / rms(x) · weight over the last axis. Source: Zhang and Sennrich 2019, arXiv:1910.07467."""
    last = tape.whole(-1)
    power = tape.op("ReduceMean", tape.op("Mul", x, x), last, keepdims=1)
    shrink = tape.op("Reciprocal", tape.op("Sqrt", tape.op("Add", power, tape.real(epsilon))))
    unit = tape.op("Mul", x, shrink)

    def back(dy: str) -> str:
        d_unit = tape.op("Mul", dy, weight)
        along = tape.op("ReduceMean", tape.op("Mul", d_unit, unit), last, keepdims=1)
        across = tape.op("Sub", d_unit, tape.op("Mul", unit, along))
        return tape.op("Mul", across, shrink)

    return tape.op("Mul", unit, weight), back


@dataclass(frozen=True, slots=True)
class Rotary:
    """How rotary positions turn a head: the first `turned` of `width` numbers, in two halves."""

    width: int
    turned: int
    cos: str  # (tokens, 1, turned / 2)
    sin: str


def rotate(tape: Tape, x: str, rotary: Rotary) -> tuple[str, Back]:
    """Rotary positions on (tokens, heads, width). Source: Su et al. 2021, arXiv:2104.09864."""
    turned = _turn(tape, x, rotary, tape.op("Neg", rotary.sin))
    # The inverse of a rotation is the rotation the other way.
    return turned, lambda dy: _turn(tape, dy, rotary, rotary.sin)


def _turn(tape: Tape, x: str, rotary: Rotary, minus_sin: str) -> str:
    half = rotary.turned // 2
    rest = rotary.width - rotary.turned
    sizes = tape.whole(half, half, *([rest] if rest else []))
    a, b, *still = tape.ops("Split", x, sizes, outputs=3 if rest else 2, axis=-1)
    upper = tape.op("Add", tape.op("Mul", a, rotary.cos), tape.op("Mul", b, minus_sin))
    lower = tape.op("Sub", tape.op("Mul", b, rotary.cos), tape.op("Mul", a, minus_sin))
    return tape.op("Concat", upper, lower, *still, axis=-1)


def silu(tape: Tape, x: str) -> tuple[str, Back]:
    """X · sigmoid(x)."""
    gate = tape.op("Sigmoid", x)
    y = tape.op("Mul", x, gate)

    def back(dy: str) -> str:
        # d/dx = gate + y · (1 - gate)
        slope = tape.op("Add", gate, tape.op("Mul", y, tape.op("Sub", tape.real(1.0), gate)))
        return tape.op("Mul", dy, slope)

    return y, back


def gelu(tape: Tape, x: str) -> tuple[str, Back]:
    """The tanh form of GELU, which is the one that gemma was trained with."""
    one, half = tape.real(1.0), tape.real(0.5)
    square = tape.op("Mul", x, x)
    cubic = tape.op("Mul", tape.op("Add", one, tape.op("Mul", square, tape.real(_GELU_CUBIC))), x)
    bend = tape.op("Tanh", tape.op("Mul", cubic, tape.real(_GELU_SLOPE)))
    share = tape.op("Mul", half, tape.op("Add", one, bend))

    def back(dy: str) -> str:
        steep = tape.op(
            "Mul",
            tape.op("Add", one, tape.op("Mul", square, tape.real(3 * _GELU_CUBIC))),
            tape.real(_GELU_SLOPE / 2),
        )
        flat = tape.op("Sub", one, tape.op("Mul", bend, bend))
        slope = tape.op("Add", share, tape.op("Mul", tape.op("Mul", x, flat), steep))
        return tape.op("Mul", dy, slope)

    return tape.op("Mul", x, share), back


@dataclass(frozen=True, slots=True)
class Attended:
    """What attention put out, and the way back to its queries, keys and values."""

    output: str
    back: Callable[[str], tuple[str, str, str]]


def attend(tape: Tape, q: str, k: str, v: str, mask: str, *, heads: int, scale: float) -> Attended:
    """
    Softmax attention; the query heads that share a key head lie one after another.

    Shapes:
        q: (rows, key heads, group · queries, width); k, v: (rows, key heads, keys, width);
        mask: (rows, 1, queries, keys), added to the scores.
    """
    raw = tape.product(q, k, b_turned=True, scale=scale)
    by_head = tape.op("Reshape", raw, tape.whole(0, heads, -1, 0))
    weights = tape.op("Softmax", tape.op("Add", by_head, mask), axis=-1)
    shared = tape.op("Reshape", weights, tape.op("Shape", raw))

    def back(d_out: str) -> tuple[str, str, str]:
        d_weights = tape.product(d_out, v, b_turned=True)
        pull = tape.op("Mul", d_weights, shared)
        total = tape.op("ReduceSum", pull, tape.whole(-1), keepdims=1)
        d_raw = tape.op("Sub", pull, tape.op("Mul", shared, total))
        return (
            tape.product(d_raw, k, scale=scale),
            tape.product(d_raw, q, a_turned=True, scale=scale),
            tape.product(shared, d_out, a_turned=True),
        )

    return Attended(tape.product(shared, v), back)
