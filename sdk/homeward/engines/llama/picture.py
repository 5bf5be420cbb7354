"""
Checks an image file's format and size before a C parser reads it.

Sources:
    PNG, section 11.2.2 (IHDR); JPEG, ITU-T T.81 B.2.2 (frame headers); GIF89a, section 18 (screen
    descriptor); BMP, BITMAPINFOHEADER.
"""

import re
import struct
from collections.abc import Callable
from pathlib import Path

from homeward.errors import CannotRead, ImageCorrupt, ImageUnreadable, UnknownImageFormat
from homeward.files import open_regular
from homeward.ports import ImageBytes

MOST_BYTES = 64 << 20  # of the file; a photo of 200 megapixels has about 40 MB
MOST_PIXELS = 64_000_000  # 192 MB as RGB; telephones take 12 to 50 million

_MARKER = re.compile(rb"\xff*+[^\xff]")
_MOST_SEGMENTS = 10_000  # before the frame; each has up to 64 KiB of profile or preview
_NO_FRAME = frozenset((0xC4, 0xC8, 0xCC))  # among SOF0…SOF15: Huffman tables, a reserve, arithmetic


def read_image(image: Path | ImageBytes) -> bytes:
    """
    The bytes of a PNG, JPEG, GIF or BMP, by its first bytes and not by its name.

    Raises:
        ImageUnreadable: there is no such file, it may not be read, or it is no regular file.
        UnknownImageFormat: none of these formats.
        ImageCorrupt: too many bytes or pixels, or it ends before it says how many.
    """
    content = _content(image)
    if len(content) > MOST_BYTES:
        raise ImageCorrupt(f"{image.name}: an image has at most {MOST_BYTES} bytes")
    pixels = _pixels(content, image.name)
    if pixels > MOST_PIXELS:
        raise ImageCorrupt(f"{image.name}: {pixels} pixels; an image has at most {MOST_PIXELS}")
    return content


def _content(image: Path | ImageBytes) -> bytes:
    if isinstance(image, ImageBytes):
        return image.content
    try:
        with open_regular(image) as file:
            return file.read(MOST_BYTES + 1)
    except CannotRead as error:  # says the name already
        raise ImageUnreadable(str(error)) from None
    except OSError as error:
        raise ImageUnreadable(f"{image.name}: {error.strerror or type(error).__name__}") from None


def _pixels(content: bytes, name: str) -> int:
    for magic, size_of in _SIZES.items():
        if content.startswith(magic):
            try:
                width, height = size_of(content)
            except (struct.error, IndexError):
                raise ImageCorrupt(f"{name}: it is cut off or damaged") from None
            return abs(width * height)  # a BMP of negative height stands on its head
    raise UnknownImageFormat(f"{name}: not a PNG, JPEG, GIF or BMP image")


def _png(content: bytes) -> tuple[int, int]:
    return struct.unpack_from(">II", content, 16)


def _gif(content: bytes) -> tuple[int, int]:
    return struct.unpack_from("<HH", content, 6)


def _bmp(content: bytes) -> tuple[int, int]:
    return struct.unpack_from("<ii", content, 18)


def _jpeg(content: bytes) -> tuple[int, int]:
    at = 2
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.match(content, at)
        if found is None:
            break
        at = found.end() - 1
        marker = content[at]
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            height, width = struct.unpack_from(">HH", content, at + 4)
            return width, height
        [length] = struct.unpack_from(">H", content, at + 1)
        at += 1 + length
    raise IndexError("no frame where a picture has one")


_SIZES: dict[bytes, Callable[[bytes], tuple[int, int]]] = {
    b"\x89PNG\r\n\x1a\n": _png,
    b"\xff\xd8\xff": _jpeg,
    b"GIF87a": _gif,
    b"GIF89a": _gif,
    b"BM": _bmp,
}
