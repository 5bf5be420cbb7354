"""Calendars and contacts, as the programs of phones and mail write them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from homeward.errors import UnknownFormat
from homeward.importing import Document, LeftOut, items_of


def _events(path: Path, *events: str, kind: str = "VEVENT") -> list[object]:
    inside = "".join(
        f"BEGIN:{kind}\r\nUID:{n}\r\n{one}\r\nEND:{kind}\r\n" for n, one in enumerate(events)
    )
    path.write_text(f"BEGIN:VCALENDAR\r\n{inside}END:VCALENDAR\r\n", encoding="utf-8", newline="")
    return list(items_of(path))


def _text(path: Path, event: str, kind: str = "VEVENT") -> str:
    [item] = _events(path, event, kind=kind)
    assert isinstance(item, Document)
    return item.text


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("DTSTART:20240304T100000Z\nDTEND:20240304T110000Z",
         "on Monday 4 March 2024, 10:00 UTC to 11:00 UTC"),
        ("DTSTART;TZID=Europe/Berlin:20240304T100000\nDTEND;TZID=Europe/Berlin:20240304T113000",
         "on Monday 4 March 2024, 10:00 to 11:30"),
        ("DTSTART;VALUE=DATE:20240304\nDTEND;VALUE=DATE:20240305", "on Monday 4 March 2024"),
        ("DTSTART;VALUE=DATE:20240304\nDTEND;VALUE=DATE:20240307",
         "from Monday 4 March 2024 until before Thursday 7 March 2024"),
        ("DTSTART:20240304T220000\nDTEND:20240305T020000",
         "from Monday 4 March 2024, 22:00 to Tuesday 5 March 2024, 02:00"),
        ("DTSTART:20240304T100000\nRRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20241231",
         "on Monday 4 March 2024, 10:00, every 2 weeks until 31 December 2024"),
        ("DTSTART:20240304\nRRULE:FREQ=YEARLY;COUNT=3",
         "on Monday 4 March 2024, every year, 3 times"),
        ("DTSTART:20240304\nLOCATION:Main St. 3\\, Porto\nSTATUS:CANCELLED",
         "on Monday 4 March 2024, at Main St. 3, Porto, cancelled"),
        ("DTSTART:20249999", ""),
        ("DTSTART:soon", ""),
    ],
)  # fmt: skip
def test_an_event_says_what_when_and_where(tmp_path: Path, lines: str, said: str) -> None:
    event = f"SUMMARY:Dentist\n{lines}".replace("\n", "\r\n")

    assert _text(tmp_path / "a.ics", event) == f"Event: Dentist{', ' if said else ''}{said}."


def test_long_lines_alarms_tasks_and_descriptions_are_read(tmp_path: Path) -> None:
    event = (
        "SUMMARY:Den\r\n tist\r\nDESCRIPTION:Bring the\\nX-ray\\; and cash\r\nBEGIN:VALARM\r\n"
        "DESCRIPTION:ring\r\nEND:VALARM\r\nLAST-MODIFIED:20240101T000000Z"
    )
    [item] = _events(tmp_path / "a.ics", event)

    assert isinstance(item, Document)
    assert item.text == "Event: Dentist.\n\nBring the\nX-ray; and cash"
    assert item.written_at == datetime(2024, 1, 1, tzinfo=UTC)
    task = "SUMMARY:Pay rent\r\nDUE;VALUE=DATE:20240301\r\nSTATUS:COMPLETED"
    assert _text(tmp_path / "b.ics", task, kind="VTODO") == (
        "To do: Pay rent, due Friday 1 March 2024, completed."
    )


def test_what_recurs_is_read_once_and_an_event_without_a_name_is_left_out(tmp_path: Path) -> None:
    items = _events(
        tmp_path / "a.ics",
        "SUMMARY:Choir\r\nDTSTART:20240304T190000\r\nRRULE:FREQ=WEEKLY",
        "SUMMARY:Choir\r\nDTSTART:20240312T190000\r\nRECURRENCE-ID:20240311T190000",
        "DTSTART:20240304",
    )

    assert [type(one) for one in items] == [Document, LeftOut, LeftOut]


@pytest.mark.parametrize("name", ["a.ics", "a.vcf"])
def test_what_is_none_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("We planted a fig tree: in June.")

    with pytest.raises(UnknownFormat, match="begins with BEGIN"):
        list(items_of(tmp_path / name))


def _contacts(path: Path, *cards: str) -> list[object]:
    text = "".join(f"BEGIN:VCARD\r\n{one}\r\nEND:VCARD\r\n" for one in cards)
    path.write_text(text.replace("\n\r", "\n"), encoding="utf-8", newline="")
    return list(items_of(path))


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ("FN:Nora Berg\r\nTEL;TYPE=CELL:+49 170 1\r\nTEL:+49 170 1\r\nitem1.EMAIL:n@x.test",
         "Contact: Nora Berg; phone +49 170 1; e-mail n@x.test."),
        ("N:Berg;Nora;;;\r\nORG:Bakery;Front", "Contact: Nora Berg; at Bakery, Front."),
        ("FN:Nora\r\nBDAY:1980-05-04", "Contact: Nora; born on 4 May 1980."),
        ("FN:Nora\r\nBDAY;VALUE=date:--0504", "Contact: Nora; born on 4 May."),
        ("FN:Nora\r\nBDAY:1604-05-04", "Contact: Nora; born on 4 May."),
        ("FN:Nora\r\nADR;TYPE=HOME:;;Main St. 3;Porto;;4000;Portugal",
         "Contact: Nora; lives or works at Main St. 3, Porto, 4000, Portugal."),
        ("VERSION:2.1\r\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Zo=C3=AB=\r\n Berg",
         "Contact: Zoë Berg."),
        ("FN:Nora\r\nCATEGORIES:friends,choir\r\nNOTE:Sings\\nalto",
         "Contact: Nora; tags: friends,choir.\n\nAbout Nora: Sings\nalto"),
        ("FN:Nora\r\nPHOTO;ENCODING=b:" + "AAAA" * 50_000 + "\r\nTITLE:Baker",
         "Contact: Nora; works as Baker."),
    ],
)  # fmt: skip
def test_a_contact_says_who_somebody_is(tmp_path: Path, card: str, said: str) -> None:
    [item] = _contacts(tmp_path / "a.vcf", card)

    assert isinstance(item, Document)
    assert item.text == said
    assert item.origin is None


def test_one_contact_without_a_name_costs_no_other(tmp_path: Path) -> None:
    items = _contacts(tmp_path / "a.vcf", "FN:Nora", "TEL:1", "FN:Bo")

    assert [type(one) for one in items] == [Document, LeftOut, Document]
