"""
Engines adapt the model runtimes and share the rules of the KV cache.

Modules at this level import no runtime: which part of a KV cache to keep (`cells`), how bytes
become a stream of text (`stream`), how a saved state looks (`state`), and the books of one sequence
(`session` on a `runtime`), which llama.cpp and `homeward.testing` share.
"""
