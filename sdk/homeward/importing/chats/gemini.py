"""
Reads what was asked of Gemini or Bard, as Google Takeout lists it under "My Activity".

Source: the format has no specification; this reads what Takeout writes since 2023.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from homeward.importing.chats.json_array import elements
from homeward.importing.chats.json_values import list_in, map_in, text_in
from homeward.importing.items import GEMINI, ImportedExchange, Item, LeftOut, digest_of
from homeward.importing.mail.page import lines_of
from homeward.importing.named_file import NamedFile
from homeward.importing.reading.html_text import Spend
from homeward.importing.reading.work_limits import Work
from homeward.importing.storable import UNDATED, parse_time

_PROGRAMS = ("gemini", "bard")
_ASKED = re.compile(r"(?:Prompted|Asked|Said)\s+", re.IGNORECASE)  # what Google puts before it


def items(source: NamedFile) -> Iterator[Item]:
    """
    Yield each question with its reply; activities of other programs are left out.

    Raises:
        As `json_array.elements`.
    """
    work = Work(source.name)
    for number, one in enumerate(elements(source.file, name=source.name, work=work), 1):
        where, activity = f"{source.name}, entry {number}", map_in(one.value)
        programs = [activity.get("header"), *list_in(activity.get("products"))]
        about = " ".join(map(text_in, programs))
        asked = _ASKED.sub("", text_in(activity.get("title")), count=1).strip()
        if one.refused:
            yield LeftOut(where, one.refused)
        elif not any(program in about.lower() for program in _PROGRAMS):
            yield LeftOut(where, "it is an activity in another program than Gemini")
        elif not asked or not _ASKED.match(text_in(activity.get("title"))):
            yield LeftOut(where, "nothing was asked in it")
        else:
            yield _exchange(activity, asked, work.spend)


def _exchange(activity: Mapping[str, Any], asked: str, spend: Spend) -> ImportedExchange:
    pages = (text_in(map_in(one).get("html")) for one in list_in(activity.get("safeHtmlItem")))
    replies = ("\n".join(line.text for line in lines_of(page, spend=spend)) for page in pages)
    time = text_in(activity.get("time"))
    return ImportedExchange(
        digest=digest_of(GEMINI, time, asked),
        # Google does not say which questions belong together: those of a day do.
        conversation=f"{GEMINI}/{time[:10] or 'undated'}",
        asked=asked,
        replied="\n\n".join(filter(None, replies)),
        asked_at=parse_time(time) or UNDATED,
        model=GEMINI,
    )
