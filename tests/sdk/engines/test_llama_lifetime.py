"""Opening and closing a model: nothing is left behind, and no other thread is left waiting."""

import resource
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from llama_cpp import llama_cpp as native
from tests.prompts import prompt_tokens

import homeward.engines.llama.model as model_module
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import LlamaModel, open_model, recent_log
from homeward.engines.llama.library import load_weights, open_context
from homeward.sampling import Sampling

pytestmark = pytest.mark.model


def prompt(model: LlamaModel, text: str = "Name three fruits as a JSON list.") -> tuple[int, ...]:
    return prompt_tokens(model, text)


def test_closing_the_model_while_another_thread_generates_ends_that_reply(
    smollm2_path: Path,
) -> None:
    model = open_model(smollm2_path, EngineSettings(context=512, threads=1))
    started = threading.Event()
    ended: list[str] = []

    def generate() -> None:
        with model.session() as session:
            session.feed([prompt(model)])
            try:
                for _ in session.generate(Sampling(max_tokens=400, grammar="root ::= [a-z ]+")):
                    started.set()
            except ValueError as err:
                ended.append(str(err))

    thread = threading.Thread(target=generate)
    thread.start()
    assert started.wait(timeout=60)
    model.close()
    thread.join(timeout=60)
    assert ended == ["the session is closed"]


def test_nothing_is_written_to_the_terminal(
    smollm2_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model = open_model(smollm2_path, EngineSettings(context=64, threads=1))
    with model.session() as session:
        session.feed([prompt(model)])
        list(session.generate(Sampling(max_tokens=3)))
    model.close()
    assert capfd.readouterr() == ("", "")
    assert isinstance(recent_log(), list)


def test_the_default_context_is_at_most_what_the_model_was_trained_for(smollm2_path: Path) -> None:
    model = open_model(smollm2_path)
    assert model.info.n_ctx == 4096 <= model.info.n_ctx_train
    model.close()
    for wrong in (0, -1, model.info.n_ctx_train + 1):
        with pytest.raises(ValueError, match="context"):
            open_model(smollm2_path, EngineSettings(context=wrong))
    with pytest.raises(ValueError, match="threads"):
        open_model(smollm2_path, EngineSettings(threads=0))


def test_opening_and_closing_many_times_keeps_no_memory(smollm2_path: Path) -> None:
    def open_and_close() -> None:
        model = open_model(smollm2_path, EngineSettings(context=2048, threads=1), sha256="ab" * 32)
        with model.session() as session:
            session.feed([(1, 2, 3)])
            list(session.generate(Sampling(max_tokens=2)))
        model.close()

    for _ in range(3):
        open_and_close()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(12):
        open_and_close()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 * 1024  # KiB; one context that stayed would be 46 MB, twelve 550 MB


@pytest.mark.parametrize("failing", ["Vocabulary", "LlamaModel", "_sha256"])
def test_a_model_that_cannot_be_opened_leaves_no_weights(
    smollm2_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is gone")

    loaded, freed = list[object](), list[object]()
    load, free = load_weights, native.llama_model_free

    def count(path: Path, **how: Any) -> object:
        loaded.append(load(path, **how))
        return loaded[-1]

    def let_go(weights: Any) -> None:
        freed.append(weights)
        free(weights)

    monkeypatch.setattr(model_module, "load_weights", count)
    monkeypatch.setattr(native, "llama_model_free", let_go)
    monkeypatch.setattr(model_module, failing, fail)

    with pytest.raises(OSError, match="gone"):
        open_model(smollm2_path, EngineSettings(threads=1))

    assert freed == loaded


def test_no_session_opens_while_the_weights_go(
    smollm2_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = open_model(smollm2_path, EngineSettings(context=256, threads=1), sha256="ab" * 32)
    started, opened = threading.Event(), list[object]()

    def slowly(weights: Any, **how: Any) -> object:
        opened.append(open_context(weights, **how))
        started.set()
        time.sleep(0.3)
        return opened[-1]

    monkeypatch.setattr(model_module, "open_context", slowly)
    session = model.session()
    with ThreadPoolExecutor() as pool:
        entered = pool.submit(session.__enter__)
        started.wait()
        model.close()
        with pytest.raises(ValueError, match="closed"):
            entered.result().feed([(1, 2, 3)])
