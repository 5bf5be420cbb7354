"""
Opens ONNX Runtime, which reports its use to its maker unless it is told not to.

From 1.3x on, its wheel for Linux writes an id and an unencrypted queue of events below
`~/.cache/Microsoft` as soon as it is imported, and looks up `mobile.events.data.microsoft.com` to
send them. `disable_telemetry_events()` comes too late for both; a variable that is set before the
import does not. Knows sessions and their options; nothing of the graphs.
"""

import os
import sys
import warnings
from pathlib import Path

_SILENCE = "ORT_DISABLE_TELEMETRY"
_TOO_LATE = (
    f"this program imported onnxruntime before Homeward did, without {_SILENCE}=1: releases with "
    f"telemetry report its use to Microsoft. Set {_SILENCE}=1 before that import, or remove it."
)


class TelemetryWarning(UserWarning):
    """A library was loaded before Homeward could switch off its reports to its maker."""


_before_us = "onnxruntime" in sys.modules and os.environ.get(_SILENCE) != "1"
os.environ[_SILENCE] = "1"

import onnxruntime  # noqa: E402  # not before the variable

if _before_us:
    onnxruntime.disable_telemetry_events()  # stops what has not begun
    warnings.warn(_TOO_LATE, TelemetryWarning, stacklevel=2)

__all__ = ["TelemetryWarning", "onnxruntime", "open_session", "session_options"]


def session_options(*, threads: int) -> onnxruntime.SessionOptions:
    """Return options for a session of `threads` threads that neither talks nor spins."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors reach the caller as exceptions; the rest is noise
    # A thread that spins while it waits takes a core from whatever else the person does.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def open_session(
    model: Path | bytes, options: onnxruntime.SessionOptions
) -> onnxruntime.InferenceSession:
    """Load a graph, from its file or its bytes, to run on the processor."""
    source = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
