"""Encodes the trainer's whole state as bytes, and decodes it."""

import io
import json
from dataclasses import dataclass

import numpy as np

from homeward.learning.adamw import Moments
from homeward.ports import Vector

_VERSION = 2
_ARRAYS = ("soft", "average", "best", "mean", "square")


@dataclass(frozen=True, slots=True)
class TrainingState:
    """
    Between two steps. `batch` is the next batch of `epoch`; `curve` the held-back losses.

    Shapes:
        soft, average, best: (k, width) float32. curve: in nats. cpu_seconds: spent so far.
    """

    soft: Vector
    average: Vector  # of the last steps' soft prompts, which is what learning comes to
    best: Vector
    moments: Moments
    epoch: int
    batch: int
    curve: tuple[float, ...]
    cpu_seconds: float


def pack_state(state: TrainingState, binding: str) -> bytes:
    """One JSON line, then the arrays as raw little-endian float32."""
    head = {
        "version": _VERSION,
        "binding": binding,
        "shape": state.soft.shape,
        "steps": state.moments.steps,
        "epoch": state.epoch,
        "batch": state.batch,
        "curve": state.curve,  # JSON keeps every digit of a float64
        "cpu_seconds": state.cpu_seconds,
    }
    out = io.BytesIO()
    out.write(json.dumps(head).encode() + b"\n")
    moments = state.moments
    for array in (state.soft, state.average, state.best, moments.mean, moments.square):
        out.write(array.astype("<f4").tobytes())
    return out.getvalue()


def unpack_state(saved: bytes | None, binding: str) -> TrainingState | None:
    """The state, or None where nothing usable for `binding` was saved: then one starts anew."""
    if saved is None:
        return None
    line, _, body = saved.partition(b"\n")
    try:
        head = json.loads(line)
    except ValueError:
        return None
    if (head.get("version"), head.get("binding")) != (_VERSION, binding):
        return None
    rows, width = head["shape"]
    if len(body) != 4 * len(_ARRAYS) * rows * width:
        return None
    arrays = np.frombuffer(body, "<f4").astype(np.float32).reshape(len(_ARRAYS), rows, width)
    soft, average, best, mean, square = arrays
    return TrainingState(
        soft=soft,
        average=average,
        best=best,
        moments=Moments(mean, square, head["steps"]),
        epoch=head["epoch"],
        batch=head["batch"],
        curve=tuple(head["curve"]),
        cpu_seconds=head["cpu_seconds"],
    )
