"""Learning the person: soft prompts by exact gradients through the quantized model's weights."""
