"""Takes in what is said of an image; the image itself is not kept."""

import hashlib
from datetime import datetime
from pathlib import Path

from homeward.files import open_regular
from homeward.importing.items import Caption, Document, digest_of
from homeward_store import Origin

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".heic", ".tiff"})


def captioned(path: Path, text: str, changed_at: datetime) -> Document:
    """Return what the person says of an image, or what was read in it."""
    return Document(digest_of("image", _sha256(path), text), path.name, text, changed_at)


def described(path: Path, caption: Caption, changed_at: datetime) -> Document:
    """Return what a model says of an image, as the model's words."""
    # Not of the text: another release of the runtime may say it in other words.
    digest = digest_of("image described", _sha256(path), caption.by)
    title = f"{path.name}, described by {caption.by}"
    return Document(digest, title, caption.text, changed_at, Origin.ASSISTANT)


def _sha256(path: Path) -> str:
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
