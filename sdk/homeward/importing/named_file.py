"""An open file, with what is known of it beside its bytes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from homeward.extraction.pdf import PdfChild


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that may be read twice and from any place."""

    file: BinaryIO
    name: str  # what reports and titles call it
    changed_at: datetime | None = None  # when it was changed last, if that is known
    i_am: str | None = None  # the name by which the person writes in a chat, if they said so
    pdfs: PdfChild = field(default_factory=PdfChild)  # what reads PDFs, one for a whole import
