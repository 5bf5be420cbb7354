"""Images through the real libmtmd: what they become, and that no file ends the app."""

import contextlib
import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.colour_projector import COLOURS, PATCHES, write_projector
from tests.images import BLUE, GREEN, RED, claiming, png, solid
from tests.sdk.engines.mrope_model import WIDTH, write_mrope_model

from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model, picture, projector
from homeward.errors import (
    ImageCorrupt,
    ImageUnreadable,
    ModelCorrupt,
    ModelNotFound,
    UnknownImageFormat,
    UnsupportedModel,
)
from homeward.ports import LanguageModel, Projector, Segment, SoftPrompt, Vector
from homeward.sampling import Sampling

pytestmark = pytest.mark.model

Write = Callable[[bytes], Path]
SeeThrough = Callable[[Path], tuple[Segment, ...]]

GREEDY = Sampling(temperature=0, repetition_penalty=1, max_tokens=8)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def image(content: bytes) -> Path:
        file = tmp_path / "photo.png"
        file.write_bytes(content)
        return file

    return image


@pytest.fixture
def see_through(smollm2: LanguageModel, write: Write) -> SeeThrough:
    """A look at a red image through a projector of another file."""
    return lambda file: smollm2.projector(file).see(write(solid(RED)))


@pytest.fixture(scope="module")
def eyes(smollm2: LanguageModel, colour_projector: Path) -> Projector:
    return smollm2.projector(colour_projector)


def vectors(eyes: Projector, image: Path) -> Vector:
    [segment] = eyes.see(image)
    assert isinstance(segment, SoftPrompt)
    return segment.vectors


@pytest.mark.parametrize(("colour", "place"), [(RED, 0), (GREEN, 1), (BLUE, 2)])
def test_a_patch_of_a_colour_is_the_embedding_of_its_word(
    eyes: Projector, words: Vector, write: Write, colour: tuple[int, int, int], place: int
) -> None:
    seen = vectors(eyes, write(solid(colour)))

    assert seen.shape == (PATCHES, words.shape[1])
    np.testing.assert_allclose(seen, np.tile(words[place], (PATCHES, 1)), atol=1e-5)


def test_patches_stand_row_by_row(eyes: Projector, words: Vector, write: Write) -> None:
    image = png([[RED] * 20 + [BLUE] * 20] * 20 + [[GREEN] * 40] * 20)

    seen = vectors(eyes, write(image))

    nearest = [int(np.argmax(words @ patch)) for patch in seen]
    assert [COLOURS[place] for place in nearest] == ["red", "blue", "green", "green"]


@pytest.mark.parametrize(("colour", "name"), [(RED, "red"), (GREEN, "green"), (BLUE, "blue")])
def test_the_model_names_the_colour_that_it_is_shown(
    smollm2: LanguageModel,
    eyes: Projector,
    write: Write,
    colour: tuple[int, int, int],
    name: str,
) -> None:
    def ids(text: str) -> tuple[int, ...]:
        return smollm2.tokenize(text, special=True)

    question = ids("\nWhich colour is that?<|im_end|>\n<|im_start|>assistant\n")
    with smollm2.session() as session:
        session.feed([ids("<|im_start|>user\n"), *eyes.see(write(solid(colour))), question])
        said = "".join(session.generate(GREEDY))

    assert [one for one in COLOURS if one in said] == [name]


def test_the_same_image_gives_the_same_segments_so_the_cache_is_reused(
    smollm2: LanguageModel, eyes: Projector, write: Write
) -> None:
    first, second = eyes.see(write(solid(RED))), eyes.see(write(solid(RED)))
    with smollm2.session() as session:
        session.feed([*first, (1, 2)])

        fed = session.feed([*second, (1, 2, 3)])
        other = session.feed([*eyes.see(write(solid(BLUE))), (1, 2, 3)])

    assert (fed.reused, fed.decoded) == (PATCHES + 2, 1)
    assert other.reused == 0


def test_the_marks_of_a_projector_stand_around_its_image(
    smollm2: LanguageModel, see_through: SeeThrough, words: Vector, tmp_path: Path
) -> None:
    merging = {
        "mm.1.weight": np.zeros((4, 16)),  # four patches become one
        "mm.1.bias": np.zeros(4),
        "v.post_ln.weight": np.ones(4),
        "v.post_ln.bias": np.zeros(4),
    }
    marked = write_projector(tmp_path / "mmproj-lfm2.gguf", words, kind="lfm2", more=merging)

    before, image, after = see_through(marked)

    assert isinstance(image, SoftPrompt)
    assert isinstance(before, tuple)
    assert isinstance(after, tuple)
    assert smollm2.detokenize(before) == "<|image_start|>"
    assert smollm2.detokenize(after) == "<|image_end|>"


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (solid(RED)[:60], ImageCorrupt, "cut off or damaged"),
        (solid(RED).replace(b"IDAT", b"IDOT"), ImageCorrupt, "cut off or damaged"),
        (b"\xff\xd8\xff\xe0" + b"JFIF" * 40, ImageCorrupt, "cut off or damaged"),
        (b"GIF89a\1\0\1\0", ImageCorrupt, "cut off or damaged"),
        (claiming(10_000, 10_000), ImageCorrupt, "100000000 pixels"),
        (b"\xff\xd8\xff\xc0\0\x0b\x08\xff\xff\xff\xff\x01", ImageCorrupt, "4294836225 pixels"),
        (b"BM" + bytes(16) + b"\0\0\1\0" + b"\0\0\xff\xff", ImageCorrupt, "4294967296 pixels"),
        (b"", UnknownImageFormat, "not a PNG"),
        (b"ID3 a sound, under a wrong name", UnknownImageFormat, "not a PNG"),
        (b"RIFF\x24\0\0\0WAVEfmt ", UnknownImageFormat, "not a PNG"),
    ],
)
def test_a_bad_image_is_refused_by_name(
    eyes: Projector, write: Write, content: bytes, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=rf"photo\.png: .*{says}"):
        eyes.see(write(content))


def test_a_file_that_is_not_there_or_too_large_is_refused_by_name(
    eyes: Projector, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ImageUnreadable, match=r"none\.png"):
        eyes.see(tmp_path / "none.png")

    monkeypatch.setattr(picture, "MOST_BYTES", 50)
    with pytest.raises(ImageCorrupt, match=r"photo\.png: an image has at most 50 bytes"):
        eyes.see(write(solid(RED)))


@pytest.mark.skipif(os.name == "nt", reason="the decoy is a script for a POSIX shell")
def test_what_cannot_be_decoded_starts_no_other_program(
    eyes: Projector, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ffprobe", "ffmpeg"):
        decoy = tmp_path / name
        decoy.write_text(f"#!/bin/sh\necho > {tmp_path}/ran\n")
        decoy.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    with pytest.raises(ImageCorrupt):
        eyes.see(write(solid(RED)[:60]))

    assert not (tmp_path / "ran").exists()


def test_the_command_line_does_not_name_the_image(
    eyes: Projector, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, started = subprocess.run, list[str]()

    def watched(command: list[str], **how: Any) -> object:
        started.extend(command)
        return run(command, **how)

    monkeypatch.setattr(subprocess, "run", watched)
    eyes.see(write(solid(RED)))

    assert "photo" not in " ".join(started)


def test_a_projector_of_another_width_is_refused(
    see_through: SeeThrough, words: Vector, tmp_path: Path
) -> None:
    narrow = write_projector(tmp_path / "mmproj-narrow.gguf", words[:, :64])

    with pytest.raises(UnsupportedModel, match=r"mmproj-narrow\.gguf: .*width 64, .* 576"):
        see_through(narrow)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("telepathy", UnsupportedModel),  # no such type
        ("idefics3", ModelCorrupt),  # its tensors are not there: libmtmd says so
    ],
)
def test_a_projector_of_another_type_is_refused(
    see_through: SeeThrough, words: Vector, tmp_path: Path, kind: str, error: type[Exception]
) -> None:
    other = write_projector(tmp_path / "mmproj-other.gguf", words, kind=kind)

    with pytest.raises(error, match=r"mmproj-other\.gguf"):
        see_through(other)


def test_a_projector_that_wants_to_look_ahead_is_refused(
    see_through: SeeThrough, words: Vector, tmp_path: Path
) -> None:
    gemma = {
        "mm.input_projection.weight": np.zeros((4, 576)),
        "mm.soft_emb_norm.weight": np.ones(4),
    }
    other = write_projector(tmp_path / "mmproj-gemma.gguf", words, kind="gemma3", more=gemma)

    with pytest.raises(UnsupportedModel, match=r"mmproj-gemma\.gguf: .*causal"):
        see_through(other)


def test_a_projector_whose_marks_the_model_lacks_is_refused(
    see_through: SeeThrough, words: Vector, tmp_path: Path
) -> None:
    merging = {"mm.model.fc.weight": np.zeros((576, 16))}
    smolvlm = write_projector(tmp_path / "mmproj-vlm.gguf", words, kind="idefics3", more=merging)

    with pytest.raises(UnsupportedModel, match=r"mmproj-vlm\.gguf: .* lacks the image markers"):
        see_through(smolvlm)


def test_a_model_that_numbers_positions_by_row_and_column_is_refused(
    write: Write, tmp_path: Path
) -> None:
    file = write_projector(tmp_path / "mmproj-rows.gguf", np.ones((3, WIDTH), np.float32))

    with (
        contextlib.closing(
            open_model(write_mrope_model(tmp_path / "m.gguf"), EngineSettings(threads=1))
        ) as model,
        pytest.raises(UnsupportedModel, match=r"mmproj-rows\.gguf: .*M-RoPE"),
    ):
        model.projector(file).see(write(solid(RED)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"mm.2.bias", b"mm.3.bias"),  # libmtmd dies of a null pointer
        (b"v.position_embd.weight", b"v.position_embd.wolght"),
        (b"clip.vision.patch_size\x04", b"clip.vision.patch_size\x05"),  # ggml aborts on the type
    ],
)
def test_a_damaged_projector_ends_only_the_process_that_reads_the_image(
    see_through: SeeThrough, colour_projector: Path, tmp_path: Path, old: bytes, new: bytes
) -> None:
    damaged = tmp_path / "mmproj-damaged.gguf"
    whole = colour_projector.read_bytes()
    assert old in whole
    damaged.write_bytes(whole.replace(old, new))

    with pytest.raises(ModelCorrupt, match=r"mmproj-damaged\.gguf: llama\.cpp"):
        see_through(damaged)


def test_a_projector_that_never_ends_is_given_up(
    eyes: Projector, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector, "_PATIENCE", 0.05)  # starting Python takes longer

    with pytest.raises(ModelCorrupt, match=r"not encoded within 0\.05 s"):
        eyes.see(write(solid(RED)))


@pytest.mark.parametrize("kept", [0, 11, 40, 2000])
def test_an_answer_that_is_cut_short_is_no_answer(
    eyes: Projector, write: Write, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    run = subprocess.run

    def killed(command: list[str], **how: Any) -> object:
        done = run(command, **how)
        return subprocess.CompletedProcess(command, -9, done.stdout[:kept])

    monkeypatch.setattr(subprocess, "run", killed)
    with pytest.raises((ModelCorrupt, ImageCorrupt), match=r"llama\.cpp ended while"):
        eyes.see(write(solid(RED)))


def test_numbers_that_are_none_are_refused(
    see_through: SeeThrough, words: Vector, tmp_path: Path
) -> None:
    broken = write_projector(tmp_path / "mmproj-nan.gguf", np.full_like(words, np.nan))

    with pytest.raises(ModelCorrupt, match=r"mmproj-nan\.gguf: .*not finite"):
        see_through(broken)


def test_what_is_no_whole_projector_is_refused_before_an_image_is_looked_at(
    smollm2: LanguageModel, colour_projector: Path, models_home: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "mmproj-cut.gguf"
    cut.write_bytes(colour_projector.read_bytes()[:-100])
    [language_model] = (models_home / "models" / "smollm2-135m").glob("*Q4_1.gguf")

    with pytest.raises(ModelCorrupt, match=r"mmproj-cut\.gguf is truncated"):
        smollm2.projector(cut)
    with pytest.raises(ModelNotFound, match=r"none\.gguf"):
        smollm2.projector(tmp_path / "none.gguf")
    with pytest.raises(UnsupportedModel, match="is a llama model, not a projector"):
        smollm2.projector(language_model)
