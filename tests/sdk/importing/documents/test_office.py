"""Documents that are zip files: of Word, PowerPoint, OpenDocument and EPUB."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.sdk.importing.documents import packages
from tests.sdk.importing.documents.packages import paragraph

from homeward.errors import ImportCorrupt, UnknownFormat
from homeward.importing import Document, LeftOut, items_of
from homeward.importing.documents.xml_events import events
from homeward.importing.reading.work_limits import Work


def _texts(path: Path) -> list[str]:
    return [one.text for one in items_of(path) if isinstance(one, Document)]


def _left(path: Path) -> list[str]:
    return [str(one) for one in items_of(path) if isinstance(one, LeftOut)]


def test_paragraphs_tables_and_notes_of_word_are_read_in_order(tmp_path: Path) -> None:
    cell = f"<w:tc>{paragraph('Fig')}{paragraph('tree')}</w:tc><w:tc>{paragraph('1.50')}</w:tc>"
    path = packages.word(
        tmp_path / "a.docx",
        f"{paragraph('Our garden')}<w:p/><w:tbl><w:tr>{cell}</w:tr></w:tbl>"
        "<w:p><w:r><w:t>One</w:t><w:tab/><w:t>two</w:t><w:br/><w:t>three</w:t></w:r></w:p>",
        footnotes=paragraph("It is a note."),
    )

    [document] = items_of(path)

    assert isinstance(document, Document)
    assert document.text == "Our garden\n\nFig tree; 1.50\n\nOne\ttwo\nthree\n\nIt is a note."
    assert (document.title, document.origin) == ("a.docx", None)
    assert document.written_at == datetime(2020, 2, 29, 10, tzinfo=UTC)


def test_what_was_deleted_and_what_others_commented_is_not_read(tmp_path: Path) -> None:
    path = packages.word(
        tmp_path / "a.docx",
        "<w:p><w:r><w:t>I stay.</w:t></w:r><w:del><w:r><w:delText>I go.</w:delText></w:r></w:del>"
        "<w:r><w:commentReference/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>",
        comments=paragraph("Nora says no."),
    )

    assert _texts(path) == ["I stay."]
    assert _left(path) == ["a.docx: comments, which are not read: 1"]


def test_a_text_box_is_read_once_though_it_is_written_twice(tmp_path: Path) -> None:
    box = (
        "<w:p><w:r><w:t>Before</w:t></w:r><m:AlternateContent xmlns:m='m'><m:Choice>"
        f"{paragraph('In the box')}</m:Choice><m:Fallback>{paragraph('In the box')}</m:Fallback>"
        "</m:AlternateContent></w:p>"
    )

    assert _texts(packages.word(tmp_path / "a.docx", box)) == ["In the box\n\nBefore"]


def test_a_long_document_is_cut_between_paragraphs_that_say_their_number(tmp_path: Path) -> None:
    body = paragraph("We planted a fig tree behind the shed.") * 3000

    parts = list(items_of(packages.word(tmp_path / "a.docx", body)))

    assert all(isinstance(one, Document) and len(one.text) <= 32_768 for one in parts)
    assert [one.title for one in parts if isinstance(one, Document)][1].startswith(
        "a.docx, from paragraph "
    )
    assert sum(one.text.count("fig") for one in parts if isinstance(one, Document)) == 3000


def test_slides_are_read_in_the_order_in_which_they_are_shown(tmp_path: Path) -> None:
    path = packages.slides(tmp_path / "a.pptx", "One", "", "Three", order=[3, 2, 1])

    shown = [(one.title, one.text) for one in items_of(path) if isinstance(one, Document)]

    assert shown == [("a.pptx, slide 1", "Three"), ("a.pptx, slide 3", "One")]
    assert _left(path) == ["a.pptx, slide 2: it has no text, only pictures if any"]


def test_a_text_of_open_document_is_read_without_comments(tmp_path: Path) -> None:
    body = (
        "<text:tracked-changes><text:p>Gone.</text:p></text:tracked-changes>"
        "<text:h>Garden</text:h><text:p>A<text:s text:c='2'/>b<text:tab/>c<text:line-break/>d"
        "<office:annotation><text:p>Nora says no.</text:p></office:annotation></text:p>"
        "<table:table-row><table:table-cell><text:p>x</text:p></table:table-cell>"
        "<table:table-cell><text:p>y</text:p></table:table-cell></table:table-row>"
        "<text:p><text:s text:c='9999999'/>end</text:p>"
    )

    for suffix in ("odt", "ods", "odp"):
        path = packages.open_document(tmp_path / f"a.{suffix}", body)
        assert _texts(path) == ["Garden\n\nA  b\tc\nd\n\nx; y\n\nend"]


def test_the_chapters_of_a_book_are_read_in_its_order(tmp_path: Path) -> None:
    path = packages.book(tmp_path / "a.epub", "<p>Second&nbsp;one</p>", "<h1>First</h1>")

    found = [(one.title, one.text) for one in items_of(path) if isinstance(one, Document)]

    assert found == [
        ("a.epub: A walk, chapter 1", "First"),
        ("a.epub: A walk, chapter 2", "Second\xa0one"),
    ]


def test_chapters_that_are_locked_or_missing_are_left_out(tmp_path: Path) -> None:
    lock = '<e><CipherReference URI="OEBPS/text/c%201.xhtml"/><CipherReference URI="a.ttf"/></e>'
    path = packages.book(
        tmp_path / "a.epub", "\xff\xfe", "<p>Open</p>", **{"META-INF_encryption": lock}
    )

    assert _texts(path) == ["Open"]
    assert _left(path) == ["a.epub, chapter 2: its seller locked it (DRM)"]


@pytest.mark.parametrize("suffix", ["docx", "zip", "odt"])
def test_a_document_is_told_by_what_is_in_it_and_not_by_its_name(
    tmp_path: Path, suffix: str
) -> None:
    path = packages.word(tmp_path / f"a.{suffix}", paragraph("I live in Porto."))

    assert _texts(path) == ["I live in Porto."]


def test_entities_that_would_become_gigabytes_are_refused(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    content = (
        f'<!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><x xmlns:w="w"><w:p><w:t>&a9;</w:t></w:p></x>'
    )
    named = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x><p><t>&a;</t></p></x>'

    for document in (content, named):
        path = packages.zipped(tmp_path / "a.docx", {"word/document.xml": document})
        with pytest.raises(ImportCorrupt, match="it declares entities"):
            list(items_of(path))


def test_a_document_that_becomes_much_larger_than_it_is_is_refused(tmp_path: Path) -> None:
    path = packages.word(tmp_path / "a.docx", " " * (300 << 20))

    with pytest.raises(ImportCorrupt, match="times as large"):
        list(items_of(path))


def test_a_document_of_nothing_but_elements_is_refused() -> None:
    with pytest.raises(ImportCorrupt, match="keep this program busy"):
        list(events(io.BytesIO(b"<x>" + b"<a/>" * 3_000_000), name="a.docx", work=Work("a.docx")))


@pytest.mark.parametrize("end", [0.2, 0.5, 0.9])
def test_a_document_that_is_cut_off_is_refused(tmp_path: Path, end: float) -> None:
    data = packages.word(tmp_path / "a.docx", paragraph("I live in Porto.")).read_bytes()
    (tmp_path / "cut.docx").write_bytes(data[: int(len(data) * end)])

    with pytest.raises(ImportCorrupt, match=r"cut\.docx"):
        list(items_of(tmp_path / "cut.docx"))


@pytest.mark.parametrize(
    ("files", "error", "said"),
    [
        ({"word/document.xml": "<a><b></a>"}, ImportCorrupt, "is no XML"),
        (
            {"word/document.xml": "<?xml version='1.0' encoding='NaN'?><a/>"},
            ImportCorrupt,
            "no XML",
        ),
        (
            {"word/document.xml": '<?xml version="1.0" encoding="gbk"?><a/>'},
            ImportCorrupt,
            "no XML",
        ),
        ({"x.bin": "x"}, UnknownFormat, "no document in it is known"),
        ({"Index/Document.iwa": "x"}, UnknownFormat, "Apple's Pages"),
        ({"META-INF/container.xml": "<a/>"}, UnknownFormat, "no book"),
    ],
)
def test_what_is_no_such_document_is_named(
    tmp_path: Path, files: dict[str, str], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        list(items_of(packages.zipped(tmp_path / "a.docx", files)))


def test_a_locked_document_says_so(tmp_path: Path) -> None:
    path = packages.open_document(tmp_path / "a.odt", "x", manifest="<encryption-data/>")

    with pytest.raises(ImportCorrupt, match="locked"):
        list(items_of(path))


def test_files_in_a_zip_are_read_as_in_a_folder(tmp_path: Path) -> None:
    inner = packages.word(tmp_path / "in.docx", paragraph("I live in Porto."))
    path = packages.zipped(
        tmp_path / "all.zip",
        {
            "vault/a.md": "We planted a fig tree.",
            "vault/letter.docx": inner.read_bytes(),
            "vault/.obsidian/app.json": "{}",
            "vault/fig.png": "x",
            "vault/broken.txt": b"\xff\xfe\xff",
            "vault/more.zip": b"PK",
        },
    )

    assert _texts(path) == ["We planted a fig tree.", "I live in Porto."]
    assert len(_left(path)) == 4
    assert _left(path)[0].startswith("all.zip/vault/broken.txt: ")


def test_one_damaged_file_of_a_zip_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.md", "First of all is here.")
        archive.writestr("b.md", "Second of all is here.")
    path.write_bytes(path.read_bytes().replace(b"First of", b"Fxrst of"))

    assert _texts(path) == ["Second of all is here."]
    assert _left(path) == ["all.zip/a.md: BadZipFile in the archive"]
