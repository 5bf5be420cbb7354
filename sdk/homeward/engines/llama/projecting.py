"""
Runs as the process that reads one image and answers with its embeddings.

    python -m homeward.engines.llama.projecting MODEL PROJECTOR THREADS < image > answer

The answer is lines of JSON: the stages that were reached (strings), then either
`{"refused": error, "says": why}`, or `{"segments": […]}` with a list of token ids for text and a
number of rows for embeddings, whose float32 values follow, in the machine's own byte order. A
process that libmtmd ends leaves the stages alone. Nothing is freed here: the process ends.
"""

import ctypes
import json
import os
import re
import sys
from pathlib import Path
from typing import IO, Any

from llama_cpp import llama_cpp as native, mtmd_cpp as mtmd

from homeward.engines.gguf import check_gguf
from homeward.engines.llama.library import keep_log, load_weights, recent_log, start
from homeward.engines.llama.projector import ProjectorStage
from homeward.errors import ImageCorrupt, ModelCorrupt, ModelError, UnsupportedModel
from homeward_store.keys.process_memory import forbid_dumps

_NO_PROGRAMS = os.devnull.encode()  # where libmtmd looks for ffmpeg: a folder that cannot be
_PIXELS_TOO = False  # not only how many there are
_WIDTHS = re.compile(r"text model \(n_embd = (\d+)\) and mmproj \(n_embd = (\d+)\)")


def main(model: Path, projector: Path, threads: int) -> None:
    """Answer for the image on standard input."""
    forbid_dumps()  # the image is the person's
    answer = _standard_output()

    def say(line: Any) -> None:  # noqa: ANN401  JSON
        answer.write(json.dumps(line).encode() + b"\n")
        answer.flush()

    try:
        say(ProjectorStage.OPENING)
        weights = load_weights(model, architecture=check_gguf(model).architecture)
        context = _opened(projector, weights, threads)
        say(ProjectorStage.DECODING)
        bitmap = _decoded(context, sys.stdin.buffer.read())
        say(ProjectorStage.ENCODING)
        described, embeddings = _encoded(context, bitmap, int(native.llama_model_n_embd(weights)))
    except (ModelError, ImageCorrupt) as error:
        say({"refused": type(error).__name__, "says": str(error)})
    else:
        say({"segments": described})
        answer.write(b"".join(embeddings))
        answer.close()


def _standard_output() -> IO[bytes]:
    """Take it away from the libraries: what one of them prints is no part of the answer."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answer


def _opened(projector: Path, weights: native.llama_model_p, threads: int) -> mtmd.mtmd_context_p:
    start()
    mtmd.mtmd_helper_log_set(keep_log, None)
    params = mtmd.mtmd_context_params_default()
    params.n_threads = threads
    params.print_timings = params.warmup = False
    context: mtmd.mtmd_context_p | None = mtmd.mtmd_init_from_file(
        str(projector).encode(), weights, params
    )
    if context is None:
        raise _why_not(" ".join(recent_log()))
    if not mtmd.mtmd_support_vision(context):
        raise UnsupportedModel("it sees no images")
    # A session gives every position the next number, and lets it look back only.
    if mtmd.mtmd_decode_use_mrope(context):
        raise UnsupportedModel("the model numbers an image's positions by row and column (M-RoPE)")
    if mtmd.mtmd_decode_use_non_causal(context, None):
        raise UnsupportedModel("the model reads an image without a causal mask")
    if native.llama_model_n_embd_inp(weights) != native.llama_model_n_embd(weights):
        raise UnsupportedModel("the model wants an image's features at several layers (deepstack)")
    return context


def _why_not(reason: str) -> ModelError:
    if widths := _WIDTHS.search(reason):
        return UnsupportedModel(f"its embeddings have width {widths[2]}, the model's {widths[1]}")
    if "unknown projector type" in reason or "unknown vision projector" in reason:
        return UnsupportedModel("llama.cpp does not know this type of projector")
    return ModelCorrupt(f"llama.cpp cannot load it: {reason}")


def _decoded(context: mtmd.mtmd_context_p, image: bytes) -> mtmd.mtmd_bitmap_p:
    content = (ctypes.c_uint8 * len(image)).from_buffer_copy(image)
    options = mtmd.mtmd_helper_init_opt_default()
    # What it cannot decode it would take for a film, and run the first ffprobe of the PATH.
    options.video_params.ffmpeg_bin_dir = _NO_PROGRAMS

    read = mtmd.mtmd_helper_bitmap_init_from_buf
    bitmap: mtmd.mtmd_bitmap_p | None = read(context, content, len(image), _PIXELS_TOO, options)
    if bitmap is None:
        raise ImageCorrupt("it is cut off or damaged")
    return bitmap


def _encoded(
    context: mtmd.mtmd_context_p, bitmap: mtmd.mtmd_bitmap_p, width: int
) -> tuple[list[Any], list[bytes]]:
    """Describe each chunk that libmtmd makes of the image; return embeddings beside."""
    described: list[Any] = []
    embeddings: list[bytes] = []
    for chunk in _chunks(context, bitmap):
        count = mtmd.mtmd_input_chunk_get_n_tokens(chunk)
        if mtmd.mtmd_input_chunk_get_type(chunk) == mtmd.MTMD_INPUT_CHUNK_TYPE_TEXT:
            size = ctypes.c_size_t()
            tokens = mtmd.mtmd_input_chunk_get_tokens_text(chunk, ctypes.byref(size))
            described.append(tokens[: size.value])
            continue
        if mtmd.mtmd_encode_chunk(context, chunk):
            raise ModelCorrupt("llama.cpp cannot encode an image with it")
        values = mtmd.mtmd_get_output_embd(context)
        described.append(count)
        embeddings.append(ctypes.string_at(values, 4 * count * width))
    return described, embeddings


def _chunks(context: mtmd.mtmd_context_p, bitmap: mtmd.mtmd_bitmap_p) -> list[Any]:
    marker = mtmd.mtmd_get_marker(context)
    # Only the model's own marks stand around the marker; they are control tokens.
    text = mtmd.mtmd_input_text(marker, len(marker), add_special=False, parse_special=True)
    chunks = mtmd.mtmd_input_chunks_init()
    bitmaps = (ctypes.c_void_p * 1)(bitmap)
    if mtmd.mtmd_tokenize(context, chunks, ctypes.byref(text), bitmaps, 1):
        raise ImageCorrupt("llama.cpp cannot cut it into patches")
    count = mtmd.mtmd_input_chunks_size(chunks)
    return [mtmd.mtmd_input_chunks_get(chunks, at) for at in range(count)]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
