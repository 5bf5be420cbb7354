"""Files that are not a whole, usable language model: each gets its own error, and no C++ dies."""

import contextlib
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from homeward.engines.gguf import check_gguf, read_head
from homeward.engines.llama import open_model, requantize
from homeward.errors import CannotWrite, ModelCorrupt, ModelError, ModelNotFound, UnsupportedModel

Pair = tuple[str, int, bytes]  # key, value type, value


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(architecture: str, *more: Pair, version: int = 3, tensor: int = 64) -> bytes:
    """A GGUF file with one float32 tensor of `tensor` elements."""
    pairs: list[Pair] = [("general.architecture", 8, text(architecture)), *more]
    head = b"GGUF" + struct.pack("<IQQ", version, 1, len(pairs))
    for key, kind, value in pairs:
        head += text(key) + struct.pack("<I", kind) + value
    head += text("token_embd.weight") + struct.pack("<IQIQ", 1, tensor, 0, 0)
    return head + bytes(-len(head) % 32) + bytes(4 * tensor)


WORDS: Pair = ("tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, 2) + text("a") + text("bc"))
SCORES: Pair = ("tokenizer.ggml.scores", 9, struct.pack("<IQff", 6, 2, 0.0, 1.0))


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "model.gguf"
        path.write_bytes(content)
        return path

    return write


def test_the_head_tells_architecture_and_size() -> None:
    content = gguf("llama", WORDS, SCORES)
    head = read_head(content, name="x")
    assert (head.architecture, head.causal, head.size) == ("llama", True, len(content))


@pytest.mark.parametrize(
    "content", [b"", b"GGUF", b"Dear diary, today I went for a walk.", b"\0" * 100]
)
def test_something_else_is_not_a_gguf_file(file: Callable[[bytes], Path], content: bytes) -> None:
    with pytest.raises(ModelCorrupt, match=r"model\.gguf is not a GGUF file"):
        open_model(file(content))


@pytest.mark.parametrize("length", range(4, len(gguf("llama", WORDS, SCORES)), 7))
def test_a_truncated_file_is_corrupt_wherever_it_was_cut(
    file: Callable[[bytes], Path], length: int
) -> None:
    with pytest.raises(ModelCorrupt):
        open_model(file(gguf("llama", WORDS, SCORES)[:length]))


def test_a_file_that_lacks_its_last_byte_says_how_much_there_is(
    file: Callable[[bytes], Path],
) -> None:
    content = gguf("llama")
    with pytest.raises(ModelCorrupt, match=f"{len(content) - 1} of {len(content)} bytes"):
        open_model(file(content[:-1]))


@given(st.integers(0, len(gguf("llama", WORDS, SCORES)) - 1), st.integers(0, 255))
def test_a_damaged_head_is_read_or_refused_but_nothing_else(at: int, byte: int) -> None:
    damaged = bytearray(gguf("llama", WORDS, SCORES))
    damaged[at] = byte
    with contextlib.suppress(ModelError):
        read_head(bytes(damaged), name="x")


@pytest.mark.parametrize("architecture", ["bert", "nomic-bert", "t5encoder"])
def test_an_encoder_is_refused_by_name(file: Callable[[bytes], Path], architecture: str) -> None:
    with pytest.raises(UnsupportedModel, match=f"{architecture} encoder"):
        open_model(file(gguf(architecture)))


def test_a_model_that_says_it_is_not_causal_is_an_encoder(file: Callable[[bytes], Path]) -> None:
    path = file(gguf("gemma3", ("gemma3.attention.causal", 7, b"\0")))
    with pytest.raises(UnsupportedModel, match="gemma3 encoder"):
        open_model(path)


def test_an_architecture_that_llama_cpp_does_not_know_is_named(
    file: Callable[[bytes], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UnsupportedModel, match="does not know 'quux'"):
        open_model(file(gguf("quux")))
    assert capfd.readouterr().err == ""


def test_a_known_architecture_without_its_parts_is_corrupt(
    file: Callable[[bytes], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ModelCorrupt, match="cannot load"):
        open_model(file(gguf("llama")))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("key", "kind", "value"),
    [
        ("llama.block_count", 4, struct.pack("<I", 0)),
        ("llama.block_count", 4, struct.pack("<I", 2**32 - 1)),
        ("llama.attention.layer_norm_rms_epsilon", 6, struct.pack("<f", float("nan"))),
    ],
)
def test_values_at_which_llama_cpp_ends_the_process_are_corrupt(
    file: Callable[[bytes], Path], key: str, kind: int, value: bytes
) -> None:
    with pytest.raises(ModelCorrupt, match="impossible"):
        open_model(file(gguf("llama", (key, kind, value))))


@pytest.mark.parametrize("version", [1, 4, 0x03000000])  # the last one is big-endian 3
def test_another_gguf_version_is_unsupported(file: Callable[[bytes], Path], version: int) -> None:
    with pytest.raises(UnsupportedModel, match=f"GGUF version {version}"):
        open_model(file(gguf("llama", version=version)))


def test_a_missing_file_a_directory_and_a_pipe_are_not_found(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("nothing", ".", "pipe", "loop", "x" * 300):
        with pytest.raises(ModelNotFound):
            open_model(tmp_path / name)


def test_a_file_without_read_permission_is_not_found(file: Callable[[bytes], Path]) -> None:
    path = file(gguf("llama"))
    path.chmod(0)
    script = (
        "import os, sys, pathlib, homeward.engines.gguf as g, homeward.errors as e\n"
        "try:\n"
        "  if os.geteuid() == 0: os.seteuid(65534)\n"  # root may read everything
        "except OSError: sys.exit('only root here')\n"  # a namespace with one user
        "try: g.check_gguf(pathlib.Path(sys.argv[1]))\n"
        "except e.ModelNotFound as err: print(err)\n"
    )
    for parent in (path.parent, path.parent.parent):
        parent.chmod(0o755)  # pytest's own folders are private
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "only root here" in done.stderr:
        pytest.skip("root cannot become anybody else in this namespace, and may read everything")
    assert "cannot be read: Permission denied" in done.stdout


def test_a_tensor_of_unknown_type_must_at_least_begin_inside_the_file(
    file: Callable[[bytes], Path],
) -> None:
    content = gguf("llama")
    head = content.rindex(struct.pack("<QIQ", 64, 0, 0))
    moved = content[: head + 8] + struct.pack("<IQ", 999, 10_000) + content[head + 20 :]
    with pytest.raises(ModelCorrupt, match="truncated"):
        check_gguf(file(moved))


def test_a_bad_source_leaves_no_requantized_file(
    file: Callable[[bytes], Path], tmp_path: Path
) -> None:
    source = file(gguf("quux"))
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UnsupportedModel, match="cannot convert"):
        requantize(source, tmp_path / "target.gguf")
    assert sorted(tmp_path.iterdir()) == before


def test_a_target_folder_that_is_not_there_cannot_be_written(
    file: Callable[[bytes], Path], tmp_path: Path
) -> None:
    with pytest.raises(CannotWrite, match="No such file"):
        requantize(file(gguf("llama")), tmp_path / "nowhere" / "target.gguf")


def test_an_unknown_weight_type_is_a_wrong_argument(file: Callable[[bytes], Path]) -> None:
    path = file(gguf("llama"))
    with pytest.raises(ValueError, match="Q9_9"):
        requantize(path, path.with_name("target.gguf"), to="Q9_9")
