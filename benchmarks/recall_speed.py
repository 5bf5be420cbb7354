"""
How long recall takes, from a question's text to ranked memories, in profiles of up to a million.

One encrypted profile grows from size to size through the store's own interface. At each size a
fresh process opens it and asks. chromadb and sqlite-vec get the same vectors and only have to find
the nearest ten, while recall also searches by words, reads a hundred memories and weighs them.
Their times, like ours, include embedding the question; `…_cpu_…` is processor time, which a busy
machine blurs less.

Texts are made up: words of the encoder's vocabulary, as frequent as in English (Zipf). The first
2,000 are embedded; the others are given a vector near one of those, since embedding a million texts
takes hours, so `import_s` is without embedding, and `embed_per_second` says what that adds.
"""

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.recall_peers import Peer, installed
from benchmarks.report import Figure, report
from homeward import paths
from homeward.engines.onnx import open_embedder
from homeward.memory.recall import Recall
from homeward.models import DEFAULT_EMBEDDING, path
from homeward.ports import Embedder
from homeward_store import (
    MemoryDraft,
    Passphrase,
    Profile,
    SourceKind,
    Space,
    Span,
    create_profile,
    open_profile,
)
from homeward_store.keys.key_derivation import FASTEST
from homeward_store.records import Vector

_SIZES = (1_000, 10_000, 100_000, 1_000_000)
_EMBEDDED = 2_000
_NOISE = 0.5  # length of what is added to an embedded text's vector; cosine to it about .9
_BATCH = 5_000  # memories made and stored at a time
_FIRST_WORD, _LAST_WORD = 1_996, 29_612  # whole words in MiniLM's vocabulary, by frequency
_START = datetime(2020, 1, 1, tzinfo=UTC)
_UNLOCK = Passphrase("benchmark")
_LIMIT = 10
_IN_A_NOTE = 10  # memories
_ZIPF_OFFSET = 2.7  # of Mandelbrot's law for English


class Texts:
    """Memories that nobody had: texts, their vectors, and questions that ask for some of them."""

    def __init__(self, embedder: Embedder, folder: Path, *, questions: int) -> None:
        vocabulary = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
        ranked = sorted(vocabulary, key=vocabulary.__getitem__)[_FIRST_WORD:_LAST_WORD]
        self._words = np.array([word for word in ranked if word.isalpha()])
        shares = 1 / (_ZIPF_OFFSET + np.arange(len(self._words)))
        self._upto = np.cumsum(shares / shares.sum())
        self._rng = np.random.default_rng(5)
        self._first = self._make(_EMBEDDED)
        started = time.perf_counter()
        self._embedded = embedder.embed(self._first)
        self.per_second = _EMBEDDED / (time.perf_counter() - started)
        self.questions = [self._question(text) for text in self._first[:questions]]
        self.asked = embedder.embed(self.questions)
        self._made = 0

    def batch(self, count: int) -> tuple[list[str], Vector]:
        """Make up to `count` texts and their vectors, the embedded ones first."""
        start, self._made = self._made, self._made + count
        if self._made <= _EMBEDDED:
            return self._first[start : self._made], self._embedded[start : self._made]
        near = self._embedded[self._rng.integers(_EMBEDDED, size=count)]
        noise = self._rng.normal(size=near.shape, scale=_NOISE / np.sqrt(near.shape[1]))
        vectors = near + noise.astype(np.float32)
        return self._make(count), vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def _make(self, count: int) -> list[str]:
        lengths = self._rng.integers(8, 25, size=count)
        places = np.searchsorted(self._upto, self._rng.random(int(lengths.sum())))
        words = self._words[np.minimum(places, len(self._words) - 1)]
        ends = np.cumsum(lengths)
        return [" ".join(words[end - n : end]) for end, n in zip(ends, lengths, strict=True)]

    def _question(self, text: str) -> str:
        words = text.split()
        return f"What did I say about {' '.join(self._rng.choice(words, 4, replace=False))}?"


class Truth:
    """The true nearest of every question among all vectors so far."""

    def __init__(self, asked: Vector) -> None:
        self._asked = asked
        self._ids = np.zeros((len(asked), 0), np.int64)
        self._products = np.zeros((len(asked), 0), np.float32)

    def add(self, first: int, vectors: Vector) -> None:
        """Compare a batch whose ids start at `first`."""
        ids = np.broadcast_to(
            np.arange(first, first + len(vectors)), (len(self._asked), len(vectors))
        )
        ids = np.hstack([self._ids, ids])
        products = np.hstack([self._products, self._asked @ vectors.T])
        best = np.argsort(-products, axis=1)[:, :_LIMIT]
        self._ids = np.take_along_axis(ids, best, axis=1)
        self._products = np.take_along_axis(products, best, axis=1)

    def found(self, answers: Sequence[Sequence[int]]) -> float:
        """Return the share of the true nearest that is among `answers`."""
        pairs = zip(self._ids.tolist(), answers, strict=True)
        return sum(len(set(true) & set(some)) for true, some in pairs) / self._ids.size


def remember(
    profile: Profile, first: int, texts: Sequence[str], vectors: Vector, space: Space
) -> None:
    """Store a batch as an import does: notes, ten memories each, in one transaction."""
    with profile.transaction():
        for at in range(0, len(texts), _IN_A_NOTE):
            some = texts[at : at + _IN_A_NOTE]
            said_at = _START + timedelta(minutes=3 * (first + at))
            note = profile.notes.add("\n".join(some))
            ends = np.cumsum([len(text) + 1 for text in some]).tolist()
            profile.memories.add(
                [
                    MemoryDraft(
                        text=text,
                        source=Span(SourceKind.NOTE, note.id, end - 1 - len(text), end - 1),
                        said_at=said_at,
                        vector=vector,
                        space=space,
                    )
                    for text, end, vector in zip(some, ends, vectors[at:], strict=False)
                ]
            )


def ask(folder: Path) -> dict[str, Any]:
    """Open the profile in `folder` and ask its questions, in a process that did nothing else."""
    questions = json.loads((folder / "questions.json").read_text("utf-8"))
    embedder = _embedder()
    embedder.embed(["warm"])
    started = time.perf_counter()
    profile = open_profile(folder / "profile", unlock=_UNLOCK)
    opened = time.perf_counter()
    recall = Recall(profile.memories, embedder)
    recall.rank(questions[0], limit=_LIMIT)
    answered = time.perf_counter()
    vectors = embedder.embed(questions)
    answers: list[list[int]] = []

    def nearest(at: int) -> None:
        hits = profile.memories.nearest(vectors[at], space=recall.space, limit=_LIMIT)
        answers.append([hit.memory for hit in hits])

    figures: dict[str, Any] = {
        "open_s": round(opened - started, 3),
        "first_recall_s": round(answered - opened, 3),
        **_quantiles("recall", questions, lambda at: recall.rank(questions[at], limit=_LIMIT)),
        **_quantiles("search", questions, nearest),
        "rss_mib": _peak_mib(),
    }
    profile.close()
    return {"figures": figures, "answers": answers}


def ask_peer(
    peer: Peer, embedder: Embedder, questions: Sequence[str]
) -> tuple[dict[str, Figure], list[list[int]]]:
    """Ask a peer the same questions: embed, find the nearest."""
    answers: list[list[int]] = []

    def work(at: int) -> None:
        [vector] = embedder.embed([questions[at]])
        answers.append(peer.nearest(vector, limit=_LIMIT))

    work(0)
    answers.clear()
    return _quantiles(peer.name, questions, work), answers


def _quantiles(
    name: str, questions: Sequence[str], work: Callable[[int], object]
) -> dict[str, Figure]:
    wall: list[float] = []
    busy: list[float] = []
    for at in range(len(questions)):
        started, began = time.perf_counter(), time.process_time()
        work(at)
        wall.append(1000 * (time.perf_counter() - started))
        busy.append(1000 * (time.process_time() - began))
    return {
        f"{name}{kind}_p{part}_ms": round(float(np.percentile(took, part)), 2)
        for kind, took in (("", wall), ("_cpu", busy))
        for part in (50, 95)
    }


def _peak_mib() -> int:
    """Return the most memory that this process has held: not its parent's, as getrusage may."""
    lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
    [peak] = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return int(peak) // 1024


def _embedder() -> Embedder:
    return open_embedder(path(paths.home(), DEFAULT_EMBEDDING))


class Growing:
    """One profile and its peers, which get the same memories."""

    def __init__(self, home: Path, texts: Texts, space: Space) -> None:
        self._home = home
        self._texts = texts
        self._space = space
        self.truth = Truth(texts.asked)
        self.peers, self.absent = installed(home)
        self._took: Counter[str] = Counter()
        self._stored = 0
        (home / "questions.json").write_text(json.dumps(texts.questions), "utf-8")
        create_profile(home / "profile", unlock=[_UNLOCK], cost=FASTEST).profile.close()

    def grow(self, size: int) -> dict[str, Figure]:
        """Add memories until there are `size`; return the seconds that each has taken so far."""
        with open_profile(self._home / "profile", unlock=_UNLOCK) as profile:
            while self._stored < size:
                self._add(profile, min(_BATCH, size - self._stored))
        return {f"{name}_s": round(seconds, 1) for name, seconds in self._took.items()}

    def _add(self, profile: Profile, count: int) -> None:
        first = self._stored + 1
        texts, vectors = self._texts.batch(count)
        self.truth.add(first, vectors)
        with self._timed("import"):
            remember(profile, first, texts, vectors, self._space)
        for peer in self.peers:
            with self._timed(f"{peer.name}_import"):
                peer.add(first, texts, vectors)
        self._stored += count
        print(f"{self._stored:,} memories", file=sys.stderr)

    @contextlib.contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self._took[name] += time.perf_counter() - started  # type: ignore[assignment]


def measure(
    home: Path, sizes: Sequence[int], *, questions: int, peers_up_to: int
) -> dict[str, Figure]:
    """Grow a profile from size to size, and ask at each."""
    embedder = _embedder()
    texts = Texts(embedder, path(paths.home(), DEFAULT_EMBEDDING), questions=questions)
    growing = Growing(home, texts, Space(embedder.sha256, embedder.dims))
    figures: dict[str, Figure] = {
        "peers": ", ".join(peer.name for peer in growing.peers) or "none installed",
        "absent": ", ".join(growing.absent) or "none",
        "embed_per_second": round(texts.per_second),
    }
    for size in sizes:
        if size > peers_up_to:
            growing.peers = []
        at = growing.grow(size)
        mine = _in_a_new_process(home)
        at |= mine["figures"] | {"search_recall@10": growing.truth.found(mine["answers"])}
        for peer in growing.peers:
            asked, answers = ask_peer(peer, embedder, texts.questions)
            at |= asked | {f"{peer.name}_recall@10": growing.truth.found(answers)}
            ratio = float(at["recall_cpu_p50_ms"]) / float(asked[f"{peer.name}_cpu_p50_ms"])
            at[f"recall_to_{peer.name}_cpu"] = round(ratio, 2)
        at["disk_mib"] = _mib(home / "profile")
        figures |= {f"{name}@{_short(size)}": figure for name, figure in at.items()}
        print(json.dumps(at), file=sys.stderr)
    return figures


def _mib(folder: Path) -> int:
    return round(sum(one.stat().st_size for one in folder.rglob("*")) / 2**20)


def _in_a_new_process(home: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.recall_speed", "--asks", str(home)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    answer: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return answer


def _short(size: int) -> str:
    return f"{size // 1_000_000}M" if size >= 1_000_000 else f"{size // 1000}k"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="*", default=list(_SIZES))
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--peers-up-to", type=int, default=_SIZES[-1], help="memories")
    parser.add_argument("--asks", type=Path, help=argparse.SUPPRESS)  # the process that is measured
    arguments = parser.parse_args()
    if arguments.asks:
        print(json.dumps(ask(arguments.asks)))
        return
    home = Path(tempfile.mkdtemp(prefix="homeward-recall-"))
    try:
        figures = measure(
            home,
            sorted(arguments.sizes),
            questions=arguments.questions,
            peers_up_to=arguments.peers_up_to,
        )
    finally:
        shutil.rmtree(home, ignore_errors=True)
    report(figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
