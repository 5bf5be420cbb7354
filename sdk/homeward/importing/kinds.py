"""
Names files that are not read for what they are, and says what would work instead.

By their first bytes where these tell, since a name may be wrong; else by their suffix.
"""

_UNPACK = "unpack it, and give the files or the folder that come out"
_AS_DOCX = "save it as .docx, .odt or .pdf and give that"
_AS_CSV = "export its tables as .csv and give these"
_AS_TEXT = "copy its text into a .txt or .md file"
_SAY = "write what matters of it into a .txt or .md file"
_CAPTION = "give an image as PNG, JPEG, GIF or BMP by its name, with a caption"

# What a file begins with, at which byte, what it is, and what would work.
_MARKS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
     "an old or a locked file of Microsoft Office or Outlook",
     "open it there, save it as .docx, .xlsx, .pptx or .eml without a password, and give that"),
    (0, b"{\\rtf", "rich text (RTF)", _AS_DOCX),
    (0, b"SQLite format 3\0", "a database of SQLite", _AS_CSV),
    (0, b"!BDN", "a mailbox of Outlook (.pst)", "export it from a mail program as .mbox or .eml"),
    (0, b"\x1f\x8b", "packed with gzip", _UNPACK),
    (0, b"BZh", "packed with bzip2", _UNPACK),
    (0, b"\xfd7zXZ\0", "packed with xz", _UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "packed with zstd", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "packed with 7-Zip", _UNPACK),
    (0, b"Rar!\x1a\x07", "packed with RAR", _UNPACK),
    (257, b"ustar", "packed with tar", _UNPACK),
    (60, b"BOOKMOBI", "a book for Kindle", "convert it to .epub, if it is not locked"),
    (0, b"AT&TFORM", "a scanned document (DjVu)", "let a program recognize its text, as .pdf"),
    (0, b"\x89PNG", "an image", _CAPTION),
    (0, b"\xff\xd8\xff", "an image", _CAPTION),
    (0, b"GIF8", "an image", _CAPTION),
    (0, b"BM", "an image", _CAPTION),
    (0, b"II*\0", "an image", _CAPTION),
    (0, b"MM\0*", "an image", _CAPTION),
    (8, b"WEBP", "an image", _CAPTION),
    (4, b"ftypheic", "an image", _CAPTION),
    (4, b"ftypmif1", "an image", _CAPTION),
    (4, b"ftyp", "a sound or a film", _SAY),
    (8, b"WAVE", "a sound", _SAY),
    (8, b"AVI ", "a film", _SAY),
    (0, b"ID3", "a sound", _SAY),
    (0, b"\xff\xfb", "a sound", _SAY),
    (0, b"OggS", "a sound", _SAY),
    (0, b"fLaC", "a sound", _SAY),
    (0, b"#!AMR", "a sound", _SAY),
    (0, b"\x1a\x45\xdf\xa3", "a film", _SAY),
    (0, b"\x7fELF", "a program", "give no programs"),
    (0, b"MZ", "a program", "give no programs"),
    (0, b"PAR1", "a table of Parquet", _AS_CSV),
    (0, b"bplist", "a property list of Apple", _AS_TEXT),
)  # fmt: skip
_SUFFIXES = {
    **dict.fromkeys((".doc", ".dot", ".wpd", ".wps", ".sxw"), ("an old text document", _AS_DOCX)),
    **dict.fromkeys((".xls", ".xlsb"), ("a table of Excel", "save it as .xlsx and give that")),
    ".ppt": ("slides of an old PowerPoint", "save them as .pptx and give that"),
    ".rtf": ("rich text (RTF)", _AS_DOCX),
    ".pages": ("a document of Apple Pages", "export it there as Word, PDF or EPUB and give that"),
    ".numbers": ("a table of Apple Numbers", "export it there as Excel or CSV and give that"),
    ".key": ("slides of Apple Keynote", "export them there as PowerPoint or PDF and give that"),
    ".msg": ("a mail of Outlook", "save it there as .eml and give that"),
    ".pst": ("a mailbox of Outlook", "export it from a mail program as .mbox or .eml"),
    ".one": ("notes of OneNote", "export them there as .docx or .pdf and give that"),
    ".enex": ("notes of Evernote", "export them there as HTML and give that folder"),
    **dict.fromkeys((".mobi", ".azw", ".azw3"), ("a book for Kindle", "convert it to .epub")),
    **dict.fromkeys((".db", ".sqlite", ".sqlite3", ".mdb"), ("a database", _AS_CSV)),
    **dict.fromkeys((".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz"), ("packed", _UNPACK)),
    **dict.fromkeys((".mp3", ".m4a", ".opus", ".wav", ".ogg", ".flac", ".aac"), ("a sound", _SAY)),
    **dict.fromkeys((".mp4", ".mov", ".mkv", ".avi", ".webm", ".3gp"), ("a film", _SAY)),
    ".canvas": ("a canvas of Obsidian", _AS_TEXT),
    ".base": ("a view of Obsidian", _AS_TEXT),
    ".xml": ("XML of some program", _AS_TEXT),
}  # fmt: skip
HEAD = 512  # bytes that tell


def kind_of(head: bytes, suffix: str = "") -> str | None:
    """Return what a file is that begins with `head`, and what would work; None if neither tells."""
    for at, mark, what, advice in _MARKS:
        if head.startswith(mark, at):
            return f"it is {what}; {advice}"
    if suffix in _SUFFIXES:
        what, advice = _SUFFIXES[suffix]
        return f"by its name, it is {what}; {advice}"
    return None
