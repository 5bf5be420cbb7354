"""
What an operator writes into an offer is one line, quoted: it forges nothing that stands beside it.

The texts that a person reads before agreeing come from who wants them to agree.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from tests.federated.enrolment.test_consent import OFFER

from homeward_federated import Malformed
from homeward_federated.enrolment.enrolment import Certificate, Request
from homeward_federated.enrolment.offer import Offer
from homeward_federated.priors.round_policy import Policy
from homeward_federated.wire.fields import AsciiLine, AsciiLines, Place

LINE = AsciiLine(240)
SHOWN = ("summary", "operator", "authority")

FORGERIES = {
    "another line": "Style.\nWho admits devices: your data protection authority, key 9f3c",
    "a carriage return": "Style.\rWhat leaves: nothing.",
    "a line separator": "Style.\u2028What leaves: nothing.",
    "a paragraph separator": "Style.\u2029What leaves: nothing.",
    "a next line": "Style.\x85What leaves: nothing.",
    "a vertical tab": "Style.\x0bWhat leaves: nothing.",
    "a form feed": "Style.\x0cWhat leaves: nothing.",
    "an information separator": "Style.\x1eWhat leaves: nothing.",
    "an escape": "Style.\x1b[2K\x1b[1AWhat leaves: nothing.",
    "a one-byte escape": "Style.\x9b2K",
    "a backspace": "Style.\b\b\b\b\b\b",
    "a nul": "Style.\0",
    "reading turned round": "Style \u202egnihton :sevael tahW",
    "an isolate": "Style \u2067gnihton\u2069",
    "a mark of direction": "Style \u200fx",
    "nothing seen": "St\u200byle",
    "a joiner": "St\u200dyle",
    "a byte order mark": "\ufeffStyle",
    "a tag": "Style \U000e0041",
    "a soft hyphen": "St\xadyle",
    "a filler": "Style \u3164",
    "an empty cell": "\u2800" * 40,
    "a wide space": "Style.\u3000What leaves: nothing.",
    "a hard space": "Style.\xa0What leaves: nothing.",
    "a screen of spaces": "Style." + " " * 120 + "What leaves: nothing.",
    "spaces around": " Style. ",
    "an end of the quotation": "Style.” Who admits devices: “your authority",
    "an end of another quotation": 'Style." What leaves: "nothing',
    "a quotation that is alike": "Style.\u2033 What leaves: \u2036nothing",
    "marks that reach the lines around": "S" + "\u0336\u0335\u0334" * 30,
    "half a character": "Style \ud800",
    "a private character": "Style \ue000",
    "nothing": "",
    "too much": "word " * 60 + "word",
}


@pytest.mark.parametrize("field", SHOWN)
@pytest.mark.parametrize("forgery", FORGERIES)
def test_an_offer_whose_text_is_more_than_one_line_is_refused(field: str, forgery: str) -> None:
    body = json.loads(OFFER.encode()) | {field: FORGERIES[forgery]}
    with pytest.raises(Malformed, match=field):
        Offer.decode(json.dumps(body).encode())
    with pytest.raises(Malformed, match=field):
        replace(OFFER, **{field: FORGERIES[forgery]})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "How you like replies to be.",
        "O'Brien & Søn, L’Hôpital (Ærø) - 50 % of it; e=mc²!",  # noqa: RUF001
        "Wie Antworten für dich sein sollen.",
        "返信をどのように好むか。",
        "كيف تحب أن تكون الردود",
        "आपको उत्तर कैसे पसंद हैं",
        "Yanıtları nasıl sevdiğiniz 🙂",  # noqa: RUF001
    ],
)
def test_what_people_write_in_their_languages_is_taken_and_shown_quoted(text: str) -> None:
    assert f"“{text}”" in replace(OFFER, summary=text).text
    assert Offer.decode(replace(OFFER, operator=text).encode()).operator == text


@settings(deadline=None)
@given(st.text(max_size=80))
def test_whatever_is_taken_leaves_the_lines_of_an_offer_as_they_are(text: str) -> None:
    try:
        LINE.check(text, name="summary")
    except Malformed:
        return
    shown = replace(OFFER, summary=text).text
    assert len(shown.splitlines()) == len(OFFER.text.splitlines())
    assert shown.count("“") == OFFER.text.count("“")


@pytest.mark.parametrize(
    "change",
    [
        {"address": "localhost:1\nWhat leaves: nothing."},
        {"address": "localhost:1 What leaves: nothing."},
        {"address": "exаmple.org:8000"},  # noqa: RUF001  # a Cyrillic letter
        {"priors": "https://example.org/\x1b[2J"},
        {"priors": "https://ex\u202eample.org/latest.hwf"},
        {"ca": "-----BEGIN\x1b[2J"},
        {"ca": "-----BEGIN\u2028"},
    ],
)
def test_addresses_and_certificates_are_printable_ascii(change: dict[str, str]) -> None:
    [name] = change
    with pytest.raises(Malformed, match=name):
        replace(OFFER, **change)  # type: ignore[arg-type]
    assert Place(9).check("", name="priors") == ""
    assert AsciiLines(99).check("two\nlines", name="ca") == "two\nlines"


@pytest.mark.parametrize("name", ["task", "code"])
def test_the_names_of_tasks_and_codes_are_names(name: str) -> None:
    with pytest.raises(Malformed, match=name):
        replace(OFFER, policy=replace(OFFER.policy, **{name: "taste\nx"}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"dims": 0},
        {"min_cohort": 1 << 20},
        {"min_noise_multiplier": float("nan")},
        {"min_noise_multiplier": 0.0},
        {"min_noise_multiplier": 1e9},
        {"max_colluders": -0.1},
        {"longest_seconds": 0},
        {"longest_offset": float("inf")},
    ],
)
def test_numbers_that_no_round_can_have_are_in_no_offer(change: dict[str, float]) -> None:
    with pytest.raises(Malformed, match=next(iter(change))):
        replace(OFFER, policy=replace(OFFER.policy, **change))  # type: ignore[arg-type]


def test_the_rounds_of_a_year_are_counted_without_counting_them_one_by_one() -> None:
    much = replace(OFFER, policy=replace(OFFER.policy, min_noise_multiplier=1000.0))
    assert much.rounds_per_year > 500_000
    assert OFFER.rounds_per_year == 9


def test_the_same_party_is_seen_through_other_spellings_of_its_name() -> None:
    spelled = replace(OFFER, authority=OFFER.operator.upper())
    assert "same party" in spelled.text
    assert "same party" not in OFFER.text


@pytest.mark.parametrize("text", ["taste\nx", "tas te", "t\u202e", ""])
def test_requests_and_certificates_name_their_task_plainly(text: str, tmp_path: Path) -> None:
    for file in (Request(text, bytes(32), "ssh"), Certificate(text, bytes(32), bytes(64))):
        path = tmp_path / "file"
        path.write_bytes(file.encode())
        with pytest.raises(Malformed, match="task"):
            type(file).decode(path.read_bytes())
    with pytest.raises(Malformed, match="node"):
        Request.decode(Request("taste", bytes(32), "ecdsa AAAA\n--superlink evil").encode())


def test_a_policy_from_the_settings_of_an_assistant_is_in_bounds() -> None:
    Policy("taste", "taste-1", 64, 8).check()
