"""
Encodes messages as a five-byte header followed by one msgpack array, and decodes them.

    "HWF" · version (1 byte) · kind (1 byte) · msgpack array, one item per field

Strict both ways: sizes are bounded before anything is parsed, every field is checked against its
shape, and a message whose canonical encoding differs from the bytes received is refused. Knows
nothing about rounds. The byte-level specification is docs/formats/federation-messages-v2.md.
"""

from collections.abc import Mapping
from typing import ClassVar, Protocol, TypeVar

import msgpack

from homeward_federated.errors import Malformed
from homeward_federated.wire.fields import Field

MAGIC = b"HWF"
VERSION = 2
_HEADER_BYTES = 5
# A roster of 1,024 devices at about 420 bytes is the largest message; anything above is refused
# before a parser sees it.
MAX_MESSAGE_BYTES = 1 << 20


class Message(Protocol):
    """A frozen dataclass whose fields have declared shapes, in wire order."""

    KIND: ClassVar[int]
    SHAPES: ClassVar[Mapping[str, Field]]


M = TypeVar("M", bound=Message)


def encode(message: Message) -> bytes:
    """
    Return the only encoding of `message`.

    Raises:
        Malformed: a field is outside its declared shape; nothing unreadable is ever sent.
    """
    values = [
        shape.check(getattr(message, name), name=name) for name, shape in message.SHAPES.items()
    ]
    packed: bytes = msgpack.packb(values, use_bin_type=True)
    data = header(type(message)) + packed
    if len(data) > MAX_MESSAGE_BYTES:
        raise Malformed(f"a message of {len(data)} bytes exceeds {MAX_MESSAGE_BYTES}")
    return data


def header(kind: type[Message]) -> bytes:
    """Return the first bytes of every message of this kind."""
    return MAGIC + bytes((VERSION, kind.KIND))


def decode(kind: type[M], data: bytes) -> M:
    """
    Return the message of type `kind` that `data` encodes.

    Guarantees:
        `encode(decode(kind, data)) == data`: no two byte strings mean the same message.

    Raises:
        Malformed: anything else than one canonical message of this kind and version.
    """
    _check_header(kind, data)
    values = _unpack(data[_HEADER_BYTES:], most_items=len(kind.SHAPES))
    checked = {
        name: shape.check(value, name=name)
        for (name, shape), value in zip(kind.SHAPES.items(), values, strict=True)
    }
    # What was checked is packed once more: `encode` would check it a second time.
    if msgpack.packb(values, use_bin_type=True) != data[_HEADER_BYTES:]:
        raise Malformed(f"{kind.__name__} is not in its canonical encoding")
    return kind(**checked)


def _check_header(kind: type[Message], data: bytes) -> None:
    if not _HEADER_BYTES < len(data) <= MAX_MESSAGE_BYTES:
        raise Malformed(f"{kind.__name__} of {len(data)} bytes")
    if data[:3] != MAGIC:
        raise Malformed("not a Homeward federation message")
    if data[3] != VERSION:
        raise Malformed(f"message version {data[3]}, this device speaks {VERSION}")
    if data[4] != kind.KIND:
        raise Malformed(f"message kind {data[4]} where {kind.__name__} was expected")


def _unpack(packed: bytes, *, most_items: int) -> list[object]:
    try:
        values = msgpack.unpackb(
            packed,
            raw=False,
            strict_map_key=True,
            max_map_len=0,  # no message has a map, nor an extension type
            max_ext_len=0,
        )
    except (ValueError, msgpack.UnpackException):
        raise Malformed("the body is not msgpack") from None
    if not isinstance(values, list) or len(values) != most_items:
        raise Malformed(f"the body is not an array of {most_items} fields")
    return values
