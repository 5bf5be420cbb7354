"""Asks a child process for the text of PDFs; one child reads them all, one after the other."""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from threading import Timer
from typing import IO, Any, BinaryIO, Self

from homeward.concurrency import child_process
from homeward.errors import ImportCorrupt, UnknownFormat

LARGEST = 128 << 20  # bytes; the child holds the file in its memory
_PATIENCE = 600  # seconds of the clock; processor time is bounded by the child itself
_LONGEST = 64 << 20  # bytes of an answer about one page: 16 million characters, escaped
_BLOCK = 1 << 18
_CHILD = "homeward.extraction.pdf_child"


@dataclass(frozen=True, slots=True)
class Page:
    """A page with its text, or why there is none."""

    number: int
    text: str = ""
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class PdfText:
    """The pages that were read, when the file says that it was made, and what ended reading."""

    pages: tuple[Page, ...]
    made: str
    ended: str


class PdfChild:
    """
    Reads PDFs in a child process, which is started when it is first needed.

    Guarantees:
        Each file ends within ten minutes; on Linux and macOS after 2 s of processor time and 20 s a
        megabyte, at most 300 s; on Linux within 1 GiB. A file that takes more costs no other.
    """

    def __init__(self) -> None:
        self._process: child_process.Process | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def text(self, file: BinaryIO, size: int, *, name: str) -> PdfText:
        """
        Return the text of a PDF, page by page.

        Raises:
            UnknownFormat: the package that reads PDFs is not installed.
            ImportCorrupt: it is locked or damaged, or takes too much.
        """
        if find_spec("pypdf") is None:
            raise UnknownFormat(
                f"{name}: reading PDFs takes one more package: pip install 'homeward[documents]'"
            )
        if size > LARGEST:
            raise ImportCorrupt(f"{name}: it is larger than {LARGEST >> 20} MiB; cut it in parts")
        answers = list(self._asked(file, size))
        if not answers or "end" not in answers[-1]:
            raise ImportCorrupt(f"{name}: reading it takes too much time or memory")
        pages = tuple(
            Page(one["page"], one.get("text", ""), one.get("left", "")) for one in answers[:-1]
        )
        ended = answers[-1]["end"]
        if not pages and ended == "locked":
            raise ImportCorrupt(f"{name}: it is locked; save a copy without a password")
        if not pages and ended:
            raise ImportCorrupt(f"{name}: {ended}")
        return PdfText(pages, answers[-1].get("made", ""), ended)

    def _asked(self, file: BinaryIO, size: int) -> Iterator[dict[str, Any]]:
        if self._process is None:
            self._process = child_process.converse(_CHILD)
        asked, said = self._process.stdin, self._process.stdout
        ended = False
        clock = Timer(_PATIENCE, self._process.kill)
        clock.start()
        try:
            _send(file, size, asked)
            while line := said.readline(_LONGEST) if said else b"":
                answer = json.loads(line)
                ended = "end" in answer
                yield answer
                if ended:
                    return
        except (BrokenPipeError, ValueError):
            return  # it was ended: by its clock, or by the operating system
        finally:
            clock.cancel()
            if not ended:
                self._stop()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _send(file: BinaryIO, size: int, to: IO[bytes] | None) -> None:
    if to is None:
        return
    to.write(struct.pack(">Q", size))
    left = size
    while left and (block := file.read(min(left, _BLOCK))):
        to.write(block)
        left -= len(block)
    to.write(bytes(left))  # where the file has become shorter meanwhile
    to.flush()
