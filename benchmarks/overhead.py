"""
Tokens a second: `ask` without personalization against a bare llama.cpp loop.

Same file, prompt, sampler, thread; the two alternate, and the ratio is that of their medians. The
bare loop is llama.cpp's C API and nothing else: no streaming of text, no record of the turn. Times
are CPU seconds of the thread that asks, which other load does not stretch.
"""

import argparse
import ctypes
import statistics
import tempfile
import time
from pathlib import Path

from llama_cpp import llama_cpp as native

from benchmarks.report import report
from homeward import models, paths
from homeward.assistant import Assistant
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.engines.llama.library import load_weights, open_context
from homeward.engines.onnx import open_embedder
from homeward.ports import LanguageModel
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.prompting.prompt_content import PromptContent
from homeward.sampling import Sampling
from homeward.settings import ModelLoaders
from homeward_store import Passphrase, create_profile

# A base model stops where it would write the next question; to this it goes on.
QUESTION = "What are the numbers from 1 to 300, with commas between them?"
SAMPLING = Sampling(temperature=0, top_p=1, min_p=0, repetition_penalty=1, max_tokens=128)


class Bare:
    """llama.cpp with nothing around it."""

    def __init__(self, file: Path) -> None:
        self._weights = load_weights(file, architecture="llama")
        self._context = open_context(
            self._weights, n_ctx=4096, engine=EngineSettings(threads=1, batch=512)
        )

    def tokens_per_second(self, prompt: tuple[int, ...], count: int) -> float:
        """Decode `prompt` untimed, then draw `count` tokens greedily."""
        native.llama_memory_clear(native.llama_get_memory(self._context), True)  # noqa: FBT003
        self._decode(prompt)
        chain = native.llama_sampler_init_greedy()
        start = time.thread_time()
        for _ in range(count):
            token = native.llama_sampler_sample(chain, self._context, -1)
            self._decode((token,))
        seconds = time.thread_time() - start
        native.llama_sampler_free(chain)
        return count / seconds

    def _decode(self, tokens: tuple[int, ...]) -> None:
        array = (native.llama_token * len(tokens))(*tokens)
        batch = native.llama_batch_get_one(array, ctypes.c_int32(len(tokens)))
        if native.llama_decode(self._context, batch):
            raise RuntimeError("llama_decode failed")


def ask_tokens_per_second(me: Assistant, model: LanguageModel) -> tuple[float, int]:
    """Time `ask` from its first piece to the recorded turn; return speed and tokens timed."""
    with me.conversation() as conversation:
        reply = conversation.ask(QUESTION, sampling=SAMPLING, personalize=False)
        first = next(reply)
        start = time.thread_time()
        text = reply.text
        seconds = time.thread_time() - start
    count = len(model.tokenize(text)) - len(model.tokenize(first))
    return count / seconds, count


def main() -> None:
    """Alternate the two and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--model", default=models.DEFAULT_LANGUAGE, help="a name, or a GGUF file")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    home = paths.home()
    file = models.path(home, arguments.model)
    model = open_model(file, EngineSettings(threads=1))
    laid_out = PromptBuilder.of(model).build(PromptContent(QUESTION)).segments
    prompt = tuple(token for part in laid_out if isinstance(part, tuple) for token in part)
    bare = Bare(file)
    ours: list[float] = []
    theirs: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        profile = create_profile(Path(folder) / "p", unlock=[Passphrase("benchmark")]).profile
        embedder = open_embedder(models.path(home, models.DEFAULT_EMBEDDING))
        with Assistant(profile, ModelLoaders(lambda: model, lambda: embedder)) as me:
            for _ in range(arguments.repeats):
                speed, count = ask_tokens_per_second(me, model)
                ours.append(speed)
                theirs.append(bare.tokens_per_second(prompt, count))
    report(
        {
            "ratio": statistics.median(ours) / statistics.median(theirs),
            "ratio_of_best": max(ours) / max(theirs),
            "ask_tokens_per_s": statistics.median(ours),
            "bare_tokens_per_s": statistics.median(theirs),
            "peer": "llama.cpp C API through llama-cpp-python, greedy, one thread",
            "tokens": count,
            "model": file.name,
        },
        as_json=arguments.json,
    )


if __name__ == "__main__":
    main()
