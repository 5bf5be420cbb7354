"""The models on this machine: which there are, how they come here, and whether they are whole."""

from homeward.models.catalogue import (
    DEFAULT_EMBEDDING,
    DEFAULT_LANGUAGE,
    Entry,
    Kind,
    catalogue,
    find,
)
from homeward.models.manifest import Manifest
from homeward.models.progress import Progress, Report, Stage
from homeward.models.pull import Verdict, installed, path, projector, pull, verify

__all__ = [
    "DEFAULT_EMBEDDING",
    "DEFAULT_LANGUAGE",
    "Entry",
    "Kind",
    "Manifest",
    "Progress",
    "Report",
    "Stage",
    "Verdict",
    "catalogue",
    "find",
    "installed",
    "path",
    "projector",
    "pull",
    "verify",
]
