"""Records a graph under construction, and cuts it into ONNX models."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

_OPSET = 18
_IR_VERSION = 9  # what every ONNX Runtime since 1.16 reads
_FUSED = "com.microsoft"  # FusedMatMul: transposed and scaled products without a copy

Dims = Sequence[int | str]


class Tape:
    """Nodes in the order they were written, so that any cut of them is already sorted."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._named: dict[tuple[bytes, tuple[int, ...], str], str] = {}
        self._inputs: dict[str, onnx.ValueInfoProto] = {}
        self._written = 0

    def input(self, name: str, dims: Dims | None, *, integer: bool = False) -> str:
        """Declare a value that comes from outside; a cut lists those it needs. None: any shape."""
        kind = onnx.TensorProto.INT64 if integer else onnx.TensorProto.FLOAT
        self._inputs[name] = helper.make_tensor_value_info(name, kind, dims)
        return name

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401 - ONNX attributes
        """Write one node and return its only output."""
        return self.ops(kind, *inputs, outputs=1, **attributes)[0]

    def ops(self, kind: str, *inputs: str, outputs: int, **attributes: Any) -> list[str]:  # noqa: ANN401
        """Write one node and return all its outputs."""
        names = [f"{kind}.{self._written}.{place}" for place in range(outputs)]
        self._written += 1
        self._nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names

    def product(
        self, a: str, b: str, *, a_turned: bool = False, b_turned: bool = False, scale: float = 1.0
    ) -> str:
        """Scale · a @ b over the last two axes, either of them transposed first."""
        return self.op(
            "FusedMatMul",
            a,
            b,
            transA=int(a_turned),
            transB=int(b_turned),
            alpha=scale,
            domain=_FUSED,
        )

    def real(self, *values: float) -> str:
        """A float32 vector, stored once however often it is asked for."""
        return self._constant(np.asarray(values, np.float32))

    def whole(self, *values: int) -> str:
        """An int64 vector: axes, shapes, split sizes."""
        return self._constant(np.asarray(values, np.int64))

    def _constant(self, values: NDArray[Any]) -> str:
        key = (values.tobytes(), values.shape, values.dtype.str)
        if key not in self._named:
            name = f"constant.{len(self._named)}"
            self._named[key] = name
            self._constants[name] = numpy_helper.from_array(values, name)
        return self._named[key]

    def cut(self, outputs: Mapping[str, str], *, given: Iterable[str] = ()) -> bytes:
        """
        Serialize the nodes that `outputs` need, and no others.

        `outputs` maps public names to values. The values in `given` become inputs instead of
        being computed: so one tape yields a pass that recomputes everything and one that is handed
        what an earlier pass kept.
        """
        stops = set(given)
        needed = set(outputs.values()) - stops
        nodes = []
        for node in reversed(self._nodes):
            if needed.intersection(node.output):
                nodes.append(node)
                needed.update(name for name in node.input if name not in stops)
        nodes.reverse()
        used = {name for node in nodes for name in node.input} | set(outputs.values())
        aliases = [
            helper.make_node("Identity", [value], [name])
            for name, value in outputs.items()
            if name != value
        ]
        graph = helper.make_graph(
            [*nodes, *aliases],
            "cut",
            [info for name, info in self._inputs.items() if name in used]
            + [_handed(name) for name in sorted(stops & used)],
            [onnx.ValueInfoProto(name=name) for name in outputs],  # the runtime infers types
            [tensor for name, tensor in self._constants.items() if name in used],
        )
        return _serialize(graph)


def _handed(name: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)


def _serialize(graph: onnx.GraphProto) -> bytes:
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
    blob: bytes = model.SerializeToString()
    return blob
