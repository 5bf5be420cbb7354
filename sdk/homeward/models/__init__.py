"""This package lists, pulls and checks the models on this machine."""

from homeward.models.catalogue import catalogue, find
from homeward.models.defaults import DEFAULT_EMBEDDING, DEFAULT_LANGUAGE
from homeward.models.entry import CatalogueEntry, LicenceTerms, ModelUse
from homeward.models.manifest import ModelManifest
from homeward.models.progress import DownloadProgress, DownloadStage, Report
from homeward.models.pull import DownloadVerdict, installed, path, projector, pull, verify

__all__ = [
    "DEFAULT_EMBEDDING",
    "DEFAULT_LANGUAGE",
    "CatalogueEntry",
    "DownloadProgress",
    "DownloadStage",
    "DownloadVerdict",
    "LicenceTerms",
    "ModelManifest",
    "ModelUse",
    "Report",
    "catalogue",
    "find",
    "installed",
    "path",
    "projector",
    "pull",
    "verify",
]
