"""
Makes what `benchmarks.imports` imports: exports, mails, notes and PDFs, with what they tell.

Each is made of statements of the person, none twice, among much that is not theirs: long replies,
attachments, quotes. The same seed makes the same bytes.
"""

import base64
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

EXCHANGE = 20_000  # bytes of an export for each exchange, replies of much code included
NOTE = 2_000  # bytes of a note
PDF = 10_000  # bytes of a PDF of three pages
MAIL = 100_000  # bytes of a mailbox for each mail; nearly all are attachments
_BEGAN = datetime(2021, 3, 1, 9, tzinfo=UTC)
_KIN = "sister brother aunt uncle cousin neighbour niece nephew grandmother colleague".split()
_NAMES = """
Nora Tomas Ines Aurel Birgit Cato Dunja Emre Fenna Gustav Hanne Ilse Jonas Kaja Levin Mirela Nuno
Oskar Petra Quirin Rosa Stellan Thea Ulrik Vera Wanda Xenia Yusuf Zofia
""".split()
_CITIES = """
Bergen Porto Leeds Graz Lucca Gdansk Turku Ghent Basel Nantes Cork Malaga Split Tartu Aarhus Lviv
Vilnius Utrecht Modena Coimbra Uppsala Dresden Bruges Toulouse
""".split()
_THINGS = """
bicycle cello kayak teapot loom telescope accordion canoe typewriter greenhouse lantern chessboard
saddle microscope kiln harpsichord toboggan wheelbarrow sextant beehive
""".split()
_COLOURS = "red green blue yellow grey white black orange violet brown".split()
_MONTHS = """
January February March April May June July August September October November December
""".split()
_WORDS = """
value list return the of index for each while build model layer table query check result when then
error cause server input output stream handle batch figure example note first second sort merge
""".split()
_QUESTIONS = (
    "Which book would you suggest about it?",
    "What should be done next?",
    "How long does that usually take?",
    "Can you write a short plan?",
)


@dataclass(frozen=True, slots=True)
class Source:
    """What was written to be imported, and every statement of the person in it."""

    path: Path
    statements: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes, of all files of a folder."""
        files = [self.path] if self.path.is_file() else filter(Path.is_file, self.path.rglob("*"))
        return sum(one.stat().st_size for one in files)


def statements(chance: random.Random) -> Iterator[str]:
    """Yield sentences that a person says of themselves, without end and none twice."""
    told = set[str]()
    while True:
        kin, name, city, thing = map(chance.choice, (_KIN, _NAMES, _CITIES, _THINGS))
        colour, month, year = chance.choice(_COLOURS), chance.choice(_MONTHS), chance.randrange(20)
        said = chance.choice(
            (
                f"I bought a {colour} {thing} from {name} in {city} in {month} {2000 + year}.",
                f"My {kin} {name} repaired the {colour} {thing} in {city} for me last {month}.",
                f"In {month} {2000 + year} I lent our {colour} {thing} to {name} from {city}.",
                f"I want to sell my {thing} to {name}, the {kin} of my friend in {city}.",
                f"We keep a {colour} {thing} at the house of my {kin} {name} near {city}.",
                f"I spent {3 + year} days of {month} in {city} with my {kin} {name}.",
            )
        )
        if said not in told:
            told.add(said)
            yield said


def chatgpt(path: Path, size: int, *, seed: int = 1) -> Source:
    """Write a ChatGPT export of about `size` bytes: conversations of eight exchanges."""
    chance, told = random.Random(seed), list[str]()
    saying, words = statements(chance), _prose(chance, 1 << 20)
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for number in range(max(1, size // (8 * EXCHANGE))):
            some = [next(saying) for _ in range(8)]
            talk = _conversation(number, some, chance, words)
            file.write((", " if number else "") + json.dumps(talk))
            told += some
        file.write("]")
    return Source(path, tuple(told))


def _conversation(
    number: int, told: list[str], chance: random.Random, words: str
) -> dict[str, object]:
    began = (_BEGAN + timedelta(hours=number)).timestamp()
    mapping: dict[str, object] = {"root": {"id": "root", "message": None, "parent": None}}
    last = "root"
    for place, statement in enumerate(told):
        at = chance.randrange(len(words) - 2 * EXCHANGE)
        reply = words[at : at + int(EXCHANGE * chance.uniform(0.8, 1.1))]
        asked = f"{statement} {chance.choice(_QUESTIONS)}"
        for role, text in (("user", asked), ("assistant", reply)):
            key = f"{role}-{number}-{place}"
            mapping[key] = {
                "id": key,
                "message": {
                    "id": key,
                    "author": {"role": role, "name": None, "metadata": {}},
                    "create_time": began + 60 * place,
                    "content": {"content_type": "text", "parts": [text]},
                    "status": "finished_successfully",
                    "metadata": {},
                },
                "parent": last,
                "children": [],
            }
            last = key
    return {
        "conversation_id": f"c-{number}",
        "title": f"Talk {number}",
        "create_time": began,
        "mapping": mapping,
        "current_node": last,
    }


def mbox(path: Path, size: int, *, seed: int = 1) -> Source:
    """Write a mailbox of about `size` bytes: short mails with attachments, half of them replies."""
    chance, told = random.Random(seed), list[str]()
    saying = statements(chance)
    attached = base64.encodebytes(random.Random(seed).randbytes(4 * MAIL))
    with path.open("wb") as file:
        for number in range(max(1, size // MAIL)):
            statement, others = next(saying), next(saying)
            file.write(_mail(number, statement, others, chance, attached))
            told.append(statement)
    return Source(path, tuple(told))


def _mail(number: int, own: str, others: str, chance: random.Random, attached: bytes) -> bytes:
    at = _BEGAN + timedelta(hours=number)
    quote = f"On {at:%a, %d %b %Y}, Nora Lind <nora@example.org> wrote:\n> {others}\n"
    body = f"Hello,\n\n{own}\n\n" + (quote if number % 2 else "")
    size = int(MAIL * chance.uniform(0.1, 1.9)) // 77 * 77  # whole lines of base64
    head = (
        f"From me@example.org {at:%a %b %d %H:%M:%S %Y}\n"
        f"Message-ID: <{number}@example.org>\nDate: {format_datetime(at)}\n"
        f"From: Me <me@example.org>\nTo: nora@example.org\nSubject: Letter {number}\n"
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=between\n\n"
    )
    text = f"--between\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    file = "--between\nContent-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n"
    return b"".join(
        (head.encode(), text.encode(), file.encode(), attached[:size], b"\n--between--\n\n")
    )


def vault(path: Path, size: int, *, seed: int = 1) -> Source:
    """Write a vault of notes of about `NOTE` bytes each, with front matter, tags and links."""
    chance, told = random.Random(seed), list[str]()
    saying, words = statements(chance), _prose(chance, 1 << 18)
    for number in range(max(1, size // NOTE)):
        folder = path / f"{_BEGAN.year + number % 4}" / f"{number % 12 + 1:02}"
        folder.mkdir(parents=True, exist_ok=True)
        own = [next(saying) for _ in range(chance.choice((1, 1, 2)))]
        told += own
        at = chance.randrange(len(words) - NOTE)
        quoted = words[at : at + NOTE // 2].replace("\n", "\n> ")
        day = _BEGAN + timedelta(hours=number)
        note = folder / f"note {number}.md"
        note.write_text(
            f"---\ncreated: {day:%Y-%m-%d}\ntags: [diary, place/{number % 7}]\n---\n"
            f"# Day {number}\n\n"
            + "\n\n".join(own)
            + f"\n\nSee [[note {number - 1}]].\n\n> {quoted}\n",
            encoding="utf-8",
        )
        dated(note, number)
    return Source(path, tuple(told))


def pdfs(path: Path, size: int, *, seed: int = 1) -> Source:
    """Write a folder of PDFs of about `PDF` bytes: three pages, a statement at the top of each."""
    chance, told = random.Random(seed), list[str]()
    saying, words = statements(chance), _prose(chance, 1 << 18).split("\n")
    path.mkdir()
    for number in range(max(1, size // PDF)):
        own = [next(saying) for _ in range(3)]
        told += own
        pages = list[list[str]]()
        for statement in own:
            at = chance.randrange(len(words) - 40)
            pages.append([statement, "", *words[at : at + 40]])
        letter = path / f"letter {number}.pdf"
        letter.write_bytes(pdf(pages))
        dated(letter, number)
    return Source(path, tuple(told))


def pdf(pages: list[list[str]]) -> bytes:
    """Return a PDF of lines in Helvetica, a page for each list of them."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, lines in enumerate(pages):
        shown = "".join(f"({line}) Tj T*\n" for line in lines)
        content = f"BT /F1 10 Tf 14 TL 50 780 Td\n{shown}ET".encode("latin-1")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
    made, places = bytearray(b"%PDF-1.4\n"), list[int]()
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer << /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{len(made)}\n%%EOF\n"
    return bytes(made) + end.encode()


def _prose(chance: random.Random, size: int) -> str:
    lines = list[str]()
    while size > 0:
        line = " ".join(chance.choices(_WORDS, k=chance.randrange(4, 16)))
        lines.append(line)
        size -= len(line) + 1
    return "\n".join(lines)


def dated(path: Path, number: int) -> None:
    """Give a file the time that its place says, so that each making gives the same."""
    at = (_BEGAN + timedelta(hours=number)).timestamp()
    os.utime(path, (at, at))
