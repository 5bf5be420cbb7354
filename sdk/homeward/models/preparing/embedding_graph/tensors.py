"""The tensors of a BERT model by their names in transformers, from either kind of file."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from homeward.errors import UnsupportedModel
from homeward.models.preparing import safetensors
from homeward.models.preparing.embedding_graph import four_bit_file
from homeward.models.preparing.embedding_graph.graph import FLOAT, GraphWriter
from homeward.models.preparing.safetensors import SafetensorsTensor

Array = NDArray[np.float32]


class Tensors(Protocol):
    """Weights, as arrays or as initializers of a graph."""

    is_narrow: bool  # they are stored in fewer bits than int8 has

    def array(self, name: str, *shape: int) -> Array:
        """Return a tensor; UnsupportedModel where it has another shape or is not there."""
        ...

    def weight(self, name: str, *shape: int) -> str:
        """Add a tensor to the graph as it is; return its name."""
        ...

    def rows(self, name: str, ids: str, *shape: int) -> str:
        """Add a table to the graph, and a node that looks up its rows; return the node's name."""
        ...


class SafetensorsTensors:
    """Float32 tensors; the graph points into their file."""

    is_narrow = False

    def __init__(self, graph: GraphWriter, file: Path, model: str) -> None:
        self._graph, self._file, self._model = graph, file, model
        self._tensors = safetensors.tensors(file)

    def array(self, name: str, *shape: int) -> Array:
        """Read a tensor."""
        return safetensors.load(self._file, self._checked(name, shape))

    def weight(self, name: str, *shape: int) -> str:
        """Add a tensor."""
        tensor = self._checked(name, shape)
        place: dict[str, str | int] = {
            "location": self._file.name,
            "offset": tensor.offset,
            "length": tensor.length,
        }
        return self._graph.add_external(name, tensor.shape, place)

    def rows(self, name: str, ids: str, *shape: int) -> str:
        """Add a table."""
        return self._graph.op("Gather", self.weight(name, *shape), ids)

    def _checked(self, name: str, shape: tuple[int, ...]) -> SafetensorsTensor:
        tensor = self._tensors.get(name)
        if tensor is None or tensor.shape != shape:
            found = "no such tensor" if tensor is None else f"shape {tensor.shape}"
            raise UnsupportedModel(
                f"{self._file.name} is not {self._model}: {name} has {found}, not {shape}"
            )
        return tensor


class FourBitTensors:
    """Tensors of a 4-bit file; matrices are widened, the table of words stays in 4 bits."""

    is_narrow = True

    def __init__(self, graph: GraphWriter, file: Path, model: str) -> None:
        self._graph, self._name, self._model = graph, file.name, model
        self._tensors = four_bit_file.read(file).tensors

    def array(self, name: str, *shape: int) -> Array:
        """Read a tensor."""
        return four_bit_file.widened(self._found(name)).reshape(self._checked(name, shape))

    def weight(self, name: str, *shape: int) -> str:
        """Add a tensor."""
        return self._graph.add(name, self.array(name, *shape))

    def rows(self, name: str, ids: str, *shape: int) -> str:
        """Add a table."""
        self._checked(name, shape)
        g, blocks = self._graph, self._found(name).reshape(shape[0], -1)
        packed = g.op("Gather", g.add(name, blocks["codes"]), ids)
        scale = g.op("Gather", g.add(f"{name}.scale", blocks["scale"]), ids)
        low = g.op("BitwiseAnd", packed, g.constant(15, np.uint8))
        high = g.op("BitShift", packed, g.constant(4, np.uint8), direction="RIGHT")
        codes = g.op("Cast", g.op("Concat", low, high, axis=-1), to=FLOAT)
        wide = g.op("Unsqueeze", g.op("Cast", scale, to=FLOAT), g.constant([-1], np.int64))
        values = g.op("Mul", g.op("Sub", codes, g.constant(8)), wide)
        return g.op("Reshape", values, g.constant([0, 0, shape[1]], np.int64))

    def _found(self, name: str) -> four_bit_file.Tensor:
        tensor = self._tensors.get(four_bit_file.short_name(name))
        if tensor is None:
            raise UnsupportedModel(f"{self._name} is not {self._model}: it has no {name}")
        return tensor

    def _checked(self, name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
        held, wanted = four_bit_file.size(self._found(name)), int(np.prod(shape))
        if held != wanted:
            raise UnsupportedModel(
                f"{self._name} is not {self._model}: {name} has {held} numbers, not {wanted}"
            )
        return shape
