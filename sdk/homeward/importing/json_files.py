"""Tells by the names in a file of JSON whose export it is, and reads it."""

from collections.abc import Iterator

from homeward.importing.chats import claude_projects, export, gemini
from homeward.importing.chats.json_records import HEAD, names_in
from homeward.importing.items import Item
from homeward.importing.messengers import json_chats
from homeward.importing.named_file import NamedFile
from homeward.importing.notes import keep
from homeward.importing.reading.work_limits import Work


def _project(source: NamedFile) -> Iterator[Item]:
    return claude_projects.single(source.file, name=source.name, work=Work(source.name))


# Whether it is a list, names of which all have to be there, and what reads such a file. The first
# that fits.
_READERS = (
    (True, {"header", "products"}, gemini.items),
    (False, {"personal_information", "about"}, json_chats.documents),
    (False, {"chats"}, json_chats.documents),
    (False, {"messages"}, json_chats.documents),
    (False, {"textContent"}, keep.documents),
    (False, {"listContent"}, keep.documents),
    (False, {"uuid", "docs"}, _project),
)


def items(source: NamedFile) -> Iterator[Item]:
    """
    Yield what a file of JSON holds.

    Raises:
        UnknownFormat: it is JSON, and nothing that is read; what it is, if that is known.
        ImportCorrupt: it is not one whole JSON text, or is built to keep a reader busy.
    """
    is_list, names = names_in(source.file.read(HEAD))
    source.file.seek(0)
    for of_list, wanted, read in _READERS:
        if of_list == is_list and wanted <= names:
            return read(source)
    return export.items(source.file, name=source.name, work=Work(source.name))
