"""This package lists, finds, pulls, imports and checks the models on this machine."""

from homeward.models.catalogue import catalogue, find
from homeward.models.defaults import DEFAULT_EMBEDDING, DEFAULT_LANGUAGE
from homeward.models.entry import CatalogueEntry, LicenceTerms, ModelUse
from homeward.models.fetching.hub_models import HubFile, HubRepository, files, reachable, search
from homeward.models.fit import best, free_memory
from homeward.models.foreign import ForeignModel, foreign_models
from homeward.models.importing import import_model
from homeward.models.known import check_known
from homeward.models.manifest import ModelManifest, unchanged
from homeward.models.progress import DownloadProgress, DownloadStage, Report
from homeward.models.pull import DownloadVerdict, installed, path, projector, pull, verify

__all__ = [
    "DEFAULT_EMBEDDING",
    "DEFAULT_LANGUAGE",
    "CatalogueEntry",
    "DownloadProgress",
    "DownloadStage",
    "DownloadVerdict",
    "ForeignModel",
    "HubFile",
    "HubRepository",
    "LicenceTerms",
    "ModelManifest",
    "ModelUse",
    "Report",
    "best",
    "catalogue",
    "check_known",
    "files",
    "find",
    "foreign_models",
    "free_memory",
    "import_model",
    "installed",
    "path",
    "projector",
    "pull",
    "reachable",
    "search",
    "unchanged",
    "verify",
]
