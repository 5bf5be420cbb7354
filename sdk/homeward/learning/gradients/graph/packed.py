"""
Computes attention over packed rows that share one prefix, computed once.

Tokens lie in one (tokens, …) matrix: first the prefix, then the rows one after another. Linear
layers never see the difference; only attention takes the parts apart. Sharing the prefix means
that sixteen virtual tokens before forty short messages cost sixteen tokens, not 640.
"""

from dataclasses import dataclass

from homeward.learning.gradients.graph.pieces import Attended, attend
from homeward.learning.gradients.graph.tape import Tape

_HEADS_FIRST = [0, 2, 1, 3]  # (rows, tokens, heads, width) ↔ (rows, heads, tokens, width)


@dataclass(frozen=True, slots=True)
class PackedLayout:
    """Names of the values that say how tokens are packed; `packing` computes them."""

    parts: str  # (2,): prefix tokens, row tokens in all
    seen: str  # (2,): prefix tokens, tokens per row
    prefix_grid: str  # (4,): 1, prefix tokens, -1, head width
    row_grid: str  # (4,): rows, tokens per row, -1, head width
    prefix_mask: str  # (1, 1, prefix, prefix)
    row_mask: str  # (rows, 1, tokens per row, prefix + tokens per row)


@dataclass(frozen=True, slots=True)
class Heads:
    """How many query and key heads attention has, and what it multiplies scores with."""

    query: int
    key: int
    width: int
    scale: float


def declare_layout(tape: Tape) -> PackedLayout:
    """The packing's inputs on a tape."""
    return PackedLayout(
        parts=tape.input("parts", [2], integer=True),
        seen=tape.input("seen", [2], integer=True),
        prefix_grid=tape.input("prefix_grid", [4], integer=True),
        row_grid=tape.input("row_grid", [4], integer=True),
        prefix_mask=tape.input("prefix_mask", [1, 1, "P", "P"]),
        row_mask=tape.input("row_mask", ["R", 1, "L", "S"]),
    )


def attend_packed(
    tape: Tape, q: str, k: str, v: str, *, layout: PackedLayout, heads: Heads
) -> Attended:
    """Each row sees the prefix and itself; q, k, v and the output are (tokens, heads, width)."""
    spread_q, spread_k, spread_v = (_spread(tape, x, layout, heads) for x in (q, k, v))
    seen_k, seen_v = (_after_prefix(tape, s, layout) for s in (spread_k, spread_v))
    first = attend(
        tape,
        *(spread_q.prefix, spread_k.prefix, spread_v.prefix, layout.prefix_mask),
        heads=heads.query,
        scale=heads.scale,
    )
    rest = attend(
        tape,
        *(spread_q.rows, seen_k, seen_v, layout.row_mask),
        heads=heads.query,
        scale=heads.scale,
    )
    output = _gather(tape, first.output, rest.output, heads.query, heads)

    def back(d_output: str) -> tuple[str, str, str]:
        d = _spread(tape, d_output, layout, heads)
        dq_prefix, dk_prefix, dv_prefix = first.back(d.prefix)
        dq_rows, dk_seen, dv_seen = rest.back(d.rows)
        dk_shared, dk_rows = _before_rows(tape, dk_seen, layout)
        dv_shared, dv_rows = _before_rows(tape, dv_seen, layout)
        return (
            _gather(tape, dq_prefix, dq_rows, heads.query, heads),
            _gather(tape, tape.op("Add", dk_prefix, dk_shared), dk_rows, heads.key, heads),
            _gather(tape, tape.op("Add", dv_prefix, dv_shared), dv_rows, heads.key, heads),
        )

    return Attended(output, back)


@dataclass(frozen=True, slots=True)
class _Spread:
    prefix: str  # (1, key heads, group · prefix, width)
    rows: str  # (rows, key heads, group · tokens per row, width)


def _spread(tape: Tape, x: str, layout: PackedLayout, heads: Heads) -> _Spread:
    prefix, rows = tape.ops("Split", x, layout.parts, outputs=2, axis=0)

    def fold(part: str, grid: str) -> str:
        by_token = tape.op("Reshape", part, grid)
        by_head = tape.op("Transpose", by_token, perm=_HEADS_FIRST)
        return tape.op("Reshape", by_head, tape.whole(0, heads.key, -1, heads.width))

    return _Spread(fold(prefix, layout.prefix_grid), fold(rows, layout.row_grid))


def _gather(tape: Tape, prefix: str, rows: str, count: int, heads: Heads) -> str:
    def unfold(part: str) -> str:
        by_head = tape.op("Reshape", part, tape.whole(0, count, -1, heads.width))
        by_token = tape.op("Transpose", by_head, perm=_HEADS_FIRST)
        return tape.op("Reshape", by_token, tape.whole(-1, count, heads.width))

    return tape.op("Concat", unfold(prefix), unfold(rows), axis=0)


def _after_prefix(tape: Tape, spread: _Spread, layout: PackedLayout) -> str:
    rows = tape.op("Slice", layout.row_grid, tape.whole(0), tape.whole(1))
    shape = tape.op("Concat", rows, tape.whole(1, 1, 1), axis=0)
    return tape.op("Concat", tape.op("Expand", spread.prefix, shape), spread.rows, axis=2)


def _before_rows(tape: Tape, d_seen: str, layout: PackedLayout) -> tuple[str, str]:
    d_prefix, d_rows = tape.ops("Split", d_seen, layout.seen, outputs=2, axis=2)
    return tape.op("ReduceSum", d_prefix, tape.whole(0), keepdims=1), d_rows
