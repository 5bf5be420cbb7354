"""Bringing in what other programs keep: chats, mails, documents. Nothing is written half."""

from homeward.importing.intake import Progress, Report, Taken, silent, take_in
from homeward.importing.items import Document, Exchange, Item, LeftOut
from homeward.importing.sources import items_of

__all__ = [
    "Document",
    "Exchange",
    "Item",
    "LeftOut",
    "Progress",
    "Report",
    "Taken",
    "items_of",
    "silent",
    "take_in",
]
