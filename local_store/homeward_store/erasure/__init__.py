"""Forgetting: what goes, erasing it, and the signed receipt."""
