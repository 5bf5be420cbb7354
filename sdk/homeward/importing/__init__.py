"""Bringing in what other programs keep: chats, mails, documents. Nothing is written half."""

from homeward.importing.intake import Progress, Report, Taken, silent, take_in
from homeward.importing.items import Document, Exchange, Item
from homeward.importing.sources import IMAGES, image, items_of

__all__ = [
    "IMAGES",
    "Document",
    "Exchange",
    "Item",
    "Progress",
    "Report",
    "Taken",
    "image",
    "items_of",
    "silent",
    "take_in",
]
