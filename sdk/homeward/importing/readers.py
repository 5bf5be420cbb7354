"""
The readers of all formats but archives of them, by the suffixes of their files.

Each is imported when a file needs it: `import homeward` stays light.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import PurePath

from homeward.importing.items import Item
from homeward.importing.named_file import NamedFile

Reader = Callable[[NamedFile], Iterator[Item]]
_SUFFIX = re.compile(r"\.[a-z][a-z0-9]{0,9}")  # and not ".2 notes" of "v1.2 notes"
_MAILDIR = ("cur", "new")  # folders in which each file is a mail, by a name of the mail server's


def _package(source: NamedFile) -> Iterator[Item]:
    from homeward.importing.documents import package

    return package.documents(source)


def _json(source: NamedFile) -> Iterator[Item]:
    from homeward.importing import json_files

    return json_files.items(source)


def _mbox(source: NamedFile) -> Iterator[Item]:
    from homeward.importing.mail import mailbox

    return mailbox.documents(source.file, name=source.name)


def _mail(source: NamedFile) -> Iterator[Item]:
    from homeward.importing.mail import mailbox

    return mailbox.single(source.file, name=source.name)


def _text(source: NamedFile) -> Iterator[Item]:
    from homeward.importing import texts
    from homeward.importing.messengers import whatsapp

    head = source.file.read(whatsapp.HEAD)
    source.file.seek(0)
    if whatsapp.is_chat(head):
        return whatsapp.documents(source)
    return texts.documents(source.file, name=source.name, written_at=source.changed_at)


def _markdown(source: NamedFile) -> Iterator[Item]:
    from homeward.importing.notes import markdown

    return markdown.documents(source)


def _page(source: NamedFile) -> Iterator[Item]:
    from homeward.importing.documents import page

    return page.documents(source)


def _table(source: NamedFile) -> Iterator[Item]:
    from homeward.importing.documents import table

    return table.documents(source)


def _pdf(source: NamedFile) -> Iterator[Item]:
    from homeward.importing.documents import pdf

    return pdf.documents(source)


def _calendar(source: NamedFile) -> Iterator[Item]:
    from homeward.importing.agenda import calendar

    return calendar.documents(source)


def _contacts(source: NamedFile) -> Iterator[Item]:
    from homeward.importing.agenda import contacts

    return contacts.documents(source)


READERS: dict[str, Reader] = {
    **dict.fromkeys((".docx", ".docm", ".pptx", ".xlsx", ".xlsm"), _package),
    **dict.fromkeys((".odt", ".ods", ".odp", ".epub"), _package),
    ".json": _json,
    ".pdf": _pdf,
    **dict.fromkeys((".ics", ".ical", ".icalendar"), _calendar),
    **dict.fromkeys((".vcf", ".vcard"), _contacts),
    **dict.fromkeys((".mbox", ".mbx"), _mbox),
    **dict.fromkeys((".eml", ".emlx"), _mail),
    **dict.fromkeys(("", ".txt", ".text", ".rst", ".org"), _text),
    **dict.fromkeys((".md", ".markdown"), _markdown),
    **dict.fromkeys((".html", ".htm", ".xhtml"), _page),
    **dict.fromkeys((".csv", ".tsv", ".tab"), _table),
}


def suffix_of(path: PurePath) -> str:
    """Return a file's suffix in small letters, by which its reader is found; "" without one."""
    if path.parent.name in _MAILDIR:
        return ".eml"
    suffix = path.suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else ""
