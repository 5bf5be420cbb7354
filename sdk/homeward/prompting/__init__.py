"""What the model reads: chat templates, system text, style instructions and images."""
