"""Builds one transformer block as a tape, from its architecture. Every layer runs it."""

from collections.abc import Mapping
from dataclasses import dataclass

from homeward.learning.gradients.architecture import Architecture
from homeward.learning.gradients.graph.packed import (
    Heads,
    PackedLayout,
    attend_packed,
    declare_layout,
)
from homeward.learning.gradients.graph.pieces import (
    Back,
    Rotary,
    gelu,
    linear,
    rms_norm,
    rotate,
    silu,
)
from homeward.learning.gradients.graph.tape import Dims, Tape

_ACTIVATIONS = {"silu": silu, "gelu": gelu}


@dataclass(frozen=True, slots=True)
class BlockGraphs:
    """
    Serialized ONNX models of one block; weights are inputs, so all layers share them.

    `forward` puts out y. `forward_keeping` also puts out `kept`. `backward` computes dx from x,
    dy and nothing else; `backward_kept` is handed what `forward_keeping` kept.
    """

    forward: bytes
    forward_keeping: bytes
    backward: bytes
    backward_kept: bytes
    kept: tuple[str, ...]


def build_block(arch: Architecture, shapes: Mapping[str, Dims]) -> BlockGraphs:
    """Write the block's tape for a layer with tensors of these `shapes`, and cut it four ways."""
    writer = _Block(Tape(), arch, shapes)
    y, back, kept = writer.write(writer.tape.input("x", ["N", arch.width]))
    dx = back(writer.tape.input("dy", ["N", arch.width]))
    return BlockGraphs(
        forward=writer.tape.cut({"y": y}),
        forward_keeping=writer.tape.cut({"y": y, **{name: name for name in kept}}),
        backward=writer.tape.cut({"dx": dx}),
        backward_kept=writer.tape.cut({"dx": dx}, given=kept),
        kept=tuple(kept),
    )


class _Block:
    def __init__(self, tape: Tape, arch: Architecture, shapes: Mapping[str, Dims]) -> None:
        self.tape, self._arch, self._shapes = tape, arch, shapes
        self._layout: PackedLayout = declare_layout(tape)
        self._rotary = Rotary(
            width=arch.head_width,
            turned=arch.turned,
            cos=tape.input("cos", ["N", 1, arch.turned // 2]),
            sin=tape.input("sin", ["N", 1, arch.turned // 2]),
        )

    def write(self, x: str) -> tuple[str, Back, list[str]]:
        """
        The block's output, its backward, and the values worth keeping between the two.

        Kept is what costs a product to compute again; norms and activations are cheap.
        """
        attention, attention_back, kept = self._attention(x)
        middle = self._residual(x, attention)
        mlp, mlp_back, kept_mlp = self._mlp(middle)
        y = self._residual(middle, mlp)

        def back(dy: str) -> str:
            d_middle = self.tape.op("Add", dy, mlp_back(self._scaled(dy)))
            return self.tape.op("Add", d_middle, attention_back(self._scaled(d_middle)))

        return y, back, [*kept, middle, *kept_mlp]

    def _attention(self, x: str) -> tuple[str, Back, list[str]]:
        arch, tape = self._arch, self.tape
        normed, norm_back = self._norm(x, "attn_norm")
        q, q_back = self._projected(normed, "q", turned=True)
        k, k_back = self._projected(normed, "k", turned=True)
        v, v_back = self._projected(normed, "v", turned=False)
        heads = Heads(arch.heads, arch.key_heads, arch.head_width, arch.score_scale)
        seen = attend_packed(tape, q, k, v, layout=self._layout, heads=heads)
        flat = tape.op("Reshape", seen.output, tape.whole(0, arch.heads * arch.head_width))
        out, out_back = self._linear(flat, "out")
        y, post_back = self._norm(out, "attn_post_norm")

        def back(dy: str) -> str:
            d_flat = out_back(post_back(dy))
            d_seen = tape.op("Reshape", d_flat, tape.whole(0, arch.heads, arch.head_width))
            dq, dk, dv = seen.back(d_seen)
            d_normed = tape.op("Add", tape.op("Add", q_back(dq), k_back(dk)), v_back(dv))
            return norm_back(d_normed)

        return y, back, [q, k, v, *([out] if post_back is not _same else [])]

    def _projected(self, x: str, name: str, *, turned: bool) -> tuple[str, Back]:
        """Heads of one projection, normed and turned where the model does so."""
        tape = self.tape
        width = self._arch.head_width
        count = self._arch.heads if name == "q" else self._arch.key_heads
        flat, linear_back = self._linear(x, name)
        heads = tape.op("Reshape", flat, tape.whole(0, count, width))
        normed, norm_back = self._norm(heads, f"{name}_norm")
        out, turn_back = rotate(tape, normed, self._rotary) if turned else (normed, _same)

        def back(dy: str) -> str:
            d_heads = norm_back(turn_back(dy))
            return linear_back(tape.op("Reshape", d_heads, tape.whole(0, count * width)))

        return out, back

    def _mlp(self, x: str) -> tuple[str, Back, list[str]]:
        tape = self.tape
        normed, norm_back = self._norm(x, "mlp_norm")
        gate, gate_back = self._linear(normed, "gate")
        up, up_back = self._linear(normed, "up")
        active, active_back = _ACTIVATIONS[self._arch.family.activation](tape, gate)
        down, down_back = self._linear(tape.op("Mul", active, up), "down")
        y, post_back = self._norm(down, "mlp_post_norm")

        def back(dy: str) -> str:
            d_product = down_back(post_back(dy))
            d_gate = active_back(tape.op("Mul", d_product, up))
            d_up = tape.op("Mul", d_product, active)
            return norm_back(tape.op("Add", gate_back(d_gate), up_back(d_up)))

        return y, back, [gate, up, *([down] if post_back is not _same else [])]

    def _linear(self, x: str, name: str) -> tuple[str, Back]:
        bias = f"{name}_bias"
        given = self._weight(bias) if bias in self._shapes else None
        return linear(self.tape, x, self._weight(name), given)

    def _norm(self, x: str, name: str) -> tuple[str, Back]:
        if name not in self._shapes:
            return x, _same
        return rms_norm(self.tape, x, self._weight(name), epsilon=self._arch.epsilon)

    def _weight(self, name: str) -> str:
        return self.tape.input(name, self._shapes[name])

    def _residual(self, x: str, branch: str) -> str:
        return self.tape.op("Add", x, self._scaled(branch))

    def _scaled(self, value: str) -> str:
        scale = self._arch.residual_scale
        return value if scale == 1.0 else self.tape.op("Mul", value, self.tape.real(scale))


def _same(dy: str) -> str:
    return dy
