"""
Tries mutations of small files of each format: python -m benchmarks.mutations [--json].

Each is read as an import reads it, to its end or to its refusal. A fault is an error that is not
one of ours, an item that cannot be stored, or a file that takes longer than two seconds. One in
`STORED` is also imported into a real profile: refused, it adds nothing; else it adds what it says.
"""

import argparse
import io
import json
import os
import random
import re
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import mutation_seeds
from benchmarks.report import Figure, report
from homeward.assistant import Assistant
from homeward.errors import CannotImport
from homeward.importing import Document, ImportedExchange, LeftOut, items_of
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import Passphrase, create_profile
from homeward_store.keys.key_derivation import FASTEST
from homeward_store.records import checked, from_micros, to_micros

MOST_SECONDS = 2.0
STORED = 200
_CHANGED = 0.5  # of the files in a document
_MARKED_UP = re.compile(rb'="([^"]*)"|>([^<>]+)<|<([\w:]+)[^<>]*/>')
_XML_VALUES = (
    b"-1", b"0", b"99999999999999999999", b"NaN", b"1e999", b"x" * 5000, b"&#65;", b"&#0;", b"../a",
    b"XFD1048576", b"A1:XFD1048576", b"http://127.0.0.1/", b"&lt;p&gt;", b"\xff", b"  ", b"%2e%2e/",
)  # fmt: skip
_DATA = Path(__file__).parents[1] / "tests" / "data"
_JUNK: tuple[bytes, ...] = (
    b"\0", b"\xff", b"\xed\xa0\x80", b"\\ud83d", b"\\u0000", b"null", b"[]", b"{}", b"-1", b"1e999",
    b'"', b"\\", b"\n", b"\r\n", b"\nFrom a Thu Feb 29 23:30:00 2024\n", b"=?utf-8?q?=00?=", b"--a",
    b"Content-Type: text/html; charset=utf-16\n", b"Date: Fri, 31 Dec 9999 23:59:59 -1200\n",
    b"Content-Transfer-Encoding: base64\n", b"<", b"<blockquote type=cite>", b"> ", b"-- \n",
    b"\xef\xbb\xbf", b"PK\x03\x04", b"99999999999999999999", b":\n", b"true", b"NaN",
)  # fmt: skip
_VALUES: tuple[object, ...] = (
    None, True, -1, 10**30, 1e308, 0.5, "", "\ud83d", "\0", "x" * 5000, [], {}, [None], {"": None},
    [[[[]]]], "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", -62135596800, 253402300800,
)  # fmt: skip
Mutate = Callable[[random.Random, bytes], bytes]


@dataclass(frozen=True, slots=True)
class Format:
    """A suffix, the small files to begin from, and how they are mutated."""

    suffix: str
    seeds: Callable[[], list[bytes]]
    mutate: Mutate
    one_in: int = 1  # is tried: those that are read in a process of their own take much longer


def bytes_of(chance: random.Random, data: bytes) -> bytes:
    """Change, cut, double or move some bytes, or put junk between them."""
    mutated = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
        at, end = sorted(chance.choices(range(len(mutated) + 1), k=2))
        end = min(end, at + chance.choice((1, 4, 40, 400)))
        match chance.randrange(6):
            case 0 if mutated:
                mutated[min(at, len(mutated) - 1)] = chance.randrange(256)
            case 1:
                del mutated[at:end]
            case 2:
                mutated[at:at] = mutated[at:end]
            case 3:
                mutated[at:at] = chance.choice(_JUNK)
            case 4:
                mutated[at:end] = chance.choice(_JUNK)
            case _ if chance.random() < 0.2:
                del mutated[at:]
    return bytes(mutated)


def values_of(chance: random.Random, data: bytes) -> bytes:
    """Change, drop or double values anywhere in a JSON text, or some of its bytes."""
    if chance.random() < 0.3:
        return bytes_of(chance, data)
    whole = json.loads(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        places = list(_places(whole))
        if places:
            _change(chance, *chance.choice(places))
    return json.dumps(whole, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401  whatever JSON holds
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)


def _change(chance: random.Random, holder: Any, key: Any) -> None:  # noqa: ANN401
    match chance.randrange(4):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.insert(key, deepcopy(holder[key]))
        case 2:
            holder[key] = [holder[key]]
        case _:
            holder[key] = deepcopy(chance.choice(_VALUES))


def members_of(chance: random.Random, data: bytes) -> bytes:
    """Change the files in an archive, or its bytes."""
    if chance.random() < 0.4:
        return bytes_of(chance, data)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for one in old.infolist():
            content = old.read(one)
            new.writestr(one.filename, _member_of(chance, one.filename, content))
    return made.getvalue()


def _member_of(chance: random.Random, name: str, content: bytes) -> bytes:
    if name.endswith(".json") and content[:1] == b"[":
        return values_of(chance, content)
    if not name.endswith(("xml", ".rels", ".opf", ".xhtml")) or chance.random() > _CHANGED:
        return content
    return (bytes_of if chance.random() < 0.2 else marked_up_of)(chance, content)


def marked_up_of(chance: random.Random, data: bytes) -> bytes:
    """Change texts and attributes of a document of XML, or double or drop what stands in a mark."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        places = list(_MARKED_UP.finditer(data))
        if not places:
            return data
        one = chance.choice(places)
        text = one.group(one.lastindex or 0)
        instead = chance.choice((b"", text * 2, text[:-1], *_XML_VALUES))
        data = data[: one.start(one.lastindex or 0)] + instead + data[one.end(one.lastindex or 0) :]
    return data


def _files(*patterns: str) -> Callable[[], list[bytes]]:
    def read() -> list[bytes]:
        found = (one for pattern in patterns for one in sorted(_DATA.glob(pattern)))
        small = (one for one in found if 0 < one.stat().st_size < 6000)
        return [one.read_bytes() for one in small if one.name not in _NO_JSON]

    return read


_NO_JSON = {"gpt-bom.json", "gpt-raw-latin1.json", "gpt-nan.json"}  # what Python's parser refuses


FORMATS = {
    "chatgpt": Format(".json", _files("import/gpt-*.json"), values_of),
    "claude": Format(".json", _files("import/claude-*.json"), values_of),
    "zip": Format(".zip", _files("import/*.zip"), members_of),
    "mbox": Format(".mbox", _files("mail/*.mbox"), bytes_of),
    "text": Format(".md", _files("import/*.md", "import/*.txt"), bytes_of),
    "mail": Format(".eml", _files("import/*.eml"), bytes_of),
    "page": Format(".html", mutation_seeds.page, bytes_of),
    "table": Format(".csv", mutation_seeds.table, bytes_of),
    "word": Format(".docx", mutation_seeds.word, members_of),
    "slides": Format(".pptx", mutation_seeds.slides, members_of),
    "sheets": Format(".xlsx", mutation_seeds.sheets, members_of),
    "opendocument": Format(".odt", mutation_seeds.open_document, members_of),
    "book": Format(".epub", mutation_seeds.book, members_of),
    "pdf": Format(".pdf", mutation_seeds.pdf, bytes_of, one_in=100),
}


@dataclass(slots=True)
class Tried:
    """What became of the mutations of one format."""

    outcomes: Counter[str]
    slowest: float
    faults: list[str]  # with the number of the mutation, which makes it again


def tried(name: str, count: int, *, seed: int, store: bool = True) -> Tried:
    """Try `count` mutations, or as many as are tried of them; the same seed makes the same ones."""
    made, done = FORMATS[name], Tried(Counter(), 0.0, [])
    seeds = made.seeds()
    with tempfile.TemporaryDirectory() as folder:
        path, profile = Path(folder) / f"a{made.suffix}", Path(folder) / "profile"
        keep = partial(_imported, profile, path)
        for number in range(0, count, made.one_in):
            chance = random.Random(f"{seed} {name} {number}")
            path.write_bytes(made.mutate(chance, chance.choice(seeds)))
            started = _busy()
            outcome = _outcome(path)
            done.slowest = max(done.slowest, _busy() - started)
            if store and number % STORED == 0 and not outcome.startswith("FAULT"):
                outcome = keep(outcome)
            done.outcomes[outcome.partition(":")[0]] += 1
            if outcome.startswith("FAULT"):
                done.faults.append(f"{name} {number}: {outcome}")
    return done


def _busy() -> float:
    """Return the processor time of this process and of those that it started and that ended."""
    return sum(os.times()[:4])


def _outcome(path: Path) -> str:
    try:
        items = list(items_of(path))
        for item in items:
            _prove(item)
    except CannotImport as error:
        return type(error).__name__
    except BaseException as error:  # noqa: BLE001  what is found here is a fault
        return f"FAULT: {type(error).__name__} {error}"
    left = sum(isinstance(one, LeftOut) for one in items)
    return "nothing" if not items else "left out" if left else "whole"


def _prove(item: object) -> None:
    """Raise what storing the item would raise."""
    match item:
        case ImportedExchange():
            checked(item.conversation + item.asked + item.replied)
            from_micros(to_micros(item.asked_at))
        case Document():
            checked(item.title + item.text)
            if item.written_at:
                from_micros(to_micros(item.written_at))
        case _:
            checked(str(item))


def _imported(folder: Path, path: Path, expected: str) -> str:
    """Import a file into a profile of its own; return what came of it, or which promise broke."""
    unlock = Passphrase("correct horse battery staple")
    profile = create_profile(folder / path.stem, unlock=[unlock], cost=FASTEST).profile
    try:
        with Assistant(profile, ModelLoaders(lambda: ScriptedModel([]), HashEmbedder)) as me:
            return _kept(me, path, expected)
    finally:
        for one in sorted(folder.rglob("*"), reverse=True):
            one.rmdir() if one.is_dir() else one.unlink()


def _kept(me: Assistant, path: Path, expected: str) -> str:
    try:
        taken = me.imports.file(path)
    except CannotImport as error:
        there = me.profile.turns.count() + len(me.profile.writings.all())
        return f"FAULT: {there} records of a refused file" if there else type(error).__name__
    except BaseException as error:  # noqa: BLE001
        return f"FAULT: storing: {type(error).__name__} {error}"
    told = (taken.exchanges, taken.documents)
    found = (me.profile.turns.count(), len(me.profile.writings.all()))
    if found != told:
        return f"FAULT: {found} are there of {told}"
    return expected


def main() -> int:
    """Try all formats and report; fails where a mutation shows a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--count", type=int, default=100_000, help="mutations of each format")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", choices=["", *FORMATS])
    chosen = parser.parse_args()
    figures: dict[str, Figure] = {"mutations": 0, "faults": 0, "slowest_s": 0.0}
    for name in [chosen.only] if chosen.only else FORMATS:
        done = tried(name, chosen.count, seed=chosen.seed)
        for fault in done.faults[:20]:
            print(fault, file=sys.stderr)
        figures |= {f"{name} {what}": number for what, number in sorted(done.outcomes.items())}
        figures["mutations"] = int(figures["mutations"]) + done.outcomes.total()
        figures["faults"] = int(figures["faults"]) + len(done.faults)
        figures["slowest_s"] = round(max(float(figures["slowest_s"]), done.slowest), 3)
    report(figures, as_json=chosen.json)
    return int(int(figures["faults"]) > 0 or float(figures["slowest_s"]) > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
