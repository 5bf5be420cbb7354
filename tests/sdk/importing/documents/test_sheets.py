"""Tables of Excel, as its own library writes them."""

from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from tests.sdk.importing.documents.packages import zipped

from homeward.importing import Document, items_of
from homeward.importing.documents import sheets


def _rows(path: Path) -> list[tuple[str, list[str]]]:
    found = [one for one in items_of(path) if isinstance(one, Document)]
    return [(one.title, one.text.split("\n\n")) for one in found]


def test_rows_say_what_stands_in_which_column_in_words_and_days(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    first.title = "Budget"
    first.append(["Day", "What", "Price", "Paid"])
    first.append([date(2024, 2, 29), "Fig tree", 12.5, True])
    first.append([datetime(2024, 3, 1, 10, 30), None, 3, False])
    first.append([time(8, 15), "=1+1", 1e-3, "yes"])
    first["A4"].number_format = "hh:mm"
    second = book.create_sheet("Two")
    second["C5"] = "alone here"
    book.save(tmp_path / "a.xlsx")

    assert _rows(tmp_path / "a.xlsx") == [
        (
            "a.xlsx, sheet 1: Budget",
            [
                "Day: 2024-02-29; What: Fig tree; Price: 12.5; Paid: yes",
                "Day: 2024-03-01 10:30:00; Price: 3; Paid: no",
                "Day: 08:15:00; Price: 0.001; Paid: yes",
            ],
        ),
        ("a.xlsx, sheet 2: Two", ["alone here"]),
    ]


def test_days_are_counted_from_1904_where_the_file_says_so(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append([date(2024, 2, 29)])
    book.save(tmp_path / "a.xlsx")

    assert _rows(tmp_path / "a.xlsx")[0][1] == ["2024-02-29"]


def test_a_cell_at_the_end_of_the_sheet_makes_no_thousands(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["XFD1048576"] = "far out"
    book.active["A1"] = "here it is"
    book.save(tmp_path / "a.xlsx")

    assert _rows(tmp_path / "a.xlsx")[0][1] == ["here it is"]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('<c r="A1" t="s"><v>99</v></c>', None),
        ('<c r="A1" t="s"><v>x</v></c>', None),
        ('<c r="A1" s="99"><v>5</v></c>', "5"),
        ('<c r="A1" s="1"><v>1e300</v></c>', "1e300"),
        ('<c r="A1" s="1"><v>nan</v></c>', "nan"),
        ('<c r="??"><v>5</v></c>', "5"),
        ('<c t="inlineStr"><is><t>in line</t></is></c>', "in line"),
        ('<c t="e"><v>#REF!</v></c>', None),
    ],
)
def test_cells_that_name_what_is_not_there_cost_nothing(
    tmp_path: Path, cell: str, said: str | None
) -> None:
    path = zipped(
        tmp_path / "a.xlsx",
        {
            "xl/workbook.xml": '<w xmlns:r="r"><sheet name="S" r:id="r1"/></w>',
            "xl/_rels/workbook.xml.rels": '<r><Relationship Id="r1" Target="/xl/s.xml"/></r>',
            "xl/styles.xml": '<s><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></s>',
            "xl/s.xml": f'<w><row r="1">{cell}</row><row r="2"><c><v>7</v></c></row></w>',
        },
    )

    assert _rows(path)[0][1] == [*([said] if said else []), "7"]


def test_how_a_word_is_read_aloud_is_none_of_it() -> None:
    from homeward.importing.documents.xml_events import End, Event, Start

    def events(*_: object) -> list[Event]:
        word: list[Event] = [Start("t"), "東京", End("t")]
        aloud: list[Event] = [Start("rPh"), Start("t"), "トウキョウ", End("t"), End("rPh")]
        return [Start("si"), *word, *aloud, End("si")]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheets, "_read", events)
        assert list(sheets._strings(None, None)) == ["東京"]  # type: ignore[arg-type]
