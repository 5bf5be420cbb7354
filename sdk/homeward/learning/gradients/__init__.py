"""Computes gradients of a GGUF model's loss by its soft prompt, in ONNX Runtime."""
