"""PDFs: page by page, in a process of its own that no file keeps busy."""

import io
import signal
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest

from homeward.concurrency import child_process
from homeward.errors import ImportCorrupt, UnknownFormat
from homeward.extraction import pdf, pdf_child
from homeward.extraction.pdf import PdfChild
from homeward.importing import Document, Item, LeftOut, items_of


def written(*pages: str) -> bytes:
    """Return a PDF with these texts; a page of "image" shows an image, one of "" nothing."""
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    kids = list[int]()
    for text in pages:
        lines = " ".join(f"({line}) Tj T*" for line in text.split("\n"))
        content = "/I Do" if text == "image" else f"BT /F 12 Tf 14 TL 50 700 Td {lines} ET"
        objects.append(f"<</Length {len(content)}>>\nstream\n{content if text else ''}\nendstream")
        shown = f"<</Font<</F 3 0 R>>{'/XObject<</I 3 0 R>>' if text == 'image' else ''}>>"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources{shown}"
            f"/Contents {len(objects)} 0 R>>"
        )
        kids.append(len(objects))
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{one} 0 R' for one in kids)}]>>"
    made, places = b"%PDF-1.7\n", list[int]()
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{one}\nendobj\n".encode()
    table = "".join(f"{at:010} 00000 n \n" for at in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    end = f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(made)}\n%%EOF"
    return made + (head + end).encode()


@pytest.fixture(scope="module")
def child() -> Iterator[PdfChild]:
    """Return the one child that reads all PDFs here."""
    with PdfChild() as found:
        yield found


def test_each_page_is_read_and_scanned_ones_are_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(
        written("We planted a fig\ntree. It grows.", "image", "", "I live in Porto.")
    )

    items = list(items_of(tmp_path / "a.pdf"))

    assert [(one.title, one.text.strip()) for one in items if isinstance(one, Document)] == [
        ("a.pdf, page 1", "We planted a fig tree. It grows."),
        ("a.pdf, page 4", "I live in Porto."),
    ]
    assert [str(one) for one in items if isinstance(one, LeftOut)] == [
        f"a.pdf, page 2: {pdf_child.SCANNED}"
    ]


def test_pdfs_in_a_folder_share_a_child_and_a_damaged_one_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = list[str]()
    start = child_process.converse

    def noted(module: str) -> child_process.Process:
        started.append(module)
        return start(module)

    monkeypatch.setattr(child_process, "converse", noted)
    for name, data in {
        "a": written("One here."),
        "b": b"%PDF-junk",
        "c": written("Two here."),
    }.items():
        (tmp_path / f"{name}.pdf").write_bytes(data)

    items: list[Item] = list(items_of(tmp_path))

    assert [one.text.strip() for one in items if isinstance(one, Document)] == [
        "One here.",
        "Two here.",
    ]
    assert [str(one) for one in items if isinstance(one, LeftOut)] == [
        "b.pdf: it is damaged, or no PDF"
    ]
    assert len(started) == 1


def test_a_locked_pdf_says_so_and_one_that_only_may_not_be_printed_is_read(child: PdfChild) -> None:
    for password, said in (("secret", None), ("", "I live in Porto.")):
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(written("I live in Porto.")))
        writer.encrypt(password, owner_password="other", algorithm="AES-256")
        made = io.BytesIO()
        writer.write(made)
        data = made.getvalue()
        if said is None:
            with pytest.raises(ImportCorrupt, match="locked"):
                child.text(io.BytesIO(data), len(data), name="a.pdf")
        else:
            assert (
                child.text(io.BytesIO(data), len(data), name="a.pdf").pages[0].text.strip() == said
            )


def test_a_child_that_was_ended_is_started_again(child: PdfChild) -> None:
    data = written("I live in Porto.")
    child.text(io.BytesIO(data), len(data), name="a.pdf")
    assert child._process is not None
    child._process.kill()
    child._process.wait()

    with pytest.raises(ImportCorrupt, match="too much time or memory"):
        child.text(io.BytesIO(data), len(data), name="a.pdf")

    assert len(child.text(io.BytesIO(data), len(data), name="a.pdf").pages) == 1


def test_a_pdf_that_is_too_large_is_refused_before_it_is_read(child: PdfChild) -> None:
    with pytest.raises(ImportCorrupt, match="larger than 128 MiB"):
        child.text(io.BytesIO(), pdf.LARGEST + 1, name="a.pdf")


def test_without_its_package_the_command_is_named_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.pdf").write_bytes(written("I live in Porto."))
    monkeypatch.setattr(pdf, "find_spec", lambda _: None)

    with pytest.raises(UnknownFormat, match=r"pip install 'homeward\[documents\]'"):
        list(items_of(tmp_path / "a.pdf"))


def test_a_page_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: object) -> str:
        while True:
            pass

    monkeypatch.setattr(pypdf.PageObject, "extract_text", never)
    monkeypatch.setattr(pdf_child, "AT_FIRST", 0.2)
    handler = signal.signal(signal.SIGPROF, pdf_child._too_long)
    try:
        found = pdf_child._within_time(written("I live in Porto."))
    finally:
        signal.signal(signal.SIGPROF, handler)

    assert found == [{"end": "reading it from page 1 on takes too long"}]


@pytest.mark.parametrize("error", [MemoryError, RecursionError, ValueError, KeyError])
def test_whatever_a_file_makes_the_library_raise_is_damage(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(pypdf, "PdfReader", fails)

    [answer] = pdf_child.answers(b"x")

    assert answer["end"]
