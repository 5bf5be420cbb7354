"""
What files that are built to keep a program busy cost: seconds and memory, beside reading them.

    python -m benchmarks.import_bombs [--json]

Each is read as an import reads it, in a process of its own, to its end or to its refusal. The time
and memory are those beyond reading the file's bytes; what a zip unpacks to is not taken off.
"""

import argparse
import base64
import contextlib
import ctypes
import json
import os
import resource
import struct
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import Figure, report
from homeward.errors import HomewardError
from homeward.importing import LeftOut, items_of

MIB = 1 << 20
SIZE = 1_000_000  # characters that a pattern is repeated to, where nothing else is said
MOST_SECONDS = 60  # of one file; it is then killed
MOST_GOOD_SECONDS, MOST_GOOD_MIB = 2.0, 128.0

Bomb = bytes | Callable[[Path], object]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one file cost, and what became of it."""

    name: str
    seconds: float
    mib: float
    outcome: str


def _mail(head: bytes, body: bytes = b"hello\n") -> bytes:
    return b"From a\nMessage-ID: <a>\n" + head + b"\n" + body


def _page(pattern: str, *, size: int = SIZE, before: str = "", after: str = "") -> bytes:
    page = before + pattern * (size // len(pattern)) + after
    return _mail(b"Content-Type: text/html\n", page.encode() + b"\n")


def _pages() -> Iterator[tuple[str, Bomb]]:
    for pattern in (
        "<a <", "<!--", "<![CDATA[", "<!", "<?", "<", "</", "<a b='", '<a b="', "<a b=\"'", "<p>",
        "<a>", "</p>", "<script>", "</script ", "<style><title>", "&", "&#", "&amp", "&lt;",
        "&#38;", "&#x26;", "&#9999999999", "&CounterClockwiseContourIntegra", "<a =\"\"", "<a =",
        "<!-->", "<!---", "--", "-->", "<b/", "<a\n", "]]>", "<svg><![CDATA[",
    ):  # fmt: skip
        yield f"page {pattern!r}.mbox", _page(pattern)
    yield "pages many.mbox", _page("<a>", size=300_000) * 60
    yield "page nested.mbox", _page("<div>", after="</div>" * 100_000)
    yield "page of 20 MB.mbox", _page("<a>", size=20_000_000)
    yield "page attributes.mbox", _page(" a=b", before="<a", after=">")
    yield (
        "page base64.mbox",
        _mail(
            b"Content-Type: text/html\nContent-Transfer-Encoding: base64\n",
            base64.encodebytes(b"<a <" * 200_000),
        ),
    )


def _heads() -> Iterator[tuple[str, Bomb]]:
    for pattern in (
        b"=?utf-8?q?a?= ", b"=?utf-8?b?YQ==?=", b"=?", b"=?a?q?", b"=?utf-8?q?=", b"?= =?", b"(",
        b"<a@b>,", b'"', b"\\", b"=?idna?q?" + b"x" * 2000 + b"?= ", b"\n ", b" ", b",", b"[",
    ):  # fmt: skip
        for name in (b"Subject", b"Message-ID", b"Date", b"From"):
            value = pattern * (SIZE // len(pattern))
            yield f"{name.decode()} {pattern[:12]!r}.mbox", _mail(name + b": x" + value + b"\n")
    for pattern in (
        b"; a*0*=x", b";", b'; a="', b'; a="\\', b"; a*%d*=x", b"; charset*=''%41", b"; =", b" ",
        b"; boundary*0=a", b"; a = b", b"/", b"; a'b'c", b'"";',
    ):  # fmt: skip
        value = b"Content-Type: text/plain" + pattern * (SIZE // len(pattern)) + b"\n"
        yield f"parameters {pattern!r}.mbox", _mail(value)
    yield "headers many.mbox", _mail(b"Subject: a\n" * 100_000)
    yield "headers without end.mbox", b"From a\n" + b"X: " * 400_000
    for charset in (b"punycode", b"idna", b"unicode_escape", b"zlib", b"utf-7", b"hz", b"undefined",
                    b"iso-2022-jp", b"x" * 4000, b"utf-16"):  # fmt: skip
        body = b"a-" * 500_000
        yield (
            f"charset {charset[:12]!r}.mbox",
            _mail(b"Content-Type: text/plain; charset=" + charset + b"\n", body),
        )
    unknown = b"".join(
        _mail(b"Content-Type: text/plain; charset=cp%d\n" % n) + b"\n" for n in range(20_000)
    )
    yield "charset another each.mbox", unknown


def _parts() -> Iterator[tuple[str, Bomb]]:
    def nested(depth: int) -> bytes:
        parts = (
            b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n)
            for n in range(depth)
        )
        return b"From a\n" + b"".join(parts)

    yield "parts nested.mbox", nested(3000)
    yield "parts nested more.mbox", nested(60_000)
    multipart = b"Content-Type: multipart/mixed; boundary=b\n"
    yield "parts many.mbox", _mail(multipart, b"--b\n\n" * 400_000)
    yield "parts of images.mbox", _mail(multipart, b"--b\nContent-Type: image/png\n\nx\n" * 60_000)
    yield "boundary in lines.mbox", _mail(multipart, b"x--b" * 500_000)
    yield (
        "boundary of nothing.mbox",
        _mail(b'Content-Type: multipart/mixed; boundary=""\n', b"--\n" * 500_000),
    )
    same = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
    yield "boundary again.mbox", _mail(b"", b"") + same * 50_000
    yield "mails empty.mbox", b"From a\n\n" * 200_000
    yield "mails of a word.mbox", b"From a\n\nhi\n\n" * 200_000
    yield "lines empty.mbox", _mail(b"", b"\n" * 20_000_000)
    yield "lines short.mbox", _mail(b"", b"a\n" * 10_000_000)
    yield "line long.mbox", _mail(b"", b"a" * 60_000_000)
    yield "quoted.mbox", _mail(b"", b">From >\nOn " * 1_000_000)
    yield "On.mbox", _mail(b"", b"On " + b"On x wrote " * 500_000)
    words = b"Content-Transfer-Encoding: quoted-printable\n"
    yield "quoted-printable.mbox", _mail(words, b"=" * 2_000_000)


def _replies() -> Iterator[tuple[str, Bomb]]:
    for pattern in (
        "--\n", "-- \n", "<a@b>:\n", "On a@b 2024 10:15 wrote:\n", "From: a\n",
        "Sent: 1\nFrom: a\n",
        "-----a-----\n", "-----a-----\n\n", "Nora wrote:\n", "> \n", ">" * 200 + "\n", "a:\n\n\n\n",
        "Sent from my iPhone\n", "begin 644 a\n#22!L\n", "A " * 140 + "wrote:\n", "\n\n<a@b>:",
        "sent from " * 29 + "\n", "_____\n", "\u202a\u202b:\n",
    ):  # fmt: skip
        body = (pattern * (SIZE // len(pattern))).encode()
        yield f"reply {pattern[:24]!r}.mbox", _mail(b"", body)
        flowed = b"Content-Type: text/plain; format=flowed\n"
        yield f"flowed {pattern[:24]!r}.mbox", _mail(flowed, body)
    for tag in (
        "<blockquote type=cite>",
        "</blockquote>",
        "<pre>\n",
        "<div class=gmail_attr>",
        "<br>",
    ):
        yield f"page {tag!r}.mbox", _page(tag)
        yield f"page {tag!r}, few.mbox", _page(tag, size=50_000 * len(tag))
    dated = b"From a Thu Feb 29 23:30:00 2024\n"
    for charset in ("koi8-r", "cp1252", "gbk", "latin-1"):
        other = "Я живу в Москве. Ich wohne in München. ".encode(charset, "ignore") + bytes([0xFF])
        yield f"charset undeclared {charset}.mbox", (dated + b"\n" + other * 3 + b"\n\n") * 20_000
    yield "senders.mbox", dated + b"\nhi\n" + b"From a " * 1_000_000
    yield "senders in lines.mbox", dated + b"\nhi\n" + b"\nFrom aaaaaa  Thu Feb 29\n" * 400_000
    yield "attachments.mbox", dated + b"\n" + (b"\n--b\n" + b"a" * 4_000_000) * 12


def _json() -> Iterator[tuple[str, Bomb]]:
    claude = b'[{"uuid":"a","chat_messages":[%s]}]'
    yield "json wide.json", b'[{"mapping":{},"x":[' + b"[]," * (19 * MIB) + b"[]]}]"
    yield "json deep.json", b"[" + b"[" * 5_000_000 + b"]" * 5_000_000 + b"]"
    yield "json deep maps.json", b"[" + b'{"a":' * 1_000_000
    yield (
        "json long text.json",
        claude % (b'{"sender":"human","text":"' + b"a" * 60_000_000 + b'"}'),
    )
    yield (
        "json wide text.json",
        claude
        % (
            b'{"uuid":"x","sender":"human","text":"'
            + b"a" * 7_900_000
            + "\N{SKULL}".encode()
            + b'"}'
        ),
    )
    yield (
        "json escapes.json",
        claude % (b'{"uuid":"x","sender":"human","text":"' + b"\\u0000" * 1_300_000 + b'"}'),
    )
    yield (
        "json line ends.json",
        claude % (b'{"uuid":"x","sender":"human","text":"' + b"\\n" * 4_000_000 + b'"}'),
    )
    yield "json long name.json", b'[{"' + b"a" * 20_000_000 + b'":1}]'
    for name, number in (("digits", b"9" * 5_000_000), ("exponent", b"1e" + b"9" * 400),
                         ("fraction", b"0." + b"1" * 5_000_000)):  # fmt: skip
        yield (
            f"json {name}.json",
            claude % (b'{"uuid":"x","sender":"human","text":"hi","created_at":' + number + b"}"),
        )
    yield "json names.json", b"[{" + b",".join(b'"%x":0' % n for n in range(600_000)) + b"}]"
    yield "json same name.json", b"[{" + b",".join([b'"a":0'] * 600_000) + b"}]"
    yield "json empty chats.json", b"[" + b'{"id":"a","mapping":{}},' * 400_000 + b"{}]"
    yield "json numbers.json", b"[" + b"1," * 2_000_000 + b"1]"
    yield "json spaces.json", b"[" + b" " * 50_000_000 + b"]"
    messages = b",".join([b'{"sender":"human","uuid":"a","text":"a"}'] * 30_000)
    yield "json messages.json", claude % messages
    chain = b",".join(b'"%d":{"parent":"%d"}' % (n, n + 1) for n in range(60_000))
    yield "json chain.json", b'[{"id":"a","current_node":"0","mapping":{' + chain + b"}}]"
    blocks = b",".join([b'{"type":"text","text":"a"}'] * 40_000)
    yield (
        "json blocks.json",
        claude % (b'{"sender":"human","uuid":"a","content":[' + blocks + b"]}"),
    )


def _zipped(content: bytes, method: int = zipfile.ZIP_DEFLATED) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", method) as archive:
            archive.writestr("conversations.json", content)

    return write


def _many(count: int, name: str, content: bytes) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for number in range(count):
                archive.writestr(name.format(number), content)

    return write


def _overlapping(path: Path) -> None:
    """Write an archive in which 2,000 names share the same bytes."""
    name, content = b"conversations.json", b"[" + b" " * (4 * MIB) + b"]"
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = squeezer.compress(content) + squeezer.flush()
    sums = (zlib.crc32(content), len(packed), len(content), len(name))
    file = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, *sums, 0) + name + packed
    listed = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0, *sums, *[0] * 6) + name
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 2000, 2000, 2000 * len(listed), len(file), 0)
    path.write_bytes(file + listed * 2000 + end)


def _archives() -> Iterator[tuple[str, Bomb]]:
    wide = b'[{"mapping":{},"x":[' + b"[]," * (19 * MIB) + b"[]]}]"
    yield "zip wide.zip", _zipped(wide)
    yield "zip spaces.zip", _zipped(b"[" + b" " * (200 * MIB) + b"]")
    yield "zip empty chats.zip", _zipped(b"[" + b'{"id":"a","mapping":{}},' * 2_000_000 + b"{}]")
    yield "zip deep.zip", _zipped(b"[" * 30_000_000)
    yield "zip bzip2.zip", _zipped(b"[" + b" " * (200 * MIB), zipfile.ZIP_BZIP2)
    yield "zip lzma.zip", _zipped(b"[" + b" " * (200 * MIB), zipfile.ZIP_LZMA)
    yield "zip many.zip", _many(20_000, "conversations{}.json", b"[]")
    yield "zip of other files.zip", _many(60_000, "{}.txt", b"")
    yield "zip in zip.zip", _many(1, "conversations.json", b"PK\3\4" * 1000)
    yield "zip overlapping.zip", _overlapping


def _texts() -> Iterator[tuple[str, Bomb]]:
    yield "text line.txt", b"a" * 30_000_000
    yield "text lines.md", b"\n" * 30_000_000
    yield "text words.md", b"a " * 10_000_000
    yield "text marks.md", b"#*_`[](" * 1_000_000
    yield "text zeros.txt", bytes(30_000_000)
    yield "text utf-16.txt", b"\xff\xfe" + b"\x3d\xd8" * 1_000_000
    yield "pipe.txt", os.mkfifo
    yield "pipe.png", os.mkfifo
    for suffix in ("txt", "mbox", "json", "zip", "png"):
        yield f"zeros link.{suffix}", lambda path: path.symlink_to("/dev/zero")


def bombs() -> Iterator[tuple[str, Bomb]]:
    """Every file, by name, with its bytes or what makes it."""
    for family in (_pages, _heads, _parts, _replies, _json, _archives, _texts):
        yield from family()


def cost_of(path: Path) -> Cost:
    """Read a file as an import does, in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, json.dumps(_measured(path)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    if not said:
        return Cost(path.name, float(MOST_SECONDS), 0.0, f"killed, status {status}")
    return Cost(path.name, *json.loads(said))


def _measured(path: Path) -> tuple[float, float, str]:
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)  # or memory of earlier files would be used again, unseen
    reading, before, started = _read(path), _peak(), time.process_time()
    outcome = _outcome(path)
    return time.process_time() - started - reading, _peak() - before, outcome


def _outcome(path: Path) -> str:
    items, left = 0, 0
    try:
        for item in items_of(path, text="x"):
            items, left = items + 1, left + isinstance(item, LeftOut)
    except HomewardError as error:
        return f"{type(error).__name__}: {error}"
    except BaseException as error:  # noqa: BLE001  what is found here is a fault
        return f"FAULT {type(error).__name__}"
    return f"{items - left} items, {left} left out"


def _read(path: Path) -> float:
    """Return the seconds that reading the bytes takes; nothing where there is no end of them."""
    started = time.process_time()
    if path.is_file():
        with path.open("rb") as file:
            while file.read(1 << 18):
                pass
    return time.process_time() - started


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _load_parsers(folder: Path) -> None:
    """Import what every format needs, so that no file is charged with it."""
    for name, content in (("a.json", b"[]"), ("a.mbox", b"From a\n\nhi"), ("a.txt", b"hi")):
        (folder / name).write_bytes(content)
        list(items_of(folder / name))


def measured(*, only: str = "") -> Iterator[Cost]:
    """Yield what each file costs."""
    with tempfile.TemporaryDirectory() as folder:
        _load_parsers(Path(folder))
        for name, bomb in bombs():
            if only not in name:
                continue
            path = Path(folder) / name.replace("/", "_")
            if isinstance(bomb, bytes):
                path.write_bytes(bomb)
            else:
                bomb(path)
            yield cost_of(path)
            path.rmdir() if path.is_dir() else path.unlink()


def main() -> int:
    """Measure and report; fails where a file is over the bars, or raises what is not ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="", help="only files whose name holds this")
    chosen = parser.parse_args()
    costs = []
    for one in measured(only=chosen.only):
        costs.append(one)
        if not chosen.json:
            print(f"{one.seconds:6.2f} s {one.mib:6.1f} MiB  {one.name}: {one.outcome[:90]}")
    worst_s, worst_mib = max(one.seconds for one in costs), max(one.mib for one in costs)
    faults = sum(one.outcome.startswith(("FAULT", "killed")) for one in costs)
    figures: dict[str, Figure] = {
        "worst_s": round(worst_s, 3),
        "worst_mib": round(worst_mib, 1),
        "slowest": max(costs, key=lambda one: one.seconds).name,
        "largest": max(costs, key=lambda one: one.mib).name,
        "bombs": len(costs),
        "faults": faults,
    }
    report(figures, as_json=chosen.json)
    return int(faults > 0 or worst_s > MOST_GOOD_SECONDS or worst_mib > MOST_GOOD_MIB)


if __name__ == "__main__":
    sys.exit(main())
