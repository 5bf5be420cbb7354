"""Backup, restore, export, import and key rotation."""
