"""Trains soft prompts with exact gradients through the quantized model's weights."""
