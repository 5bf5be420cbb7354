"""
Takes the text out of PDFs: `python -m homeward.extraction.pdf_child`, from a pipe to a pipe.

A PDF may come from anybody, and what is in it is nearly a program: streams within streams, and
tables that point in circles. What is started here holds nothing of a profile, and gives up, or is
ended by the operating system, where a file takes too much.

Asked is a length in 8 bytes and as many bytes of a PDF; answered are lines of JSON, one for each
page, of which the last has an `end`. Then the next may be asked.
"""

import io
import json
import signal
import struct
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pypdf
from pypdf.errors import PyPdfError

MOST_MEMORY = 1 << 30  # bytes of address space
MOST_TEXT = 16 << 20  # characters of one file
AT_FIRST, A_MEGABYTE, AT_MOST = 2.0, 20.0, 300.0  # seconds of processor time that a file may take
DAMAGED = "it is damaged, or no PDF"
SCANNED = "it is scanned: an image without text; let a program recognize its text (OCR)"


class _TookTooLong(BaseException):
    """Passes through whatever a library catches."""


def answers(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield what is said of one file, page by page; the last has an `end`."""
    done = 0
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            yield {"end": "locked"}
            return
        room = MOST_TEXT
        for number, page in enumerate(reader.pages, 1):
            said = _page(page)
            room -= len(said.get("text", ""))
            if room < 0:
                yield {"end": f"the text from page {number} on is over {MOST_TEXT >> 20} MiB"}
                return
            yield {"page": number, **said}
            done = number
        yield {"end": "", "made": _made(reader)}
    except _TookTooLong:
        yield {"end": f"reading it from page {done + 1} on takes too long"}
    except (MemoryError, RecursionError):
        yield {"end": f"reading it from page {done + 1} on takes too much memory"}
    except (PyPdfError, Exception):  # noqa: BLE001  a stranger's file: whatever it does is damage
        yield {"end": f"it is damaged from page {done + 1} on" if done else DAMAGED}


def _page(page: pypdf.PageObject) -> dict[str, str]:
    try:
        text = page.extract_text()
    except (PyPdfError, Exception):  # noqa: BLE001  as above; the other pages are read
        return {"left": "it is damaged"}
    if text.strip():
        return {"text": text}
    return {"left": SCANNED} if _has_images(page) else {}


def _has_images(page: pypdf.PageObject) -> bool:
    try:
        return bool(page["/Resources"]["/XObject"])  # type: ignore[index]
    except (PyPdfError, Exception):  # noqa: BLE001
        return False


def _made(reader: pypdf.PdfReader) -> str:
    try:
        about = reader.metadata
        time = about and (about.modification_date or about.creation_date)
        return time.isoformat() if time else ""
    except (PyPdfError, Exception):  # noqa: BLE001
        return ""


def _too_long(_: int, __: FrameType | None) -> None:
    raise _TookTooLong


def _bound() -> None:
    """Let the operating system bound this process, as far as it can."""
    if sys.platform == "win32":
        return  # only the parent's clock bounds it there
    import resource  # noqa: PLC0415  there is none on Windows

    signal.signal(signal.SIGPROF, _too_long)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # others take the number and do not keep to it
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _timed(seconds: float) -> None:
    """Raise `_TookTooLong` after so much processor time, and each second after; 0 for never."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, seconds, 1.0 if seconds else 0.0)


def main() -> None:
    """Answer for each file until no more is asked."""
    _bound()
    asked, said = sys.stdin.buffer, sys.stdout.buffer
    while len(head := asked.read(8)) == 8:
        [size] = struct.unpack(">Q", head)
        data = asked.read(size)
        for answer in _within_time(data):
            said.write(json.dumps(answer).encode() + b"\n")
        said.flush()


def _within_time(data: bytes) -> list[dict[str, Any]]:
    _timed(min(AT_FIRST + A_MEGABYTE * len(data) / (1 << 20), AT_MOST))
    found: list[dict[str, Any]] = []
    try:
        found.extend(answers(data))
    except _TookTooLong:  # between two lines of this module
        found.append({"end": "reading it takes too long"})
    finally:
        _timed(0)
    return found


if __name__ == "__main__":
    main()
