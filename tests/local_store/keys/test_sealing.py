"""A sealed stream opens only whole, in order and under its key; a sealed file only for its seal."""

import io
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from homeward_store import (
    FASTEST,
    Passphrase,
    RecoveryCode,
    SealedFileCorrupt,
    StoreTooNew,
    WrongSecret,
)
from homeward_store.archive import sealed_file
from homeward_store.archive.sealed_file import Content
from homeward_store.keys import sealing

KEY, HEADER = bytes(32), b"header"
WHOLE = sealing.CHUNK_BYTES + 16
SEAL = Passphrase("seal")


def sealed(plaintext: bytes) -> bytes:
    return b"".join(sealing.seal(KEY, [plaintext], header=HEADER))[len(HEADER) :]


def unsealed(data: bytes, key: bytes = KEY, header: bytes = HEADER) -> bytes:
    return b"".join(sealing.unseal(key, io.BytesIO(data).read, header=header))


@given(st.lists(st.binary(max_size=100)))
def test_pieces_come_back_joined(pieces: list[bytes]) -> None:
    whole = b"".join(sealing.seal(KEY, pieces, header=HEADER))
    assert whole.startswith(HEADER)
    assert unsealed(whole[len(HEADER) :]) == b"".join(pieces)


def test_a_stream_cut_reordered_repeated_or_added_to_does_not_open() -> None:
    data = sealed(bytes(2 * sealing.CHUNK_BYTES + 5))
    one, two, last = data[:WHOLE], data[WHOLE : 2 * WHOLE], data[2 * WHOLE :]
    for wrong in (
        one + two,
        one,
        one + last,
        two + one + last,
        one + one + two + last,
        one + two + last + b"x",
        one + two + last + last,
        data[:-1],
        b"",
    ):
        with pytest.raises(SealedFileCorrupt):
            unsealed(wrong)
    assert len(unsealed(data)) == 2 * sealing.CHUNK_BYTES + 5


def test_another_key_or_header_does_not_open() -> None:
    for key, header in ((b"1" * 32, HEADER), (KEY, b"another")):
        with pytest.raises(SealedFileCorrupt):
            unsealed(sealed(b"text"), key, header)


def test_an_empty_chunk_at_the_end_of_a_longer_stream_is_refused() -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    first = sealed(bytes(2 * sealing.CHUNK_BYTES))[:WHOLE]
    empty = AESGCM(KEY).encrypt((1).to_bytes(11, "big") + b"\1", b"", HEADER)
    with pytest.raises(SealedFileCorrupt, match="empty"):
        unsealed(first + empty)


def write(path: Path, *pieces: bytes, seal: Passphrase | RecoveryCode = SEAL) -> None:
    sealed_file.write(path, pieces, content=Content.EXPORT, seal=seal, cost=FASTEST)


def read(path: Path, seal: Passphrase | RecoveryCode = SEAL) -> sealed_file.Unsealed:
    return sealed_file.read(io.BytesIO(path.read_bytes()), content=Content.EXPORT, seal=seal)


def test_a_sealed_file_gives_lines_and_pieces(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write(path, b"abc", b"de\nfgh\n")
    assert list(read(path).lines()) == [b"abcde", b"fgh"]
    content = read(path)
    assert list(content.pieces(5)) == [b"abcde"]
    assert content.exactly(5) == b"\nfgh\n"
    content.finish()
    assert path.stat().st_mode & 0o077 == 0
    assert not list(tmp_path.glob("*.part"))


def test_what_is_cut_or_left_over_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write(path, b"line\nrest")
    with pytest.raises(SealedFileCorrupt, match="line is cut"):
        list(read(path).lines())
    with pytest.raises(SealedFileCorrupt, match="too early"):
        read(path).exactly(100)
    content = read(path)
    content.exactly(3)
    with pytest.raises(SealedFileCorrupt, match="more content"):
        content.finish()
    with pytest.raises(SealedFileCorrupt, match="more content"):
        read(path).finish()


def test_a_backup_is_no_export_and_a_passphrase_no_recovery_code(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write(path, b"x")
    with pytest.raises(SealedFileCorrupt, match="no backup"):
        sealed_file.read(io.BytesIO(path.read_bytes()), content=Content.BACKUP, seal=SEAL)
    with pytest.raises(WrongSecret, match="other kind"):
        read(path, RecoveryCode.random())
    with pytest.raises(WrongSecret):
        read(path, Passphrase("guess"))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", SealedFileCorrupt),
        (b"homeward-sealed\n", SealedFileCorrupt),
        (b"something else" * 9, SealedFileCorrupt),
        (b"homeward-sealed\n\x02\0\0\0\0", StoreTooNew),
        (b"homeward-sealed\n\x01\xff\0\0\0", SealedFileCorrupt),
        (b"homeward-sealed\n\x01\0\0\0\x02{}", SealedFileCorrupt),
        (b"homeward-sealed\n\x01\0\0\0\x02[]", SealedFileCorrupt),
        (b'homeward-sealed\n\x01\0\0\0\x14{"content":"export"}', SealedFileCorrupt),
    ],
)
def test_a_header_of_a_wrong_shape_is_refused(
    tmp_path: Path, data: bytes, error: type[Exception]
) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(error):
        read(tmp_path / "x")


def test_a_salt_of_another_length_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "x", b"x")
    data = (tmp_path / "x").read_bytes()
    at = data.index(b'"salt": "') + 9
    shorter = data[:at] + b"AAAA" + data[data.index(b'"', at) :]
    length = len(shorter) - len(data) + int.from_bytes(data[17:21], "big")
    (tmp_path / "x").write_bytes(shorter[:17] + length.to_bytes(4, "big") + shorter[21:])
    with pytest.raises(SealedFileCorrupt, match="shape"):
        read(tmp_path / "x")
