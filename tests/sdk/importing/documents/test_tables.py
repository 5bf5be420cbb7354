"""Tables in text: each row says what stands in which column."""

from pathlib import Path

import pytest

from homeward.errors import ImportCorrupt
from homeward.importing import Document, items_of


def _rows(path: Path, data: bytes) -> list[str]:
    path.write_bytes(data)
    found = list(items_of(path))
    assert all(isinstance(one, Document) for one in found)
    return [row for one in found if isinstance(one, Document) for row in one.text.split("\n\n")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_rows_name_their_columns_in_every_encoding_and_with_every_mark(
    tmp_path: Path, mark: str, encoding: str
) -> None:
    lines = [["Name", "Straße", "Note"], ["Zoë", "Weg 3", '"a\nlong, old; note"'], ["", "", ""]]
    text = "\r\n".join(mark.join(line) for line in lines)

    rows = _rows(tmp_path / "people.csv", text.encode(encoding))

    assert rows == ["Name: Zoë; Straße: Weg 3; Note: a long, old; note"]


def test_a_table_without_a_heading_is_read_as_it_is(tmp_path: Path) -> None:
    assert _rows(tmp_path / "a.csv", b"2024-03-01,Dentist,-80\n2024-03-02,Books,-12\n") == [
        "2024-03-01; Dentist; -80",
        "2024-03-02; Books; -12",
    ]


def test_the_first_line_of_excel_says_what_is_between_columns(tmp_path: Path) -> None:
    assert _rows(tmp_path / "a.csv", b"sep=;\r\nDay;Price\r\nMonday;1,50\r\n") == [
        "Day: Monday; Price: 1,50"
    ]


def test_rows_with_more_or_fewer_cells_cost_nothing(tmp_path: Path) -> None:
    data = b"Day,Price\nMonday\nTuesday,1,2,3\n\nFriday,4\n"

    assert _rows(tmp_path / "a.tsv", data) == [
        "Day: Monday",
        "Day: Tuesday; Price: 1; 2; 3",
        "Day: Friday; Price: 4",
    ]


def test_a_long_table_is_cut_between_rows_that_say_their_number(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Day,Price\n" + "Monday,12\n" * 5000, encoding="utf-8")

    parts = [one for one in items_of(path) if isinstance(one, Document)]

    assert parts[0].title == "a.csv"
    assert parts[1].title.startswith("a.csv, from row ")
    assert sum(one.text.count("Monday") for one in parts) == 5000


@pytest.mark.parametrize(
    "data", [b"a,b\n" + b"x" * 1_100_000, b"a,b\n" + b"x" * 200_000 + b",1\n", b"a,b\n\0,1\n"]
)
def test_what_is_no_table_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ImportCorrupt, match=r"a\.csv"):
        _rows(tmp_path / "a.csv", data)
