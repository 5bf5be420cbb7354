"""An ONNX graph in the making; only this module imports `onnx`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import set_external_data

Number = int | float

FLOAT, UINT8 = TensorProto.FLOAT, TensorProto.UINT8
_OPSET = 20  # the first with Gelu
_SMALL = 1024  # bytes; what is smaller stays in the graph, which may need to know it
_IR_VERSION = 9  # read by every ONNX Runtime that reads opset 20


class GraphWriter:
    """Collects nodes and weights, and saves them as a graph from token ids to unit vectors."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: list[onnx.TensorProto] = []
        self._names: set[str] = set()

    def op(
        self,
        kind: str,
        *inputs: str,
        outputs: Sequence[str] = (),
        **attributes: Any,  # noqa: ANN401  # numbers and lists, as the operator has them
    ) -> str:
        """Add a node; return the name of its first output."""
        names = list(outputs) or [f"{kind}_{len(self._nodes)}"]
        self._nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0]

    def constant(self, value: Number | list[int], kind: type = np.float32) -> str:
        """Return the name of a constant, which is added once."""
        array: NDArray[Any] = np.asarray(value, kind)
        return self.add(f"constant_{array.dtype}_{array.tolist()}", array)

    def add(self, name: str, array: NDArray[Any]) -> str:
        """Add weights that lie beside the graph; what has this name already stays."""
        if name not in self._names:
            self._names.add(name)
            proto = numpy_helper.from_array(np.array(array, order="C"), name)
            self._initializers.append(proto)
        return name

    def add_external(self, name: str, shape: Sequence[int], place: Mapping[str, str | int]) -> str:
        """Add float32 weights that lie in another file: its `location`, `offset`, `length`."""
        proto = TensorProto(name=name, data_type=FLOAT, dims=shape)
        proto.data_location = TensorProto.EXTERNAL
        for key, value in place.items():
            proto.external_data.add(key=key, value=str(value))
        self._initializers.append(proto)
        return name

    def save(self, target: Path, *, dims: int, properties: Mapping[str, str]) -> None:
        """
        Write the graph, whose last node names its output `embedding`.

        Weights that it does not point to lie in a file of its own, `.bin` in place of `.onnx`: ONNX
        Runtime maps that, where it would copy what the graph holds (12 MB less of MiniLM's).
        """
        shape = ["texts", "pieces"]
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, shape)
            for name in ("input_ids", "attention_mask")
        ]
        output = helper.make_tensor_value_info("embedding", FLOAT, ["texts", dims])
        model = helper.make_model(
            helper.make_graph(self._nodes, "bert", inputs, [output], self._initializers),
            opset_imports=[helper.make_opsetid("", _OPSET)],
            ir_version=_IR_VERSION,
        )
        helper.set_model_props(model, dict(properties))
        _move(model, target.with_suffix(".bin"))
        onnx.save(model, str(target))


def _move(model: onnx.ModelProto, beside: Path) -> None:
    """
    Write the weights that `model` holds to a file, if it holds any, and let it point there.

    ONNX would do this, but calls `uuid1` for it, which connects to a service of the system.
    """
    beside.unlink(missing_ok=True)
    held = [one for one in model.graph.initializer if len(one.raw_data) >= _SMALL]
    if not held:
        return
    with beside.open("wb") as file:
        for tensor in held:
            place, length = file.tell(), file.write(tensor.raw_data)
            set_external_data(tensor, beside.name, offset=place, length=length)
            tensor.ClearField("raw_data")
