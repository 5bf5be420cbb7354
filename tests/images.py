"""Images for tests, made with the standard library."""

import struct
import zlib

Pixel = tuple[int, int, int]

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def png(rows: list[list[Pixel]]) -> bytes:
    """A PNG of 8-bit RGB rows."""
    lines = b"".join(b"\0" + b"".join(map(bytes, row)) for row in rows)
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def solid(colour: Pixel, *, size: int = 40) -> bytes:
    """A square PNG of one colour."""
    return png([[colour] * size] * size)


def claiming(width: int, height: int) -> bytes:
    """A PNG whose header names a size that its data does not have."""
    head, data = png([[RED]]).split(b"IHDR")
    header = struct.pack(">II", width, height) + data[8:13]
    return head + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header)) + data[17:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
