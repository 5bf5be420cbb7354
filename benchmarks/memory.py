"""
Memory of a process that chats, beside a process that holds llama.cpp alone.

Each runs apart: ours opens a profile, remembers a sentence and asks three questions, one of them a
page long, with recall and its embedder; the bare one decodes about as many tokens through
llama-cpp-python, with the batch of 512 and the attention that it takes by default, and the same
context and cache. Resident is all of a process's memory that lies in RAM, the mapped file included;
anonymous is the part that is no file's. The estimate is what Homeward computes from the file's head
before it loads the model.

    python -m benchmarks.memory --json [--shapes qwen3-0.6b …] [--model FILE]
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.memory_bare import MEGABYTE, held
from benchmarks.model_shapes import SHAPES, write
from benchmarks.report import Figure, report
from homeward import models, paths
from homeward.assistant import Assistant
from homeward.engine_settings import EngineSettings, KvType
from homeward.engines.gguf import check_gguf
from homeward.engines.llama import open_model
from homeward.engines.llama.memory import ModelShape, memory_need
from homeward.engines.onnx import open_embedder
from homeward.engines.runtime import CHUNK
from homeward.sampling import Sampling
from homeward.settings import ModelLoaders
from homeward_store import Passphrase, create_profile

LETTER = "The keeper of the lighthouse wrote every evening in a small blue book what he saw. " * 24
QUESTIONS = ("What is my cat's name?", f"{LETTER}What is this about?", "What is a lighthouse?")
REPLY = Sampling(temperature=0, max_tokens=8)
DEFAULT_SHAPES = ("qwen3-0.6b", "llama-3.2-1b", "qwen3-1.7b", "qwen3-4b")
PROMPT = 512  # tokens; about what ours reads for the three questions


def ours(file: Path, context: int, kv_type: KvType) -> None:
    """Chat as an app does."""
    engine = EngineSettings(context=context, kv_type=kv_type, threads=1)
    embedding = models.path(paths.home(), models.DEFAULT_EMBEDDING)
    with tempfile.TemporaryDirectory() as folder:
        profile = create_profile(Path(folder) / "p", unlock=[Passphrase("benchmark")]).profile
        loaders = ModelLoaders(
            lambda: open_model(file, engine, sha256="00" * 32), lambda: open_embedder(embedding)
        )
        with Assistant(profile, loaders) as me:
            me.remember("My cat's name is Miso.")
            for question in QUESTIONS:
                for _ in me.ask(question, sampling=REPLY):
                    pass
            print(json.dumps(held()))


def measured(*command: str) -> dict[str, float]:
    """Run a module in a process of its own, and return what it says it holds."""
    done = subprocess.run(
        [sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def estimate(file: Path, context: int, kv_type: KvType) -> float:
    """What Homeward says before it loads the model, in megabytes."""
    engine = EngineSettings(kv_type=kv_type)
    shape = ModelShape.of(check_gguf(file))
    return memory_need(shape, engine, context=context, batch=CHUNK).total / MEGABYTE


def compared(file: Path, context: int, kv_type: KvType) -> dict[str, Figure]:
    """The figures of one model, context and cache, with a name for each."""
    of = f"{file.stem}.{context}.{kv_type.value}"
    how = [f"--model={file}", f"--contexts={context}", f"--kv-types={kv_type.value}"]
    own = measured("benchmarks.memory", "--ours", *how)
    sizes = map(str, (context, kv_type.value, PROMPT, len(QUESTIONS) * REPLY.max_tokens))
    alone = measured("benchmarks.memory_bare", str(file), *sizes)
    found: dict[str, Figure] = {f"{of}.{what}": size for what, size in own.items()}
    found |= {f"{of}.bare_{what}": size for what, size in alone.items()}
    found[f"{of}.estimate"] = estimate(file, context, kv_type)
    found[f"{of}.ratio"] = own["resident"] / alone["resident"]
    print(of, own, alone, file=sys.stderr)
    return found


def main() -> None:
    """Compare every shape, or one file, at every context and cache."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shapes", nargs="+", default=DEFAULT_SHAPES, choices=SHAPES)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "shapes")
    parser.add_argument("--model", type=Path, help="a file in place of the shapes")
    parser.add_argument("--contexts", type=int, nargs="+", default=[4096, 8192])
    parser.add_argument("--kv-types", type=KvType, nargs="+", default=list(KvType))
    parser.add_argument("--ours", action="store_true", help="chat in this process alone")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.ours:
        ours(given.model, given.contexts[0], given.kv_types[0])
        return
    files = [given.model] if given.model else [write(one, given.folder) for one in given.shapes]
    figures: dict[str, Figure] = {}
    for file, context, kv_type in itertools.product(files, given.contexts, given.kv_types):
        figures |= compared(file, context, kv_type)
    ratios = [value for name, value in figures.items() if name.endswith(".ratio")]
    figures["worst_ratio"] = max(float(one) for one in ratios)
    figures["peer"] = "llama.cpp through llama-cpp-python, batch 512, one thread"
    report(figures, as_json=given.json)


if __name__ == "__main__":
    main()
