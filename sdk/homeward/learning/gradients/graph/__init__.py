"""The model's forward and backward pass as small ONNX graphs. Builds graphs; runs none."""
