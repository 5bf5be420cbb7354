"""llama.cpp through the adapter gives what llama.cpp gives alone, and nothing else leaks out."""

import ctypes
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from llama_cpp import llama_cpp as native
from numpy.typing import NDArray
from tests.prompts import prompt_tokens

from homeward.engine_settings import EngineSettings
from homeward.engines.llama import LlamaModel, measure_speed, open_model, requantize
from homeward.engines.llama.kv_cache import KvCache
from homeward.engines.llama.library import load_weights, open_context
from homeward.engines.llama.vocabulary import Vocabulary
from homeward.errors import Cancelled, ModelError
from homeward.ports import SoftPrompt
from homeward.sampling import Sampling

pytestmark = pytest.mark.model

GREEDY = Sampling(temperature=0, max_tokens=24, repetition_penalty=1.0)
TEXT = "The lighthouse keeper wrote every evening in a small blue book. " * 3


def prompt(model: LlamaModel, text: str = "Name three fruits as a JSON list.") -> tuple[int, ...]:
    return prompt_tokens(model, text)


@pytest.fixture(scope="module")
def bare(smollm2_path: Path) -> Iterator[native.llama_context_p]:
    weights = load_weights(smollm2_path, architecture="llama")
    context = open_context(weights, n_ctx=512)
    yield context
    native.llama_free(context)
    native.llama_model_free(weights)


def bare_clear(context: native.llama_context_p) -> None:
    zero_buffers = False
    native.llama_memory_clear(native.llama_get_memory(context), zero_buffers)


def bare_decode(context: native.llama_context_p, tokens: tuple[int, ...]) -> None:
    held = (ctypes.c_int32 * len(tokens))(*tokens)
    asked = (ctypes.c_int8 * len(tokens))(*[1] * len(tokens))
    batch = native.llama_batch(n_tokens=len(tokens), token=held, logits=asked)
    assert native.llama_decode(context, batch) == 0


def bare_logits(context: native.llama_context_p, row: int, n_vocab: int) -> NDArray[np.float64]:
    found = native.llama_get_logits_ith(context, row)
    return np.ctypeslib.as_array(found, (n_vocab,)).astype(np.float64)


def test_greedy_text_equals_a_bare_loop_token_for_token(
    smollm2: LlamaModel, bare: native.llama_context_p
) -> None:
    ids = prompt(smollm2)
    expected: list[int] = []
    bare_clear(bare)
    bare_decode(bare, ids)
    for _ in range(GREEDY.max_tokens):
        row = len(ids) - 1 if not expected else 0
        expected.append(int(bare_logits(bare, row, smollm2.info.n_vocab).argmax()))
        bare_decode(bare, (expected[-1],))
    with smollm2.session() as session:
        session.feed([ids])
        list(session.generate(GREEDY))
        assert session.generated == tuple(expected)


def test_log_probabilities_equal_those_of_direct_logits(
    smollm2: LlamaModel, bare: native.llama_context_p
) -> None:
    ids = smollm2.tokenize(TEXT)
    assert len(ids) < 64  # one chunk, so that both round alike
    bare_clear(bare)
    bare_decode(bare, ids)
    logits = np.stack([bare_logits(bare, row, smollm2.info.n_vocab) for row in range(len(ids))])
    expected = [
        row[token] - np.logaddexp.reduce(row)
        for row, token in zip(logits[:-1], ids[1:], strict=True)
    ]
    with smollm2.session() as session:
        found = session.log_probabilities([ids[:2]], ids[2:])
    assert found == pytest.approx(np.array(expected[1:]), abs=1e-4)
    assert np.exp(-found.mean()) < 30  # perplexity of plain English, not of noise


def test_virtual_tokens_that_equal_a_tokens_embedding_act_like_the_token(
    smollm2: LlamaModel, smollm2_path: Path
) -> None:
    gguf = pytest.importorskip("gguf")
    table = next(
        tensor
        for tensor in gguf.GGUFReader(smollm2_path).tensors
        if tensor.name == "token_embd.weight"
    )
    ids, target = prompt(smollm2), smollm2.tokenize("Apples and pears.")
    rows = gguf.quants.dequantize(table.data[list(ids)], table.tensor_type).astype(np.float32)
    soft = SoftPrompt(vectors=rows, sha256="ab" * 32)
    with smollm2.session() as session:
        by_id = session.log_probabilities([ids], target)
        by_vector = session.log_probabilities([soft], target)
        other = SoftPrompt(vectors=rows[::-1], sha256="cd" * 32)
        by_other = session.log_probabilities([other], target)
    assert by_vector == pytest.approx(by_id, abs=0.05)
    assert abs(by_other - by_id).max() > 0.5


def test_a_grammar_forces_json(smollm2: LlamaModel) -> None:
    grammar = 'root ::= "[" word ("," word)* "]"\nword ::= "\\"" [a-z]+ "\\""'
    for seed in range(3):
        with smollm2.session() as session:
            session.feed([prompt(smollm2)])
            settings = Sampling(grammar=grammar, seed=seed, max_tokens=80)
            text = "".join(session.generate(settings))
        if session.stopped_by == "end":
            assert all(word.isalpha() for word in json.loads(text))
        assert text.startswith('["')


def test_a_grammar_is_asked_about_all_tokens_only_where_it_refuses_the_one_that_was_drawn(
    smollm2: LlamaModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, apply = list[int](), native.llama_sampler_apply

    def counted(sampler: Any, candidates: Any) -> None:
        asked.append(candidates._obj.size)
        apply(sampler, candidates)

    def reply(grammar: str | None) -> str:
        with smollm2.session() as session:
            session.feed([prompt(smollm2, "What is the capital of France?")])
            settings = Sampling(temperature=0, max_tokens=7, grammar=grammar)
            return "".join(session.generate(settings))

    monkeypatch.setattr(native, "llama_sampler_apply", counted)

    free = reply(None)
    assert reply("root ::= [^\\x00]+") == free
    assert asked == [smollm2.info.n_vocab, 1] * 7  # drawn, and that one asked about
    assert reply('root ::= "Rome" [a-z ]*')[:4] == "Rome"
    assert len(asked) > 3 * 7


def test_an_emoji_that_spans_tokens_is_yielded_whole(smollm2: LlamaModel) -> None:
    assert len(smollm2.tokenize("🦔")) > 1
    with smollm2.session() as session:
        session.feed([prompt(smollm2)])
        parts = list(session.generate(Sampling(temperature=0, grammar='root ::= "🦔🦔 ok"')))
    assert "".join(parts) == "🦔🦔 ok"
    assert parts[0] == "🦔"


def test_a_grammar_that_does_not_parse_is_a_wrong_argument(smollm2: LlamaModel) -> None:
    with smollm2.session() as session:
        session.feed([prompt(smollm2)])
        for wrong in ("root ::= (((", 'other ::= "x"', "root ::= root"):
            with pytest.raises(ValueError, match="grammar"):
                session.generate(Sampling(grammar=wrong))


def test_a_grammar_that_no_token_fits_ends_the_reply_and_not_the_process(
    smollm2: LlamaModel,
) -> None:
    with smollm2.session() as session:
        session.feed([prompt(smollm2)])
        reply = session.generate(Sampling(grammar='root ::= "ab" "\\x00"', temperature=0))
        with pytest.raises(ValueError, match="allows no token"):
            list(reply)
        assert smollm2.detokenize(session.generated) == "ab"
        assert session.feed([prompt(smollm2)]).decoded == 1


def test_the_same_seed_draws_the_same_and_another_one_something_else(smollm2: LlamaModel) -> None:
    def draw(seed: int | None) -> str:
        with smollm2.session() as session:
            session.feed([prompt(smollm2, "Tell me a story.")])
            return "".join(session.generate(Sampling(temperature=1, seed=seed, max_tokens=12)))

    assert draw(1) == draw(1)
    assert len({draw(seed) for seed in (1, 2, None, None)}) == 4


def test_a_penalty_that_forbids_repetition_is_obeyed_within_its_window(smollm2: LlamaModel) -> None:
    def repeats(window: int) -> int:
        settings = Sampling(
            temperature=0, max_tokens=40, repetition_penalty=1e6, penalty_window=window
        )
        with smollm2.session() as session:
            session.feed([smollm2.tokenize("na na na na na na na na")])
            list(session.generate(settings))
            return len(session.generated) - len(set(session.generated))

    assert repeats(40) == 0
    assert repeats(0) > 0


def test_the_first_token_is_yielded_before_a_second_one_is_decoded(smollm2: LlamaModel) -> None:
    with smollm2.session() as session:
        ids = prompt(smollm2)
        session.feed([ids])
        next(session.generate(GREEDY))
        assert (session.length, len(session.generated)) == (len(ids), 1)


def test_cancelling_from_another_thread_stops_between_chunks(smollm2: LlamaModel) -> None:
    cancel = threading.Event()
    long = tuple(1000 + at for at in range(1000))
    with smollm2.session() as session:
        began = time.perf_counter()
        session.feed([long[:64]])
        chunk = time.perf_counter() - began
        threading.Timer(chunk / 2, cancel.set).start()
        with pytest.raises(Cancelled):
            session.feed([long[::-1]], cancel=cancel)
        assert session.length < len(long)


def test_two_threads_get_the_replies_they_would_get_alone(smollm2: LlamaModel) -> None:
    questions = ["Who are you?", "What is the capital of France?"]
    replies: dict[str, list[str]] = {}

    def ask(question: str) -> None:
        with smollm2.session() as session:
            session.feed([prompt(smollm2, question)])
            replies.setdefault(question, []).append("".join(session.generate(GREEDY)))

    for question in questions:
        ask(question)
    threads = [threading.Thread(target=ask, args=(question,)) for question in questions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(alone == together for alone, together in replies.values())


@pytest.mark.parametrize(
    "text", ["a", " ", "1", "\n", "'", "word ", "🙂🦔", "\x01\u202e\ufeff", "ß日"]
)
def test_a_megabyte_of_anything_is_tokenized_and_comes_back(smollm2: LlamaModel, text: str) -> None:
    huge = text * (1_000_000 // len(text.encode()))
    assert smollm2.detokenize(smollm2.tokenize(huge)) == huge


def test_a_model_that_wants_a_beginning_token_gets_it_once(smollm2_path: Path) -> None:
    wanted = native.llama_model_kv_override(key=b"tokenizer.ggml.add_bos_token")
    wanted.tag = native.LLAMA_KV_OVERRIDE_TYPE_BOOL
    wanted.value = native.llama_model_kv_override_value(val_bool=True)  # type: ignore[assignment]
    params = native.llama_model_default_params()
    params.vocab_only = True
    params.kv_overrides = (native.llama_model_kv_override * 2)(wanted)
    weights = native.llama_model_load_from_file(str(smollm2_path).encode(), params)
    assert Vocabulary(weights, template="").source(None).begins == "<|im_start|>"
    native.llama_model_free(weights)


def test_nul_in_a_message_does_not_cut_it_short(smollm2: LlamaModel) -> None:
    assert "before\0after" in smollm2.detokenize(prompt_tokens(smollm2, "before\0after"))


def test_failed_decoding_leaves_the_cache_as_it_was(
    smollm2: LlamaModel, smollm2_path: Path
) -> None:
    with smollm2.session() as session:
        runtime = session._runtime
        assert isinstance(runtime, KvCache)
        runtime.append((1, 2, 3))
        with pytest.raises(ModelError, match="could not decode"):
            runtime.append((4, 10**6))  # a token id that the session would not have let through
        assert runtime.length() == 3


def test_requantized_weights_say_almost_the_same_and_their_speed_can_be_measured(
    smollm2: LlamaModel, smollm2_path: Path, tmp_path: Path
) -> None:
    target = tmp_path / "model.F16.gguf"
    requantize(smollm2_path, target, to="F16", threads=1)
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    other = open_model(target, EngineSettings(context=256, threads=1))
    ids = smollm2.tokenize(TEXT)
    with smollm2.session() as before, other.session() as after:
        change = (
            after.log_probabilities([ids[:1]], ids[1:]).mean()
            - before.log_probabilities([ids[:1]], ids[1:]).mean()
        )
    other.close()
    assert abs(change) < 0.05
    assert other.info.sha256 != smollm2.info.sha256
    speed = measure_speed(target, threads=1)
    assert speed.prefill > speed.decode > 0
