"""A message has one encoding, and nothing else decodes to it."""

import dataclasses
from collections.abc import Mapping
from typing import ClassVar

import msgpack
import pytest

from homeward_federated import Malformed
from homeward_federated.wire.envelope import MAGIC, MAX_MESSAGE_BYTES, VERSION, decode, encode
from homeward_federated.wire.fields import Field, Many, Octets
from homeward_federated.wire.messages import (
    Advert,
    Agreements,
    Survivors,
    Terms,
    Unmasking,
)

TERMS = Terms(
    bytes(16), "taste", "taste-1", bytes(32), 64, 8, 65536, 1.0, 4.0, 200, 500, 140, 0.25, 100, 200
)


def body(kind: int, values: object) -> bytes:
    packed: bytes = msgpack.packb(values)
    return MAGIC + bytes((VERSION, kind)) + packed


def test_a_message_survives_the_wire() -> None:
    assert decode(Terms, encode(TERMS)) == TERMS


@pytest.mark.parametrize(
    "change",
    [
        {"round_id": bytes(15)},
        {"task": ""},
        {"task": "with space"},
        {"task": "x" * 65},
        {"task": 7},
        {"dims": 0},
        {"dims": True},
        {"dims": 4097},
        {"dims": 1.0},
        {"clip": float("nan")},
        {"clip": float("inf")},
        {"clip": 1},
        {"clip": 0.0},
        {"max_colluders": 0.34},
        {"prior_hash": "text"},
    ],
)
def test_a_field_outside_its_shape_is_refused_on_the_way_out_and_in(
    change: dict[str, object],
) -> None:
    bad = dataclasses.replace(TERMS, **change)  # type: ignore[arg-type]
    with pytest.raises(Malformed, match=next(iter(change))):
        encode(bad)
    with pytest.raises(Malformed, match=next(iter(change))):
        decode(Terms, body(1, list(dataclasses.astuple(bad))))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "0 bytes"),
        (b"HWF\x02\x01", "5 bytes"),
        (b"xxx" + encode(TERMS)[3:], "not a Homeward"),
        (b"HWF\x01" + encode(TERMS)[4:], "version 1"),
        (b"HWF\x02\x02" + encode(TERMS)[5:], "kind 2"),
        (encode(TERMS) + b"\0", "not msgpack"),
        (encode(TERMS)[:-1], "not msgpack"),
        (b"HWF\x02\x01" + b"\xc1" * 9, "not msgpack"),
        (b"HWF\x02\x01" + b"\x91" * 5000, "not msgpack"),  # nested five thousand deep
        (body(1, {"a": 1}), "not msgpack"),
        (body(1, "text"), "array of 15"),
        (body(1, [1, 2]), "array of 15"),
        (b"HWF\x02\x01" + bytes(MAX_MESSAGE_BYTES), "bytes"),
    ],
)
def test_other_bytes_are_refused(data: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        decode(Terms, data)


def test_a_longer_spelling_of_the_same_message_is_refused() -> None:
    data = encode(Survivors(bytes(32), b"\x01"))
    # bin8 of one byte spelled as bin16
    longer = data.replace(b"\xc4\x01\x01", b"\xc5\x00\x01\x01")
    assert msgpack.unpackb(longer[5:]) == msgpack.unpackb(data[5:])
    with pytest.raises(Malformed, match="canonical"):
        decode(Survivors, longer)


def test_lists_are_bounded_and_hold_one_shape() -> None:
    with pytest.raises(Malformed, match="list of at most 2"):
        Many(Octets(1), 2).check([b"a"] * 3, name="shares")
    with pytest.raises(Malformed, match="list of at most 2"):
        Many(Octets(1), 2).check(b"ab", name="shares")
    with pytest.raises(Malformed, match="shares is not 1 bytes"):
        Many(Octets(1), 2).check([b"ab"], name="shares")
    assert Many(Octets(1, may_be_absent=True), 2).check([b""], name="shares") == (b"",)


@dataclasses.dataclass(frozen=True)
class Huge:
    KIND: ClassVar[int] = 99
    SHAPES: ClassVar[Mapping[str, Field]] = {"data": Octets(MAX_MESSAGE_BYTES)}
    data: bytes


def test_a_message_too_large_to_receive_cannot_be_sent() -> None:
    with pytest.raises(Malformed, match="exceeds"):
        encode(Huge(bytes(MAX_MESSAGE_BYTES)))


def test_a_message_has_the_same_size_whatever_it_says() -> None:
    for make in (
        lambda fill: Advert(*(bytes([fill]) * size for size in (32, 64, 32, 32, 64, 64))),
        lambda fill: Unmasking(bytes([fill]) * 32, (bytes([fill]) * 33,) * 99),
        lambda fill: Agreements(bytes([fill]) * 32, (bytes([fill]) * 64,) * 100),
    ):
        assert len({len(encode(make(fill))) for fill in (0, 1, 127, 128, 255)}) == 1
