"""Builds the model's forward and backward pass as small ONNX graphs, and runs none."""
