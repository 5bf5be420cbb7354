"""
Provides fakes for apps' tests: tiny, deterministic models that need no weights.

They pass the same contract suite as the adapters. `ScriptedModel` runs the real session code on a
runtime that knows its answers beforehand, so what is reused, cut, saved and counted is what
llama.cpp would reuse, cut, save and count.
"""

from homeward.testing.hash_embedder import HashEmbedder
from homeward.testing.scripted_model import ScriptedModel

__all__ = ["HashEmbedder", "ScriptedModel"]
