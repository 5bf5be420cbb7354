"""What is not read is named for what it is, by its bytes before its name."""

from pathlib import Path

import pytest

from homeward.errors import UnknownFormat
from homeward.importing import items_of
from homeward.importing.readers import READERS


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "Microsoft Office"),
        ("a.doc", b"{\\rtf1 text}", "rich text"),
        ("a.bin", b"SQLite format 3\0", "a database of SQLite"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "without a password"),
        ("a.pages", b"PK\3\4", "Apple Pages"),
        ("a.numbers", b"PK\3\4", "Apple Numbers"),
        ("a.tgz", b"\x1f\x8b\x08", "packed with gzip"),
        ("a.backup", bytes(257) + b"ustar\x0000", "packed with tar"),
        ("a.dat", b"\x89PNG\r\n", "an image"),
        ("a.m4a", b"\0\0\0\x20ftypM4A ", "a sound or a film"),
        ("a.mp3", b"junk", "by its name, it is a sound"),
        ("a.msg", b"junk", "a mail of Outlook"),
        ("a.prc", bytes(60) + b"BOOKMOBI", "a book for Kindle"),
        ("a.exe", b"MZ\x90", "a program"),
        ("a.enex", b"<?xml ?>", "notes of Evernote"),
        ("a.qqq", b"junk", ".qqq is not one of csv,"),
    ],
)
def test_a_file_is_named_for_what_it_is(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(data)

    with pytest.raises(UnknownFormat) as raised:
        list(items_of(tmp_path / name))

    assert str(raised.value).startswith(f"{name}: ")
    assert said in str(raised.value)


def test_no_format_that_is_read_is_named_as_one_that_is_not() -> None:
    from homeward.importing import kinds

    assert not READERS.keys() & kinds._SUFFIXES.keys()
