"""Documents that are zip files, written by hand, as small as their formats allow."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
)
_CORE = (
    '<c:coreProperties xmlns:c="c" xmlns:dcterms="d"><dcterms:created>2019-01-01T00:00:00Z'
    "</dcterms:created><dcterms:modified>2020-02-29T10:00:00Z</dcterms:modified></c:coreProperties>"
)


def zipped(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write a zip file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def word(path: Path, body: str, **others: str) -> Path:
    """Write a document of Word; `others` are files beside its text."""
    document = f"<w:document {_W}><w:body>{body}</w:body></w:document>"
    files = {f"word/{name}.xml": f"<w:notes {_W}>{text}</w:notes>" for name, text in others.items()}
    return zipped(path, {"word/document.xml": document, "docProps/core.xml": _CORE, **files})


def paragraph(text: str) -> str:
    """Return a paragraph of Word."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def slides(path: Path, *texts: str, order: list[int] | None = None) -> Path:
    """Write slides of PowerPoint, shown in `order`."""
    shown = order or list(range(1, len(texts) + 1))
    ids = "".join(f'<p:sldId id="{255 + one}" r:id="r{one}"/>' for one in shown)
    related = "".join(
        f'<Relationship Id="r{one}" Target="slides/slide{one}.xml"/>' for one in shown
    )
    files = {
        f"ppt/slides/slide{one}.xml": f"<p:sld xmlns:p='p' {_A}><a:p><a:r><a:t>{text}</a:t></a:r>"
        "</a:p></p:sld>"
        for one, text in enumerate(texts, 1)
    }
    presentation = f"<p:presentation xmlns:p='p' {_R}>{ids}</p:presentation>"
    relations = f"<Relationships>{related}</Relationships>"
    return zipped(
        path,
        {
            "ppt/presentation.xml": presentation,
            "ppt/_rels/presentation.xml.rels": relations,
            **files,
        },
    )


def open_document(path: Path, body: str, manifest: str = "") -> Path:
    """Write a text of OpenDocument."""
    content = f"<office:document {_ODF}><office:body>{body}</office:body></office:document>"
    return zipped(path, {"content.xml": content, "META-INF/manifest.xml": f"<m>{manifest}</m>"})


def book(path: Path, *chapters: str, **others: str) -> Path:
    """Write an EPUB; of `others`, an underscore in a name stands for a slash."""
    numbers = range(1, len(chapters) + 1)
    items = "".join(
        f'<item id="c{one}" href="text/c%20{one}.xhtml" media-type="application/xhtml+xml"/>'
        for one in numbers
    )
    spine = "".join(f'<itemref idref="c{one}"/>' for one in reversed(numbers))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="d"><metadata><dc:title>A walk'
        f"</dc:title></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    container = '<container><rootfiles><rootfile full-path="OEBPS/b.opf"/></rootfiles></container>'
    texts = {f"OEBPS/text/c {one}.xhtml": text for one, text in enumerate(chapters, 1)}
    beside = {name.replace("_", "/") + ".xml": text for name, text in others.items()}
    files = {"META-INF/container.xml": container, "OEBPS/b.opf": package, **texts, **beside}
    return zipped(path, files)
