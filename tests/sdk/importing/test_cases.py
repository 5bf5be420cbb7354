"""
Every small file of tests/data, with what is taken of it, what is left out, or why it is refused.

Each is one of a kind: an export with a hole in it, a mail as one program writes it.
"""

from pathlib import Path

import pytest
from tests.conftest import OpenAssistant

from homeward.errors import CannotImport, ImportCorrupt, UnknownFormat
from homeward.importing import Document, ImportedExchange, LeftOut, items_of

DATA = Path(__file__).parents[2] / "data"
WALNUTS = "I am allergic to walnuts."
FIG = "We planted a fig tree."
BOAT = ["Building a boat", "I want metric units.", "The boat is 7 m long."]
KAYAK = ["I bought a red kayak.", "Nora: I am allergic to cats, remember!"]

# What the person said or wrote, in order, and how many things were left out.
TAKEN: dict[str, tuple[list[str], int]] = {
    "README": ([FIG], 0),
    "NOTES.MD": ([FIG], 0),
    "v1.2 notes": (["We planted a fig tree in June."], 0),
    "bom.md": ([f"# Garden\n\n{FIG}"], 0),
    "cr-only.txt": ([f"{FIG}\r\rIt grows well behind the shed."], 0),
    "crlf.md": ([f"# Garden\r\n\r\n{FIG}\r\n\r\nIt grows well behind the shed."], 0),
    "empty.md": ([], 0),
    "apple-note.html": (["Gym\n\nMy locker is number 12."], 0),
    "frontmatter.md": (
        [
            (
                "\n# Garden\n\nWe planted a fig tree behind the shed. See our trees and .\n\n"
                "- [ ] prune it\n- [x] water it"
            )
        ],
        0,
    ),
    "note.eml": (["I bought a kayak."], 0),
    "spaces.md": ([], 0),
    "utf16-nobom.txt": ([FIG], 0),
    "utf16le-bom.txt": ([FIG], 0),
    "utf32.txt": ([FIG], 0),
    "empty-list.json": ([], 0),
    "claude-attach.json": (["I was born in Cork in 1980.", "See the file."], 0),
    "claude-branch.json": (["I live in Nantes at the moment."], 0),
    "claude-content-only.json": ([WALNUTS], 0),
    "claude-content-string.json": ([WALNUTS], 0),
    "claude-full.zip": (
        [
            "**Work context**\n\nThe person is a carpenter in Riga.",
            "Likes oak.",
            *BOAT,
            WALNUTS,
        ],
        0,
    ),
    "claude-no-messages.json": ([WALNUTS], 1),
    "claude-null-block.json": ([WALNUTS], 1),
    "claude-plain.json": ([WALNUTS], 0),
    "claude-projects-dir.zip": ([WALNUTS], 0),
    "claude-projects-000.zip": ([], 0),
    "claude-projects.json": (BOAT, 0),
    "claude-memories.json": (
        ["**Work context**\n\nThe person is a carpenter in Riga.", "Likes oak."],
        0,
    ),
    "keep-note.json": (["Gym\n\nMy locker is number 12."], 0),
    "takeout-gemini-MyActivity.json": (["I am learning Finnish"], 0),
    "telegram-result.json": (["I bought a kayak.", "Nora: Nice boat"], 0),
    "whatsapp-chat.txt": (KAYAK, 1),
    "whatsapp.zip": (KAYAK, 1),
    "notes.ics": ([], 0),
    "claude-system-sender.json": ([WALNUTS], 0),
    "claude-text-missing.json": ([], 1),
    "claude-tooluse.json": ([WALNUTS], 0),
    "gpt-bom.json": ([WALNUTS], 0),
    "gpt-branch.json": ([WALNUTS, "I work as a baker now."], 0),
    "gpt-custom-instructions.json": ([WALNUTS], 0),
    "gpt-dangling-current.json": ([WALNUTS], 0),
    "gpt-empty-mapping.json": ([WALNUTS], 0),
    "gpt-hidden.json": ([WALNUTS], 0),
    "gpt-image.json": (["This is my dog Bruno in our garden."], 0),
    "gpt-lone-surrogate.json": (["I am allergic to walnuts \ufffd and more."], 0),
    "gpt-ms.json": ([WALNUTS], 0),
    "gpt-msg-no-id.json": ([WALNUTS], 0),
    "gpt-no-current.json": ([WALNUTS], 0),
    "gpt-no-id.json": ([WALNUTS], 0),
    "gpt-no-times-no-children.json": ([WALNUTS], 0),
    "gpt-nul.json": (["I am allergic to walnuts\ufffd!."], 0),
    "gpt-null-content.json": ([WALNUTS], 3),
    "gpt-null-entry.json": ([WALNUTS], 1),
    "gpt-null-mapping.json": ([WALNUTS], 1),
    "gpt-null-title.json": ([WALNUTS], 0),
    "gpt-one-bad.json": ([WALNUTS, "My sister is called Ines."], 1),
    "gpt-plain.json": ([WALNUTS], 0),
    "gpt-shared.zip": ([WALNUTS], 0),
    "gpt-split-nested.zip": ([WALNUTS, "My sister is called Ines."], 0),
    "gpt-split.zip": ([WALNUTS, "My sister is called Ines."], 0),
    "gpt-strtime.json": ([WALNUTS], 0),
    "gpt-types.json": (["Search the web. I am visiting Kyoto in October."], 0),
    "gpt-upper.zip": ([WALNUTS], 0),
    "gpt-voice.json": (["I am moving to Porto in May."], 0),
}

# The error, and what its message says the file is, or lacks.
REFUSED: dict[str, tuple[type[CannotImport], str]] = {
    "claude-manifest.json": (UnknownFormat, "the list of files of an export"),
    "empty.json": (ImportCorrupt, "cut off"),
    "gbk.txt": (ImportCorrupt, "convert it to UTF-8"),
    "gpt-nan.json": (ImportCorrupt, "not JSON"),
    "gpt-nested-zip.zip": (UnknownFormat, "another zip file"),
    "gpt-raw-latin1.json": (ImportCorrupt, "not JSON in UTF-8"),
    "gpt-single-object.json": (UnknownFormat, "one conversation of ChatGPT"),
    "gpt-wrapped.json": (UnknownFormat, "a list of conversations inside something else"),
    "latin1.txt": (ImportCorrupt, "near byte 14; convert it to UTF-8"),
    "note.canvas": (UnknownFormat, "a canvas of Obsidian; copy its text"),
}


PORTO = "I live in Porto now."
MONDAY = "I am free on Monday."
MUNICH = "Ich wohne in München."
_TREES = [f"I planted tree number {number} today." for number in range(40)]
FLOWED = (
    "I have been thinking about this for a very long while and I now know that I want to live in"
    " Porto.\n\nYes."
)
# What its writer wrote in each mail, and how many mails were left out.
MAILS: dict[str, tuple[list[str], int]] = {
    "20-one-malformed.mbox": ([*_TREES[:20], "I live in Porto.", "Last mail is here."], 0),
    "40-one-bad-date.mbox": (_TREES, 0),
    "b64-broken.mbox": (["I live in Porto"], 0),
    "bad-cdisp.mbox": ([], 1),
    "bad-cte.mbox": ([PORTO], 0),
    "bad-ctype.mbox": ([PORTO], 0),
    "bad-ctype2.mbox": ([PORTO], 0),
    "bad-date.mbox": ([PORTO], 0),
    "bad-from-hdr.mbox": ([PORTO], 0),
    "bad-msgid.mbox": ([PORTO], 0),
    "bad-subject.mbox": ([PORTO], 0),
    "bom.mbox": ([PORTO], 0),
    "cp-utf-8-quoted.mbox": ([PORTO], 0),
    "crlf.mbox": ([f"{PORTO}\n\nBye to you all.", "Second mail is here."], 0),
    "date-9999.mbox": ([PORTO], 0),
    "dup-msgid.mbox": ([PORTO, "Another text with the same id."], 0),
    "empty.mbox": ([], 0),
    "encoded-surrogate.mbox": (["I live in Porto \ufffd now."], 0),
    "flowed.mbox": ([FLOWED], 0),
    "forwarded.mbox": (["See below."], 0),
    "gb2312.mbox": (["我住在成都，镕基。"], 0),  # its last letters are of a wider charset
    "german-quote.mbox": (["Ich komme am Montag."], 0),
    "gmail-wrapped-attribution.mbox": ([MONDAY], 0),
    "html-bang.mbox": (["I live in Porto."], 0),
    "html-blockquote.mbox": ([MONDAY], 0),
    "html-entities.mbox": (["I\xa0am\xa0free & happy <3 😀"], 0),
    "html-script-unclosed.mbox": ([PORTO], 0),
    "html-self-closed-title.mbox": (["I am free on Monday and I live in Porto."], 0),
    "iso2022jp.mbox": (["私は東京に住んでいます。"], 0),
    "latin1-8bit.mbox": ([MUNICH], 0),
    "mboxrd.mbox": (["I moved house.\n\nFrom next week on I live in Porto."], 0),
    "multipart-no-boundary.mbox": ([PORTO], 0),
    "nested-str.mbox": (["I live in Porto."], 0),
    "no-blank-between.mbox": ([PORTO, "Second mail is here."], 0),
    "no-charset-8bit.mbox": ([MUNICH], 0),
    "no-msgid-same-text.mbox": (["Happy birthday to you!"] * 2, 0),
    "only-attachment-text.mbox": ([], 1),
    "outlook-original.mbox": ([MONDAY], 0),
    "own-line-on-wrote.mbox": (
        ["I have news.\nOn the plane I wrote:\nI will quit my job in May."],
        0,
    ),
    "rfc822.mbox": ([], 1),
    "signature.mbox": (["I come on Monday."], 0),
    "unescaped-from.mbox": (
        [
            "I moved house.\n\nFrom next week on I live in Porto.\n\nSee you soon there.",
            "Second mail here, all fine.",
        ],
        0,
    ),
    "unknown-charset.mbox": ([PORTO], 0),
    "uu.mbox": ([], 1),
}


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_what_can_be_read_is_taken_and_the_rest_is_counted(name: str) -> None:
    items = list(items_of(DATA / "import" / name, i_am="Me"))

    said = [one.asked for one in items if isinstance(one, ImportedExchange)]
    written = [one.text.rstrip() for one in items if isinstance(one, Document)]
    left = sum(isinstance(one, LeftOut) for one in items)
    assert (written + said, left) == TAKEN[name]


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_cannot_be_read_is_named_for_what_it_is(name: str) -> None:
    error, said = REFUSED[name]

    with pytest.raises(error) as raised:
        list(items_of(DATA / "import" / name))

    assert type(raised.value) is error
    assert str(raised.value).startswith(name)
    assert said in str(raised.value)


@pytest.mark.parametrize("name", sorted(MAILS))
def test_of_each_mail_what_its_writer_wrote_is_taken(name: str) -> None:
    items = list(items_of(DATA / "mail" / name))

    written = [one.text for one in items if isinstance(one, Document)]
    assert (written, sum(isinstance(one, LeftOut) for one in items)) == MAILS[name]


def test_a_file_that_is_no_mailbox_is_refused() -> None:
    with pytest.raises(ImportCorrupt, match=r"not-mbox\.mbox: it is no mailbox"):
        list(items_of(DATA / "mail" / "not-mbox.mbox"))


def test_every_file_has_its_right_result_here() -> None:
    there = {one.name for one in (DATA / "import").iterdir()}
    mails = {one.name for one in (DATA / "mail").iterdir()}

    assert there == {*TAKEN, *REFUSED}
    assert mails == {*MAILS, "not-mbox.mbox"}


def test_nothing_taken_is_a_warning_that_says_why(open_assistant: OpenAssistant) -> None:
    me = open_assistant()

    missing = me.imports.file(DATA / "import" / "claude-text-missing.json")
    empty = me.imports.file(DATA / "import" / "empty-list.json")
    whole = me.imports.file(DATA / "import" / "gpt-one-bad.json")
    again = me.imports.file(DATA / "import" / "gpt-plain.json")

    assert missing.warning == (
        "Nothing was taken in: items left out: 1 (1 of its pieces cannot be read)."
    )
    assert empty.warning == "Nothing was taken in: the file holds no messages and no text."
    assert (whole.exchanges, whole.left_out_count, whole.warning) == (2, 1, None)
    assert whole.left_out == (
        LeftOut("gpt-one-bad.json, entry 2, message 2", "it does not name its writer"),
    )
    assert (again.known, again.warning) == (1, None)
