"""What a catalogue entry says of an embedding model: its architecture, and what it expects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SHAPES = ("minilm-l6", "e5-small", "e5-base")  # that `embedding_graph` can write
_SAFETENSORS = ["model.safetensors", "tokenizer.json"]


@dataclass(frozen=True, slots=True)
class EmbeddingEntry:
    """
    How vectors are made of an entry's files.

    A calibrated model's vectors are centred, and its cosines put on the scale of the others, by
    what is measured on this device after the pull.
    """

    shape: str = "minilm-l6"
    question_prefix: str = ""
    memory_prefix: str = ""
    calibrated: bool = False


def read(table: Mapping[str, Any], files: Sequence[str]) -> EmbeddingEntry:
    """
    Return what the entry `table` says; all of it may be left out.

    Raises:
        ValueError: the architecture is not one of `SHAPES`, or the files are not what it needs.
    """
    if list(files) != _SAFETENSORS and [name.rpartition(".")[2] for name in files] != ["bin"]:
        raise ValueError(
            f"the files of an embedding model are {' and '.join(_SAFETENSORS)}, or one .bin"
        )
    given = dict(table.get("embedding", {}))
    entry = EmbeddingEntry(**given)
    if entry.shape not in SHAPES:
        raise ValueError(f"embedding.shape is one of {', '.join(SHAPES)}")
    return entry
