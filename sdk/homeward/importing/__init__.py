"""Imports chats, mails and documents of other programs. Nothing is written half."""

from homeward.importing.intake import ImportProgress, Report, Taken, silent, take_in
from homeward.importing.items import Document, ImportedExchange, Item, LeftOut
from homeward.importing.sources import items_of

__all__ = [
    "Document",
    "ImportProgress",
    "ImportedExchange",
    "Item",
    "LeftOut",
    "Report",
    "Taken",
    "items_of",
    "silent",
    "take_in",
]
