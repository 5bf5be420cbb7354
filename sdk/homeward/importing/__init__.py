"""
Imports chats, mails and documents of other programs. Nothing is written half.

To read another format, write a module with one function, and name it in `readers.READERS` under
the suffixes of its files:

    def documents(source: NamedFile) -> Iterator[Item]: ...

It is given an open file, which may be read twice and from any place, and yields one item for each
thing that a person would count: an exchange, a mail, a note, a page. A folder is read file by file
(`folder`), and there an error of one file is a `LeftOut`, too.

- An item that cannot be read is a `LeftOut(where, why)`, and the next one is read. `where` is the
  file's name and a number (f"{name}, page 3"), `why` says what is missing; neither quotes the file.
- An error ends the import, with nothing added: `UnknownFormat` (another kind of file: say which,
  and what would work instead) or `ImportCorrupt` (cut off, or built to keep the program busy).
- A `Document` is a text of at most `texts.PART` characters; `texts.parts` cuts longer ones. `title`
  says where it stood. `origin` is `Origin.PERSON` only where the file proves that the person wrote
  it, and None where the one who imports says so.
- `digest` names the item, the same in every export that holds it and in every release of this code:
  made of the ids that the format gives and, without them, of the bytes; never of what was parsed.
- Texts and times are made storable behind it (`storable`). JSON is taken apart with
  `chats.json_values`, since any value may be of another type or not there; encodings are read
  through `reading.unicode_input.Utf8`, and pages of HTML with `reading.html_text`.
- What it costs is counted with `reading.work_limits.Work`: pieces against bytes
  (`benchmarks.import_bombs` has a file against each parser). A library parses only what is bounded
  before.
- docs/how-to/import.md says what becomes of it; `kinds` names what is not read.
- Its small file goes into tests/data/import, with its right result in `test_cases.py`, and
  `benchmarks.mutations` tries mutations of it.
"""

from homeward.importing.intake import take_in
from homeward.importing.items import Document, ImportedExchange, Item, LeftOut
from homeward.importing.report import ImportProgress, Report, Taken, silent
from homeward.importing.sources import items_in, items_of

__all__ = [
    "Document",
    "ImportProgress",
    "ImportedExchange",
    "Item",
    "LeftOut",
    "Report",
    "Taken",
    "items_in",
    "items_of",
    "silent",
    "take_in",
]
