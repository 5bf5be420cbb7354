"""This package does backup, restore, export, import and key rotation."""
