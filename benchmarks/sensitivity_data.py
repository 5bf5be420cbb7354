"""
Sentences of six kinds of writers, and the tags that a reader gave them before any rule did.

The labels are in the repository, the sentences are not: licences and decency forbid it. A label
names its corpus, the item, the characters and a hash. `DIR` is the folder of the evaluation data
(`dev/*.jsonl`: LoCoMo, BEAM, PrefEval, IRC). Two more corpora are read where `--more DIR` has them:
`20200325_counsel_chat.csv` (nbertagnolli/counsel-chat @ e202e19, questions of people to
therapists) and `smsCorpus_en_2015.03.09_all.xml` (kite1988/nus-sms-corpus @ bf0a365).
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

_LABELS = Path(__file__).with_name("sensitivity_labels.jsonl")
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence with the tags it has, and those that a reader might give it or not."""

    corpus: str
    text: str
    part: str  # "calibration": thresholds may be chosen by it; "report": figures are of it
    tags: frozenset[str]
    either: frozenset[str]  # neither a miss nor a false alarm


def labelled(data: Path, more: Path | None) -> list[Labelled]:
    """Return the labelled sentences of every corpus that is here."""
    sources = {**_evaluation(data / "dev"), **(_more(more) if more else {})}
    # An item may come again with another answer to it: its first text is the one.
    texts = {corpus: dict(reversed(list(read()))) for corpus, read in sources.items()}
    rows = map(json.loads, _LABELS.read_text("utf-8").splitlines())
    return [_labelled(row, texts[row["corpus"]]) for row in rows if row["corpus"] in texts]


def _labelled(row: Mapping[str, Any], texts: Texts) -> Labelled:
    start, end = row["span"]
    text = texts[row["item"]][start:end]
    if hashlib.sha256(text.encode()).hexdigest()[:16] != row["sha256"]:
        raise SystemExit(f"{row['corpus']} {row['item']} is not the text that was labelled")
    tags, either = frozenset(row["tags"]), frozenset(row["either"])
    return Labelled(row["corpus"], text, row["part"], tags, either)


Read = Callable[[], Iterator[tuple[str, str]]]


def _evaluation(folder: Path) -> dict[str, Read]:
    def rows(name: str) -> Iterator[Any]:
        return map(json.loads, (folder / name).read_text("utf-8").splitlines())

    def corpus(name: str) -> Iterator[tuple[str, str]]:
        for one in rows(f"memret_{name}_corpus.jsonl"):
            yield from ((f"{one['corpus']}:{item['id']}", item["text"]) for item in one["items"])

    def irc() -> Iterator[tuple[str, str]]:
        for user in rows("usertext_irc.jsonl"):
            yield from ((f"{user['user']}:{at}", text) for at, text in enumerate(user["history"]))

    return {
        "locomo": lambda: corpus("locomo"),
        "beam": lambda: corpus("beam"),
        "prefeval": lambda: ((row["id"], row["preference"]) for row in rows("prefeval_mcq.jsonl")),
        "irc": irc,
    }


def _more(folder: Path) -> dict[str, Read]:
    def counsel() -> Iterator[tuple[str, str]]:
        file = folder / "20200325_counsel_chat.csv"
        with file.open(encoding="utf-8", newline="") as stream:
            yield from ((row["questionID"], row["questionText"]) for row in csv.DictReader(stream))

    def sms() -> Iterator[tuple[str, str]]:
        messages = ET.parse(folder / "smsCorpus_en_2015.03.09_all.xml").getroot()
        yield from ((str(at), one.findtext("text", "")) for at, one in enumerate(messages))

    return {"counsel": counsel, "sms": sms}
