"""llama.cpp, in process, as a `homeward.ports.LanguageModel`. The only importer of llama_cpp."""

from homeward.engines.llama.library import recent_log
from homeward.engines.llama.model import LlamaModel, open_model
from homeward.engines.llama.quantize import Speed, measure_speed, requantize

__all__ = ["LlamaModel", "Speed", "measure_speed", "open_model", "recent_log", "requantize"]
