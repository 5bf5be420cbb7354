"""Vector databases that recall is measured against: chromadb and sqlite-vec, where installed."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from sqlcipher3 import dbapi2 as sqlite

from homeward_store.records import Vector

_AT_ONCE = 5_000  # chromadb takes at most 5,461


class Peer(Protocol):
    """What a vector database is asked: to take vectors, and for the nearest."""

    name: str

    def add(self, first: int, texts: Sequence[str], vectors: Vector) -> None:
        """Store texts and vectors; `first` is the id of the first of them."""
        ...

    def nearest(self, vector: Vector, *, limit: int) -> list[int]:
        """Return the ids of the nearest by cosine, best first."""
        ...


class Chroma:
    """chromadb on disk: an approximate graph (HNSW) with its settings as they come."""

    name = "chromadb"

    def __init__(self, folder: Path) -> None:
        chromadb = importlib.import_module("chromadb")
        settings = chromadb.config.Settings(anonymized_telemetry=False)
        self._client = chromadb.PersistentClient(path=str(folder / self.name), settings=settings)
        self._memories = self._client.create_collection(
            "memories", metadata={"hnsw:space": "cosine"}, embedding_function=None
        )

    def add(self, first: int, texts: Sequence[str], vectors: Vector) -> None:
        """Store a batch."""
        for at in range(0, len(texts), _AT_ONCE):
            some = slice(at, at + _AT_ONCE)
            self._memories.add(
                ids=[str(first + at + place) for place in range(len(texts[some]))],
                documents=list(texts[some]),
                embeddings=vectors[some],
            )

    def nearest(self, vector: Vector, *, limit: int) -> list[int]:
        """Return the ids that the graph finds."""
        found = self._memories.query(query_embeddings=[vector], n_results=limit)
        return [int(one) for one in found["ids"][0]]


class SqliteVec:
    """sqlite-vec on disk, without encryption: every vector is compared, in float32."""

    name = "sqlite_vec"

    def __init__(self, folder: Path) -> None:
        extension = importlib.import_module("sqlite_vec")
        self._connection = sqlite.connect(str(folder / f"{self.name}.db"), isolation_level=None)
        self._connection.enable_load_extension(True)  # noqa: FBT003  # takes no name
        extension.load(self._connection)
        self._connection.execute(
            "CREATE VIRTUAL TABLE memories USING vec0"
            "(id INTEGER PRIMARY KEY, vector float[384] distance_metric=cosine)"
        )
        self._connection.execute("CREATE TABLE texts(id INTEGER PRIMARY KEY, text TEXT)")

    def add(self, first: int, texts: Sequence[str], vectors: Vector) -> None:
        """Store a batch in one transaction."""
        self._connection.execute("BEGIN")
        self._connection.executemany(
            "INSERT INTO memories(id, vector) VALUES(?, ?)",
            [(first + at, vector.tobytes()) for at, vector in enumerate(vectors)],
        )
        self._connection.executemany(
            "INSERT INTO texts VALUES(?, ?)", [(first + at, text) for at, text in enumerate(texts)]
        )
        self._connection.execute("COMMIT")

    def nearest(self, vector: Vector, *, limit: int) -> list[int]:
        """Return the ids of the nearest, with their texts read as an app would."""
        rows = self._connection.execute(
            "SELECT memories.id, text FROM memories JOIN texts USING(id)"
            " WHERE vector MATCH ? AND k = ? ORDER BY distance",
            (np.ascontiguousarray(vector).tobytes(), limit),
        ).fetchall()
        return [int(one) for one, _ in rows]


def installed(folder: Path) -> tuple[list[Peer], list[str]]:
    """Open the peers that are installed in `folder`, and name those that are not."""
    peers: list[Peer] = []
    absent: list[str] = []
    for kind in (Chroma, SqliteVec):
        try:
            peers.append(kind(folder))
        except ModuleNotFoundError:
            absent.append(kind.name)
    return peers, absent
