"""
What encryption costs, and how fast exact search is at scale.

The peer is plain SQLite: the same library and version, driven by the same class, without a key.
The two sides take turns and the fastest of fifteen rounds of each counts: in wall time, and, as
`…_cpu_ratio`, in processor time, which a busy machine blurs less. Vectors are synthetic: 2,000
clusters in 48 latent
dimensions and noise, unit length, queries from the same distribution.
"""

import argparse
import contextlib
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlcipher3 import dbapi2 as sqlcipher

from benchmarks.report import report
from homeward_store import Space
from homeward_store.database.database import Database, create_database
from homeward_store.database.migrations import migrate
from homeward_store.repositories.embeddings import Embeddings
from homeward_store.repositories.vectors import quantize
from homeward_store.secret import Secret

_DIMS = 384
_SPACE = Space("0" * 64, _DIMS)
_ROUNDS = 15
_ROWS = 20_000
_WORDS = [f"word{number}" for number in range(5_000)]
_BLOCK = 10_000  # vectors made and stored at a time

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds on the clock, and seconds of one thread's processor time."""

    wall: float
    busy: float

    def or_better(self, other: "Took") -> "Took":
        """The smaller of each."""
        return Took(min(self.wall, other.wall), min(self.busy, other.busy))


def encrypted(path: Path) -> Database:
    """A new database as a profile has it."""
    return create_database(path, Secret.random())


def plain(path: Path) -> Database:
    """The same without a key: the same library, pragmas and class."""
    connection = sqlcipher.connect(str(path), isolation_level=None, check_same_thread=False)
    for pragma in (
        "secure_delete=ON",
        "auto_vacuum=INCREMENTAL",
        "journal_mode=WAL",
        "synchronous=FULL",
        "temp_store=MEMORY",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "cell_size_check=ON",
        "cache_size=-8192",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return Database(connection, path)


def insert(database: Database) -> Took:
    """50,000 rows of 280 characters into a new table with an index, in one transaction."""
    database.run("DROP TABLE IF EXISTS t")
    database.run("PRAGMA incremental_vacuum")
    database.run("CREATE TABLE t(id INTEGER PRIMARY KEY, said_at INTEGER, s TEXT)")
    database.run("CREATE INDEX i ON t(said_at)")
    database.checkpoint()
    rows = [(number, number * 1_000_003, "x" * 280) for number in range(50_000)]
    with _stopwatch() as took, database.transaction():
        database.run_many("INSERT INTO t VALUES(?, ?, ?)", rows)
    return took()


def read(database: Database) -> Took:
    """20,000 reads by key of 500 rows that are asked for again and again."""
    rng = random.Random(1)
    asked = [rng.randrange(500) for _ in range(20_000)]
    for number in range(500):
        database.run("SELECT s FROM t WHERE id = ?", (number,))
    with _stopwatch() as took:
        for number in asked:
            database.run("SELECT s FROM t WHERE id = ?", (number,))
    return took()


def fill_texts(database: Database) -> None:
    """20,000 texts of 30 words."""
    rng = random.Random(2)
    database.run("CREATE VIRTUAL TABLE f USING fts5(s, tokenize='porter unicode61')")
    texts = [(" ".join(rng.choices(_WORDS, k=30)),) for _ in range(_ROWS)]
    with database.transaction():
        database.run_many("INSERT INTO f(s) VALUES(?)", texts)
    database.checkpoint()


def full_text(database: Database) -> Took:
    """100 BM25 queries of three words."""
    rng = random.Random(3)
    queries = [" OR ".join(rng.choices(_WORDS, k=3)) for _ in range(100)]
    question = "SELECT rowid, bm25(f) FROM f WHERE f MATCH ? ORDER BY 2 LIMIT 10"
    for query in queries:
        database.run(question, (query,))
    with _stopwatch() as took:
        for query in queries:
            database.run(question, (query,))
    return took()


def ratios(home: Path) -> dict[str, float]:
    """Time with a key divided by time without, for each of the three."""
    sides = {"encrypted": encrypted(home / "encrypted.db"), "plain": plain(home / "plain.db")}
    best: dict[tuple[str, str], Took] = {}
    for database in sides.values():
        fill_texts(database)
    for _ in range(_ROUNDS):
        for work in (insert, read, full_text):
            for side, database in sides.items():
                took = work(database)
                key = (side, work.__name__)
                best[key] = took.or_better(best.get(key, took))
    for database in sides.values():
        database.close()
    names = {"insert": "insert", "read": "read", "full_text": "fts"}
    figures: dict[str, float] = {}
    for name, figure in names.items():
        ours, peer = best["encrypted", name], best["plain", name]
        figures[f"{figure}_ratio"] = round(ours.wall / peer.wall, 3)
        figures[f"{figure}_cpu_ratio"] = round(ours.busy / peer.busy, 3)
    return {**figures, "read_us": round(best["encrypted", "read"].wall / 20_000 * 1e6, 2)}


def search(home: Path, count: int, *, queries: int) -> dict[str, float]:
    """Latency of exact search over `count` vectors, and how many of the true ten it finds."""
    rng = np.random.default_rng(3)
    database = create_database(home / f"search-{count}.db", Secret.random())
    migrate(database)
    centres = rng.normal(size=(2_000, 48)).astype(np.float32)
    basis = rng.normal(size=(48, _DIMS)).astype(np.float32)
    asked = _clustered(rng, queries, centres, basis)
    best = _fill(database, count, asked, lambda some: _clustered(rng, some, centres, basis))
    embeddings = Embeddings(database)
    started = time.perf_counter()
    embeddings.nearest(asked[0], _SPACE, limit=10, condition="", values=())
    load = time.perf_counter() - started
    took, busy, found = [], [], 0
    for query, (true_ids, _) in zip(asked, best, strict=True):
        started, began = time.perf_counter(), time.thread_time()
        hits = embeddings.nearest(query, _SPACE, limit=10, condition="", values=())
        took.append(1000 * (time.perf_counter() - started))
        busy.append(1000 * (time.thread_time() - began))
        found += len({hit.memory for hit in hits} & set(true_ids.tolist()))
    database.close()
    size = f"{count // 1000}k" if count < 1_000_000 else f"{count // 1_000_000}M"
    return {
        f"search_p50_ms@{size}": round(float(np.percentile(took, 50)), 2),
        f"search_p95_ms@{size}": round(float(np.percentile(took, 95)), 2),
        f"search_cpu_p95_ms@{size}": round(float(np.percentile(busy, 95)), 2),
        f"recall@10@{size}": found / (10 * queries),
        f"load_s@{size}": round(load, 2),
        f"memory_mib@{size}": round(embeddings.nbytes / 2**20),
    }


def _fill(
    database: Database, count: int, asked: Vectors, make: Callable[[int], Vectors]
) -> list[tuple[NDArray[np.int64], Vectors]]:
    """Store vectors, and keep the true ten nearest of every query on the way."""
    database.run("INSERT INTO space(id, encoder_sha256, dims) VALUES(1, ?, ?)", ("0" * 64, _DIMS))
    best = [(np.zeros(0, np.int64), np.zeros(0, np.float32)) for _ in asked]
    for start in range(1, count + 1, _BLOCK):
        vectors = make(min(_BLOCK, count + 1 - start))
        ids = np.arange(start, start + len(vectors))
        with database.transaction():
            database.run_many(
                "INSERT INTO memory(id, text, source_kind, source_id, source_start, source_end,"
                " origin, said_at, learned_at, valid_from)"
                " VALUES(?, 'm', 'note', 1, 0, 1, 'person', 0, 0, 0)",
                [(int(one),) for one in ids],
            )
            database.run_many(
                "INSERT INTO embedding(id, space, memory, scale, codes) VALUES(?, 1, ?, ?, ?)",
                [(int(i), int(i), *quantize(v)) for i, v in zip(ids, vectors, strict=True)],
            )
            database.run_many(
                "INSERT INTO embedding_exact(id, vector) VALUES(?, ?)",
                [(int(i), v.tobytes()) for i, v in zip(ids, vectors, strict=True)],
            )
        for place, scores in enumerate(asked @ vectors.T):
            known, values = best[place]
            together, all_values = np.append(known, ids), np.append(values, scores)
            top = np.argsort(-all_values)[:10]
            best[place] = (together[top], all_values[top].astype(np.float32))
    return best


def _clustered(rng: np.random.Generator, count: int, centres: Vectors, basis: Vectors) -> Vectors:
    latent = centres[rng.integers(len(centres), size=count)]
    latent = latent + 0.5 * rng.normal(size=latent.shape).astype(np.float32)
    vectors = latent @ basis + 0.3 * rng.normal(size=(count, _DIMS)).astype(np.float32)
    unit: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


@contextlib.contextmanager
def _stopwatch() -> Iterator[Callable[[], Took]]:
    started, began = time.perf_counter(), time.thread_time()
    took = Took(0, 0)
    yield lambda: took
    took = Took(time.perf_counter() - started, time.thread_time() - began)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--queries", type=int, default=100)
    arguments = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="homeward-store-"))
    figures: dict[str, float | int | str] = {
        "peer": f"SQLite {sqlcipher.sqlite_version} of the same wheel, no key"
    }
    try:
        figures |= ratios(home)
        for size in arguments.sizes:
            figures |= search(home, size, queries=arguments.queries)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    report(figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
