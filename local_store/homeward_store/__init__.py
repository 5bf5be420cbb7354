"""What stays on the device: one encrypted profile a person. Knows no model and no network."""
