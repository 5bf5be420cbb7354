"""Reads the list of conversations that ChatGPT and Claude export."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from homeward.errors import UnknownFormat
from homeward.importing.chats import archive, chatgpt, claude, claude_projects
from homeward.importing.chats.json_array import elements
from homeward.importing.chats.json_kinds import CHATS, kind_of_element
from homeward.importing.items import Item, LeftOut
from homeward.importing.reading.packed import OpenedZip
from homeward.importing.reading.unicode_input import Bytes
from homeward.importing.reading.work_limits import Work

_FORMATS = (chatgpt.FORMAT, claude.FORMAT)
_A_CONVERSATION = 10  # pieces: what one costs beside what is in it
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError)


def zipped(opened: OpenedZip, work: Work) -> Iterator[Item]:
    """
    Yield what the `conversations….json` in a zip file hold; one that is none is left out.

    Raises:
        UnknownFormat: none of its files is a list of conversations. As `archive.chats`.
    """
    refused, read = list[UnknownFormat](), 0
    for path, file in archive.chats(opened):
        name = f"{opened.name}/{path.name}"
        try:
            yield from _of_export(path, file, name, work)
            read += 1
        except UnknownFormat as error:
            refused.append(error)
            yield LeftOut(name, str(error).removeprefix(f"{name}: "))
    if not read and refused:
        raise refused[0]


def _of_export(path: PurePosixPath, file: Bytes, name: str, work: Work) -> Iterator[Item]:
    if path.parent.name == "projects":
        return claude_projects.single(file, name=name, work=work)
    return items(file, name=name, work=work)


def items(file: Bytes, *, name: str, work: Work) -> Iterator[Item]:
    """
    Yield what each conversation holds; one that cannot be read is left out.

    Raises:
        UnknownFormat: it is JSON, and no entry is a conversation. As `json_array.elements`.
    """
    number = known = 0
    for number, element in enumerate(elements(file, name=name, work=work), 1):
        work.spend(_A_CONVERSATION)
        where = f"{name}, entry {number}"
        if element.refused:
            known += 1
            yield LeftOut(where, element.refused)
            continue
        if not known and (kind := kind_of_element(element.value)):
            raise UnknownFormat(f"{name}: {kind}")
        known += _is_conversation(element.value) or claude_projects.is_known(element.value)
        yield from _items(element.value, where)
    if number and not known:
        raise UnknownFormat(f"{name}: none of its {number} entries is a conversation; give {CHATS}")


def _is_conversation(element: object) -> bool:
    return isinstance(element, dict) and any(one.messages in element for one in _FORMATS)


def _items(conversation: Any, where: str) -> Iterator[Item]:  # noqa: ANN401  whatever JSON holds
    if not isinstance(conversation, dict):
        yield LeftOut(where, "it is no conversation")
        return
    read = _reader_of(conversation)
    try:
        yield from read(conversation, where)
    except _MALFORMED:  # a layout that nobody has seen yet
        yield LeftOut(where, "it is not as ChatGPT or Claude writes a conversation")


def _reader_of(element: Mapping[str, Any]) -> Callable[[Mapping[str, Any], str], Iterator[Item]]:
    if claude_projects.is_known(element):
        return claude_projects.items
    return next((one for one in _FORMATS if one.messages in element), _FORMATS[-1]).items
