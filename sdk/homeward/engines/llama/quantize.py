"""Makes a faster file of the same model, and measures whether it is faster."""

import ctypes
import errno
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from llama_cpp import llama_cpp as native

from homeward.engine_settings import EngineSettings
from homeward.engines.gguf import check_gguf
from homeward.engines.llama.library import recent_log, start
from homeward.engines.llama.model import open_model
from homeward.engines.llama.threads import default_threads
from homeward.errors import CannotWrite, InvalidArgument, UnsupportedModel

_PREFILL_TOKENS = 256  # four chunks; about 2 s on one slow core with the default model
_DECODE_TOKENS = 32
_FULL_BYTES = 1 << 20  # a write that failed for lack of space left almost none


@dataclass(frozen=True, slots=True)
class Speed:
    """The speed of a model on this machine, in tokens a second."""

    prefill: float  # of a prompt
    decode: float  # of a reply, one by one


def requantize(source: Path, target: Path, *, to: str = "Q8_0", threads: int | None = None) -> None:
    """
    Write the model at `source` to `target` with its weights as `to`, a llama.cpp type name.

    Guarantees:
        `target` appears whole or not at all.

    Raises:
        ModelNotFound, ModelCorrupt, UnsupportedModel: as `open_model`; UnsupportedModel also where
            llama.cpp cannot convert it.
        CannotWrite: no permission or no space next to `target`.
        InvalidArgument: there is no type `to`.
    """
    kind = getattr(native, f"LLAMA_FTYPE_MOSTLY_{to}", None)
    if kind is None:
        raise InvalidArgument(f"llama.cpp has no weight type {to!r}")
    check_gguf(source)
    start()
    params = native.llama_model_quantize_default_params()
    params.ftype = kind
    params.allow_requantize = True
    params.nthread = default_threads() if threads is None else threads
    try:
        # A folder of its own on the same disk, so that whatever goes wrong, nothing is left.
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as folder:
            part = Path(folder) / target.name
            _quantize(source, part, params)
            part.replace(target)
    except OSError as err:
        raise CannotWrite(f"{target} cannot be written: {err.strerror}") from err


def _quantize(source: Path, part: Path, params: native.llama_model_quantize_params) -> None:
    if native.llama_model_quantize(str(source).encode(), str(part).encode(), ctypes.byref(params)):
        if shutil.disk_usage(part.parent).free < _FULL_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        reason = " ".join(recent_log())
        raise UnsupportedModel(f"llama.cpp cannot convert {source.name}: {reason}")
    with part.open("rb") as file:
        os.fsync(file.fileno())


def measure_speed(path: Path, *, threads: int | None = None) -> Speed:
    """Prefill and decode speed of the model at `path`: a few seconds of full load."""
    engine = EngineSettings(context=_PREFILL_TOKENS + _DECODE_TOKENS, threads=threads)
    model = open_model(path, engine, sha256="")
    try:
        with model.session() as session:
            token = 1 + model.info.n_vocab // 2  # any ordinary one: the work is the same for all
            session.feed([(token,) * 8])  # maps the weights; the first call is never typical
            began = time.perf_counter()
            session.feed([(token + 1,) * _PREFILL_TOKENS])
            prefilled = time.perf_counter()
            for length in range(_DECODE_TOKENS):
                session.feed([(token + 1,) * (_PREFILL_TOKENS + length + 1)])
            decoded = time.perf_counter()
    finally:
        model.close()
    return Speed(
        prefill=_PREFILL_TOKENS / (prefilled - began),
        decode=_DECODE_TOKENS / (decoded - prefilled),
    )
