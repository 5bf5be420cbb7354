"""
Reads notes in Markdown, as Obsidian and others keep them.

What stands above a note is data: its day dates the note, its tags are part of the title. Links to
other notes are kept as the words that a reader would see.
"""

import re
from collections.abc import Iterator
from itertools import chain

from homeward.importing import texts
from homeward.importing.items import Document, digest_of
from homeward.importing.named_file import NamedFile
from homeward.importing.notes.front_matter import front_matter
from homeward.importing.reading.unicode_input import Utf8

# Code stays as it is: two brackets mean something else there. Then a link, or an embedded file.
_LINK = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|(?P<shown>!?)\[\[(?P<target>[^\[\]|\n]{0,300})"
    r"(?:\|(?P<alias>[^\[\]\n]{0,300}))?\]\]",
    re.DOTALL,
)
_FILE = re.compile(r"\.(?!md$)[a-z0-9]{2,5}$", re.IGNORECASE)  # and no other note
_MARK = re.compile(r"[ \t]\^[A-Za-z0-9-]{1,40}$", re.MULTILINE)  # names a block for links


def documents(source: NamedFile) -> Iterator[Document]:
    """
    Yield the parts of a note.

    Raises:
        ImportCorrupt: as `texts.documents`.
    """
    blocks = texts.decoded(Utf8(source.file, source.name), source.name)
    first = next(blocks, "")
    about = front_matter(first)
    tags = f" (tags: {', '.join(about.labels)})" if about.labels else ""
    title = f"{source.name}: {about.title}{tags}" if about.title else f"{source.name}{tags}"
    for start, text in texts.parts(chain([first[about.length :]], blocks)):
        yield Document(
            digest=digest_of("text", text),
            title=f"{title}, from character {about.length + start}" if start else title,
            text=readable(text),
            written_at=about.created or source.changed_at,
        )


def readable(text: str) -> str:
    """Return a note's text as a reader would see its links; embedded files are left out."""
    return _MARK.sub("", _LINK.sub(_words, text)) if "[[" in text else _MARK.sub("", text)


def _words(found: re.Match[str]) -> str:
    target = found["target"]
    if target is None:
        return found[0]
    if found["shown"] and _FILE.search(target.strip()):
        return ""
    return (found["alias"] or ", ".join(filter(None, re.split(r"#\^?", target)))).strip()
