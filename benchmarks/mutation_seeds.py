"""Small files of the formats that are no text, written by hand, for `benchmarks.mutations`."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.sdk.importing.documents import packages

from benchmarks import import_sources

_PAGE = (
    b'<!doctype html><html><head><meta charset="utf-8"><title>A walk</title><style>p {}</style>'
    b"</head><body><h1>Monday</h1><p>I walked to <a href='/x'>Aldermere</a> &amp; back.<br>It was "
    b"cold.<table><tr><td>Tea<td>2</table><ul><li>Bread<li>Jam</ul><script>x()</script></body></html>"
)
_TABLE = b'Day;What;Price\n2024-02-29;"Fig; ""tree""";12,5\n2024-03-01;Rose;3\n\n;;\n'
_SHEET = '<worksheet xmlns="x"><sheetData>{}</sheetData></worksheet>'
_ROWS = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Price</t></is></c></row>'
    '<row r="2"><c r="A2" s="1"><v>45351</v></c><c r="B2"><v>12.5</v></c><c r="C2" t="b"><v>1</v>'
    "</c></row>"
)


def _made(write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        write(path)
        return path.read_bytes()


def _sheets(path: Path) -> Path:
    return packages.zipped(
        path,
        {
            "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="One" sheetId="1"'
            ' r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="r1"'
            ' Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/sharedStrings.xml": "<sst><si><t>Day</t></si></sst>",
            "xl/styles.xml": '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
            "</styleSheet>",
            "xl/worksheets/sheet1.xml": _SHEET.format(_ROWS),
        },
    )


def page() -> list[bytes]:
    """Return a page of the web."""
    return [_PAGE]


def table() -> list[bytes]:
    """Return tables with semicolons and with tabs."""
    return [_TABLE, _TABLE.replace(b";", b"\t")]


def word() -> list[bytes]:
    """Return a document of Word with a table and a footnote."""
    body = packages.paragraph("I moved to Leeds.") + "<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>"
    body = body.format(packages.paragraph("Tea"))
    return [_made(lambda path: packages.word(path, body, footnotes=packages.paragraph("A note.")))]


def slides() -> list[bytes]:
    """Return slides of PowerPoint."""
    return [_made(lambda path: packages.slides(path, "One", "Two", order=[2, 1]))]


def sheets() -> list[bytes]:
    """Return a workbook of Excel."""
    return [_made(_sheets)]


def open_document() -> list[bytes]:
    """Return a text of OpenDocument, and one with a table."""
    cell = "<table:table-cell><text:p>Tea</text:p></table:table-cell>"
    row = f"<table:table-row>{cell}</table:table-row>"
    bodies = ("<text:p>I moved.</text:p>", f"<table:table>{row}</table:table>")
    return [_made(partial(packages.open_document, body=one)) for one in bodies]


def book() -> list[bytes]:
    """Return an EPUB."""
    return [_made(lambda path: packages.book(path, "<p>The end.</p>", "<p>I begin.</p>"))]


def pdf() -> list[bytes]:
    """Return a PDF of two pages."""
    return [import_sources.pdf([["I moved to Leeds.", "It is cold."], ["I own a bike."]])]
