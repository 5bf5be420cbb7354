"""
Adapters to the model runtimes, and the rules they share.

Modules at this level are pure: which part of a KV cache to keep (`cells`), how bytes become a
stream of text (`stream`), how a saved state looks (`state`). Only the packages below import a
runtime.
"""
