"""What a model takes is known before it is loaded, and what does not fit is not loaded."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from llama_cpp import llama_cpp as native
from tests.sdk.families import FAMILIES

import homeward.engines.llama.model as model_module
from homeward.engine_settings import EngineSettings, KvType, RopeScaling
from homeward.engines.gguf import GgufHead, TensorPlace, check_gguf
from homeward.engines.llama import open_model
from homeward.engines.llama.devices import Gpu, free_memory, gpus
from homeward.engines.llama.library import keep_log, load_weights, open_context, start
from homeward.engines.llama.memory import ModelShape, layers_that_fit, memory_need
from homeward.engines.llama.placement import placed
from homeward.engines.llama.plan import planned
from homeward.errors import CannotFit, InvalidArgument, StateMismatch
from homeward.sampling import Sampling

GB = 10**9
MIB = 1 << 20


def tensor_of(size: int) -> TensorPlace:
    return TensorPlace(shape=(size,), kind=24, offset=0, size=size)


# Qwen3-1.7B's numbers, with weights of 1 GB in its layers.
HEAD = GgufHead(
    "qwen3",
    causal=True,
    size=0,
    metadata={
        "block_count": 28,
        "embedding_length": 2048,
        "context_length": 40960,
        "feed_forward_length": 6144,
        "attention.head_count": 16,
        "attention.head_count_kv": 8,
        "attention.key_length": 128,
        "attention.value_length": 128,
        "tokenizer.ggml.tokens": 151936,
    },
    tensors={f"blk.{at}.ffn_up.weight": tensor_of(GB // 28) for at in range(28)}
    | {"output.weight": tensor_of(GB // 4)},
)
SHAPE = ModelShape.of(HEAD)
ONE = EngineSettings(threads=1)


@contextmanager
def logged() -> Iterator[list[str]]:
    """Everything that llama.cpp logs meanwhile."""
    lines: list[str] = []

    @native.llama_log_callback  # type: ignore[untyped-decorator]
    def keep(_level: int, text: bytes, _: object) -> None:
        lines.append(text.decode("utf-8", "replace"))

    start()  # or the first model would bring its own log
    native.llama_log_set(keep, None)
    try:
        yield lines
    finally:
        native.llama_log_set(keep_log, None)


def sizes(lines: list[str], of: str) -> float:
    """The MiB of the buffers of this kind, all together."""
    return sum(
        float(size) for size in re.findall(rf"{of} buffer size = +([\d.]+) MiB", "".join(lines))
    )


@pytest.mark.model
@pytest.mark.parametrize("kv_type", KvType)
@pytest.mark.parametrize(("context", "batch"), [(1024, 64), (4096, 512)])
def test_what_is_computed_is_what_llama_cpp_allocates(
    smollm2_path: Path, kv_type: KvType, context: int, batch: int
) -> None:
    engine = EngineSettings(threads=1, kv_type=kv_type, batch=batch)
    need = memory_need(
        ModelShape.of(check_gguf(smollm2_path)), engine, context=context, batch=batch
    )
    with logged() as lines:
        weights = load_weights(smollm2_path, architecture="llama", engine=engine)
        native.llama_free(open_context(weights, n_ctx=context, engine=engine))
        native.llama_model_free(weights)

    assert need.weights / MIB == pytest.approx(sizes(lines, "model"), rel=0.001)
    assert need.kv / MIB == pytest.approx(sizes(lines, "KV"), rel=0.001)
    computed = sizes(lines, "compute") + sizes(lines, "output")
    assert computed <= need.compute / MIB <= 1.15 * computed + 40


def test_of_a_hybrid_only_the_layers_that_attend_have_a_cache(tmp_path: Path) -> None:
    file, engine = FAMILIES["Qwen3.5"].write(tmp_path / "hybrid.gguf"), EngineSettings(threads=1)
    need = memory_need(ModelShape.of(check_gguf(file)), engine, context=2048, batch=64)
    with logged() as lines:
        weights = load_weights(file, architecture="qwen35", engine=engine)
        native.llama_free(open_context(weights, n_ctx=2048, engine=engine))
        native.llama_model_free(weights)

    allocated = sizes(lines, "KV") + sizes(lines, "RS")
    assert need.kv / MIB == pytest.approx(allocated, abs=0.01)


def test_a_model_that_does_not_fit_is_refused_with_what_it_takes_and_what_would_fit() -> None:
    with pytest.raises(CannotFit) as refused:
        planned("m.gguf", HEAD, EngineSettings(context=40960), gpus=(), free=4 * GB)
    assert str(refused.value) == (
        "m.gguf takes 6.16 GB with a context of 40960 tokens and 4.00 GB are free; a context of "
        "22528 tokens with its cache in f16 or a context of 40960 tokens with its cache in q8_0 "
        "would fit"
    )


def test_what_is_said_to_fit_fits_and_a_step_more_does_not() -> None:
    for kv_type, context in ((KvType.F16, 22528), (KvType.Q8_0, 40960)):
        engine = EngineSettings(kv_type=kv_type, context=context)
        assert planned("m", HEAD, engine, gpus=(), free=4 * GB).context == context
    with pytest.raises(CannotFit):
        planned("m", HEAD, EngineSettings(context=22528 + 256), gpus=(), free=4 * GB)


def test_a_model_whose_weights_alone_do_not_fit_is_refused_with_their_size() -> None:
    with pytest.raises(CannotFit, match=r"its weights alone take 1\.25 GB: choose a smaller model"):
        planned("m.gguf", HEAD, ONE, gpus=(), free=GB)


@pytest.mark.model
def test_nothing_is_loaded_of_a_model_that_does_not_fit(
    smollm2_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_module, "free_memory", lambda: 150_000_000)
    monkeypatch.delattr(model_module, "load_weights")
    with pytest.raises(CannotFit, match=r"takes 0\.2\d GB .* and 0\.15 GB are free"):
        open_model(smollm2_path, ONE)


@pytest.mark.model
def test_one_more_conversation_that_does_not_fit_is_refused_and_the_others_go_on(
    smollm2_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = open_model(smollm2_path, EngineSettings(threads=1, context=1024), sha256="ab" * 32)
    with model.session() as session:
        session.feed([(1, 2, 3)])
        monkeypatch.setattr(model_module, "free_memory", lambda: 10_000_000)
        with pytest.raises(CannotFit, match=r"one more conversation .* takes 0\.0\d GB"):
            model.session().__enter__()
        assert session.feed([(1, 2, 3, 4)]).reused == 3
    model.close()


LIMITED = """
import resource, sys
from pathlib import Path
from homeward.engine_settings import EngineSettings
from homeward.engines.llama.library import load_weights, start
from homeward.engines.llama import open_model
start()
held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
room = int(float(sys.argv[2]) * Path(sys.argv[1]).stat().st_size)
resource.setrlimit(resource.RLIMIT_AS, (held + room,) * 2)
try:
    if sys.argv[3] == "asked":
        open_model(Path(sys.argv[1]), EngineSettings(threads=1))
    load_weights(Path(sys.argv[1]), architecture="llama", engine=EngineSettings(memory_map=False))
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.model
@pytest.mark.skipif(sys.platform != "linux", reason="sets a limit that Linux keeps to")
@pytest.mark.parametrize(
    ("room", "how", "says"),
    [
        (1.6, "asked", r"CannotFit .* takes 0\.2\d GB .* 0\.[12]\d GB are free; .* would fit"),
        (0.55, "asked", "CannotFit there is no memory to map"),
        (0.8, "loaded", "CannotFit .*: there is no memory for its weights"),
    ],
)
def test_a_process_with_too_little_memory_is_not_told_that_the_file_is_corrupt(
    smollm2_path: Path, room: float, how: str, says: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(smollm2_path), str(room), how],
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.match(says, done.stdout), done.stdout + done.stderr


def test_free_memory_is_asked_of_the_system_and_ggml_knows_no_gpu_here() -> None:
    assert 10**8 < free_memory() < 10**13
    assert isinstance(gpus(), tuple)


@pytest.mark.parametrize(
    ("engine", "says"),
    [
        (EngineSettings(context=40961), "context=40961 must be at most 40960, .*; rope_scaling"),
        (
            EngineSettings(context=90000, rope_scaling=RopeScaling.YARN, rope_factor=2),
            "context=90000 must be at most 81920, the model's trained context times 2",
        ),
        (EngineSettings(gpu_layers=4), "gpu_layers=4, but this build of llama.cpp knows no GPU"),
    ],
)
def test_what_does_not_go_with_the_model_or_the_machine_is_refused(
    engine: EngineSettings, says: str
) -> None:
    with pytest.raises(InvalidArgument, match=says):
        planned("m.gguf", HEAD, engine, gpus=(), free=100 * GB)


def test_heads_that_do_not_go_into_blocks_of_q8_0_are_refused() -> None:
    odd = GgufHead("x", causal=True, size=0, metadata={**HEAD.metadata, "attention.key_length": 80})
    with pytest.raises(InvalidArgument, match=r"heads of a multiple of 32 .* 80"):
        planned("m", odd, EngineSettings(kv_type=KvType.Q8_0), gpus=(), free=100 * GB)


def test_a_stretched_context_may_be_longer_than_the_trained_one() -> None:
    engine = EngineSettings(context=81920, rope_scaling=RopeScaling.YARN, rope_factor=2)
    assert planned("m", HEAD, engine, gpus=(), free=100 * GB).context == 81920


def test_as_many_layers_go_to_a_gpu_as_it_reports_room_for() -> None:
    counts = [
        layers_that_fit(SHAPE, ONE, context=4096, batch=512, free=[int(free * GB)])
        for free in (0.5, 1.0, 1.5, 2.0, 4.0)
    ]
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert 0 < counts[1] < counts[2] <= 28
    assert counts[-1] == 29


def test_a_gpu_takes_the_weights_off_the_machines_memory_and_reads_larger_batches() -> None:
    gpu = Gpu("CUDA0", 8 * GB)
    plan = planned("m", HEAD, ONE, gpus=(gpu,), free=GB // 2)
    assert (plan.gpu_layers, plan.engine.batch) == (29, 512)
    with pytest.raises(CannotFit):  # its memory is the machine's own
        planned("m", HEAD, ONE, gpus=(Gpu("Metal", 8 * GB, shared=True),), free=GB // 2)
    without = planned("m", HEAD, EngineSettings(gpu_layers=0), gpus=(gpu,), free=4 * GB)
    assert (without.gpu_layers, without.engine.batch) == (0, 64)


def test_layers_that_a_gpu_refuses_are_tried_with_fewer_then_none_and_it_is_said_once() -> None:
    tried: list[int] = []

    def load(most: int, layers: int) -> str:
        tried.append(layers)
        if layers > most:
            raise CannotFit("cudaMalloc failed: out of memory")
        return "weights"

    fewer = placed(29, lambda layers: load(20, layers))
    none = placed(29, lambda layers: load(0, layers))
    all_of_them = placed(29, lambda layers: load(29, layers))

    assert (fewer.gpu_layers, none.gpu_layers, all_of_them.gpu_layers) == (19, 0, 29)
    assert tried == [29, 19, 29, 19, 9, 0, 29]
    assert fewer.notice == "29 layers did not fit the GPU's memory; 19 are on it"
    assert none.notice == "29 layers did not fit the GPU's memory; none is on it"
    assert all_of_them.notice == ""
    with pytest.raises(CannotFit):
        placed(0, lambda layers: load(-1, layers))


@pytest.mark.model
def test_a_model_answers_where_the_gpu_that_was_reported_takes_nothing(
    smollm2_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = load_weights

    def refusing(path: Path, *, gpu_layers: int, **how: object) -> object:
        if gpu_layers:
            raise CannotFit("cudaMalloc failed: out of memory")
        return load(path, gpu_layers=0, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(model_module, "gpus", lambda: (Gpu("CUDA0", 8 * GB),))
    monkeypatch.setattr(model_module, "load_weights", refusing)
    model = open_model(smollm2_path, ONE, sha256="ab" * 32)
    with model.session() as session:
        session.feed([model.tokenize("The capital of France is")])
        assert "Paris" in "".join(session.generate(Sampling(temperature=0, max_tokens=4)))
    assert model.info.notices == ("31 layers did not fit the GPU's memory; none is on it",)
    model.close()


@pytest.mark.model
def test_a_saved_state_goes_with_one_type_of_the_cache_and_one_way_of_telling_positions(
    smollm2_path: Path,
) -> None:
    others = (
        EngineSettings(threads=1, context=512, kv_type=KvType.Q8_0),
        EngineSettings(threads=1, context=512, flash_attention=True),
        EngineSettings(threads=1, context=512, rope_scaling=RopeScaling.LINEAR, rope_factor=2.0),
    )
    plain = open_model(smollm2_path, EngineSettings(threads=1, context=512), sha256="ab" * 32)
    with plain.session() as session:
        session.feed([tuple(range(100, 180))])
        state = session.save()
    for engine in others:
        other = open_model(smollm2_path, engine, sha256="ab" * 32)
        with other.session() as session:
            with pytest.raises(StateMismatch, match="another engine"):
                session.load(state)
            session.feed([tuple(range(100, 180))])
            own = session.save()
            session.load(own)
            assert session.length == 80
        other.close()
    with plain.session() as session:
        session.load(state)
        assert session.length == 80
    plain.close()


@pytest.mark.model
def test_other_batches_give_the_same_reply(smollm2_path: Path) -> None:
    def reply(engine: EngineSettings) -> str:
        model = open_model(smollm2_path, engine, sha256="ab" * 32)
        with model.session() as session:
            session.feed([model.tokenize("One, two, three, four, five, six, " * 12)])
            said = "".join(session.generate(Sampling(temperature=0, max_tokens=8)))
        model.close()
        return said

    one = EngineSettings(threads=1, context=512)
    assert reply(one) == reply(EngineSettings(threads=1, context=512, batch=7, micro_batch=3))
    assert reply(one) == reply(EngineSettings(threads=1, context=512, batch=512, memory_map=False))
