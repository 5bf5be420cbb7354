"""What is made of a model's files on this device: a faster form, graphs, a calibration."""
