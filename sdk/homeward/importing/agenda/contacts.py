"""
Reads contacts (.vcf): each person, worded; pictures, sounds and keys are dropped.

Sources: RFC 6350 (vCard 4); RFC 2426 (vCard 3); versit, vCard 2.1.
"""

import re
from collections.abc import Iterator

from homeward.errors import UnknownFormat
from homeward.importing.agenda.content_lines import Component, components
from homeward.importing.items import Document, Item, LeftOut, digest_of
from homeward.importing.named_file import NamedFile

_WANTED = frozenset(("VCARD",))
_DAY = re.compile(r"(\d{4}|--)-?(\d\d)-?(\d\d)")
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_MANY = (("TEL", "phone"), ("EMAIL", "e-mail"), ("URL", "website"), ("IMPP", "messenger"))
_ONE = (("TITLE", "works as"), ("ROLE", "role"), ("NICKNAME", "called"), ("RELATED", "related to"))


def documents(source: NamedFile) -> Iterator[Item]:
    """
    Yield each person.

    Raises:
        UnknownFormat: it holds no contact. As `content_lines.components`.
    """
    number = 0
    for number, card in enumerate(components(source, _WANTED), 1):
        where = f"{source.name}, contact {number}"
        name = _name(card)
        if not name:
            yield LeftOut(where, "it has no name")
            continue
        text = _worded(card, name)
        known = card.text("UID")
        yield Document(digest_of("contact", known, text), f"{where}: {name}", text)
    if not number:
        raise UnknownFormat(f"{source.name}: it holds no contact, which begins with BEGIN:VCARD")


def _name(card: Component) -> str:
    whole = card.text("FN")
    named = card.first("N")
    if not whole and named:
        last, first, *_ = [*named.fields, "", ""]
        whole = f"{first} {last}"
    return " ".join((whole or card.text("ORG").replace(";", " ")).split())


def _worded(card: Component, name: str) -> str:
    pieces = list[str]()
    for key, what in _MANY:
        values = dict.fromkeys(one.text.removeprefix("tel:") for one in card.every(key) if one.text)
        if values:
            pieces.append(f"{what} {', '.join(values)}")
    if organisation := card.first("ORG"):
        pieces.append(f"at {', '.join(filter(None, organisation.fields))}")
    pieces.extend(f"{what} {card.text(key)}" for key, what in _ONE if card.text(key))
    if birthday := _birthday(card.text("BDAY")):
        pieces.append(f"born on {birthday}")
    for address in card.every("ADR"):
        if said := ", ".join(" ".join(one.split()) for one in address.fields if one):
            pieces.append(f"lives or works at {said}")
    groups = card.text("CATEGORIES")
    if groups:
        pieces.append(f"tags: {groups}")
    sentence = f"Contact: {name}{'; ' if pieces else ''}{'; '.join(pieces)}."
    note = card.text("NOTE")
    return f"{sentence}\n\nAbout {name}: {note}"[:30_000] if note else sentence[:30_000]


def _birthday(said: str) -> str:
    found = _DAY.match(said)
    if found is None or not 0 < int(found[2]) < 13:
        return said[:40]
    day = f"{int(found[3])} {_MONTHS[int(found[2]) - 1]}"
    # Apple writes 1604 where a year is not known.
    return day if found[1] in ("--", "1604") else f"{day} {found[1]}"
