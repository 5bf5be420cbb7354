"""Runs llama.cpp in process as a `homeward.ports.LanguageModel`; only this package imports it."""

import os

# Before ggml is loaded: where it ends a process, it would have a debugger print that one's memory.
os.environ["GGML_NO_BACKTRACE"] = "1"

from homeward.engines.llama.library import recent_log
from homeward.engines.llama.model import LlamaModel, describe, open_model, plan_of
from homeward.engines.llama.quantize import Speed, measure_speed, requantize

__all__ = [
    "LlamaModel",
    "Speed",
    "describe",
    "measure_speed",
    "open_model",
    "plan_of",
    "recent_log",
    "requantize",
]
