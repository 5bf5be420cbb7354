"""Files that are built to keep a program busy: refused, or a record left out, after little work."""

import json
import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks import import_bombs
from tests.conftest import OpenAssistant

from homeward.errors import CannotRead, ImportCorrupt
from homeward.files import open_regular
from homeward.importing import Document, LeftOut, items_of
from homeward.importing.mail import mime
from homeward.importing.reading import html_text
from homeward.importing.reading.work_limits import Record, Work

CPU_SECONDS = 20  # for all of them; each alone took longer, or did not end
CHILD = """
import json, sys
from pathlib import Path
from homeward.errors import HomewardError
from homeward.importing import LeftOut, items_of

for name in sys.argv[1:]:
    try:
        items = list(items_of(Path(name), text="x"))
        said = f"{sum(not isinstance(one, LeftOut) for one in items)} items"
    except HomewardError as error:
        said = type(error).__name__
    print(json.dumps(said), flush=True)
"""
BOMBS = (
    "page '<a <'.mbox", "page '<!--'.mbox", "page '<![CDATA['.mbox", "page '<p>'.mbox",
    "Subject b'=?utf-8?q?a?'.mbox", "parameters b'; a*0*=x'.mbox", "parameters b';'.mbox",
    "charset b'punycode'.mbox", "parts nested more.mbox", "parts many.mbox", "lines short.mbox",
    "json deep.json", "json digits.json", "json names.json", "zip deep.zip", "zip many.zip",
    "zip overlapping.zip", "pipe.txt", "pipe.png", "zeros link.txt", "zeros link.mbox",
    "zeros link.json", "zeros link.zip", "zeros link.png",
)  # fmt: skip


def test_no_file_keeps_an_import_busy_or_fails_in_a_way_of_its_own(tmp_path: Path) -> None:
    made = dict(import_bombs.bombs())
    paths = []
    for name in BOMBS:
        paths.append(tmp_path / name.replace("/", "_"))
        bomb = made[name]
        paths[-1].write_bytes(bomb) if isinstance(bomb, bytes) else bomb(paths[-1])

    child = subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, paths)],
        stdout=subprocess.PIPE,
        timeout=300,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS)),
    )

    said = dict(zip(BOMBS, map(json.loads, child.stdout.splitlines()), strict=False))
    assert child.returncode == 0, f"ended after {list(said)[-1:]}"
    assert {said[name] for name in BOMBS if "zeros" in name or "pipe" in name} == {"CannotRead"}
    assert all(said[name] == "ImportCorrupt" for name in BOMBS if "json " in name)
    assert said.pop("zip overlapping.zip") == "0 items"  # it is one name: read once, and empty
    assert all(said[name] == "ImportCorrupt" for name in said if "zip " in name)


@pytest.mark.parametrize("suffix", ["txt", "json", "mbox", "zip", "png"])
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")], ids=str)
def test_only_regular_files_are_read(
    open_assistant: OpenAssistant, tmp_path: Path, suffix: str, make: Callable[[Path], object]
) -> None:
    path = tmp_path / f"file.{suffix}"
    make(path)

    with pytest.raises(CannotRead, match="folder, a pipe or a device"):
        open_assistant().imports.file(path, text="x")


def test_what_was_opened_counts_and_not_what_the_name_was_before(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"inside")
    (tmp_path / "link").symlink_to(tmp_path / "file")

    with open_regular(tmp_path / "link") as file:
        (tmp_path / "link").unlink()
        os.mkfifo(tmp_path / "link")
        assert file.read() == b"inside"


def test_one_mail_over_a_bound_is_counted_and_the_others_are_taken_in(
    open_assistant: OpenAssistant, tmp_path: Path
) -> None:
    path = tmp_path / "in.mbox"
    page = b"Content-Type: text/html\n\n" + b"<a>" * 200_000
    long = b"Subject: long\n\n" + b"word " * 600_000
    ordinary = b"Subject: ferry\n\nThe ferry leaves at six.\n"
    mails = [ordinary, page, long, ordinary.replace(b"six", b"ten")]
    path.write_bytes(b"\n\n".join(b"From a\n" + one for one in mails))

    taken = open_assistant().imports.file(path)

    assert taken.documents == 2
    assert [str(one) for one in taken.left_out] == [
        "in.mbox, mail 2: it has more than 100000 pieces and one in 8 bytes",
        "in.mbox, mail 3: its text is longer than 2 MiB",
    ]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("a <b>bold</b> word", "a bold word"),
        ("1 < 2 &amp; 3 &gt; 2&nbsp;&#8364;&#x20ac;", "1 < 2 & 3 > 2\xa0€€"),
        ("x<!-- hidden > --> y<!doctype z> <?php ?>", "x y "),
        ("<a title=\"a > b\" href='>'>link</a>", "link"),
        ("<STYLE>p{}</STYLE><script>if (a < b) x()</script ><p>seen", "\nseen"),
        ("<title>not</title><br/>line<p class=x>par", "\nline\npar"),
        ("open <a href=x", "open "),
        ("a <!-- never closed", "a "),
        ("&unknown; &amp", "&unknown; &amp"),
        ("&#99999999; &#0;", "&#99999999; \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_page_says_what_a_reader_would_see(page: str, text: str) -> None:
    assert html_text.text_of(page, spend=lambda _: None) == text


@pytest.mark.parametrize(
    ("head", "name", "value"),
    [
        ("text/plain; charset=utf-8; format=flowed", "charset", "utf-8"),
        ('multipart/mixed; boundary="a b;\\"c"', "boundary", 'a b;"c'),
        ('multipart/mixed; boundary*0="ab"; boundary*1=cd', "boundary", "abcd"),
        ("text/plain; charset*=us-ascii'en'iso%2D8859-1", "charset", "iso-8859-1"),
        ("text/plain; CharSet = latin1", "charset", "latin1"),
        ("text/plain", "charset", ""),
    ],
)
def test_parameters_are_read_whole_and_in_pieces(head: str, name: str, value: str) -> None:
    assert mime.parameter(head, name) == value


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe_an?= =?iso-8859-1?B?5A==?= alle", "Grüße anä alle"),
        ("=?punycode?q?a-?= =?nothing?q?b?=", "a-b"),
        ("plain =?utf-8?q?", "plain =?utf-8?q?"),
    ],
)
def test_words_in_headers_are_decoded(value: str, line: str) -> None:
    assert mime.line_of(value) == line


def test_the_text_is_found_wherever_it_lies_in_a_mail(tmp_path: Path) -> None:
    mail = (
        b"From a\nContent-Type: multipart/mixed; boundary=out\n\n--out\n"
        b"Content-Type: application/pdf\n\nJVBERi0=\n--out\n"
        b"Content-Type: text/plain\nContent-Disposition: attachment; filename=x\n\nnot this\n"
        b'--out\nContent-Type: multipart/alternative; boundary="in"\n\n--in\n'
        b"Content-Type: text/html\n\n<p>page\n--in\n"
        b"Content-Type: text/plain; charset=iso-8859-1\n"
        b"Content-Transfer-Encoding: quoted-printable\n\nder S=E4nger\n--in--\n--out--\n"
    )
    (tmp_path / "in.mbox").write_bytes(mail)

    [found] = items_of(tmp_path / "in.mbox")

    assert isinstance(found, Document)
    assert found.text == "der Sänger"


def test_work_is_counted_for_a_file_and_for_a_record_of_it() -> None:
    work = Work("x")
    work.spend(300_000)
    with pytest.raises(ImportCorrupt, match="x: more than 300000 pieces"):
        work.spend()
    work.read(80)
    record = Record(work, 0)
    record.spend(10)
    with pytest.raises(ImportCorrupt):
        record.spend()


def test_an_archive_that_grows_too_large_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", b"[" + b" " * (40 << 20) + b"]")

    with pytest.raises(ImportCorrupt, match=r"a\.zip: it becomes more than 100 times as large"):
        list(items_of(tmp_path / "a.zip"))


def test_left_out_names_no_words_of_the_mail(tmp_path: Path) -> None:
    (tmp_path / "in.mbox").write_bytes(b"From a\nSubject: secret\n\n" + b"secret " * 400_000)

    [left] = items_of(tmp_path / "in.mbox")

    assert left == LeftOut("in.mbox, mail 1", "its text is longer than 2 MiB")
