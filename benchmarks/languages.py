"""
Forty facts and questions in each of eighteen languages: found, kept silent, tagged, kept out?

`benchmarks/languages_said` holds them, a file a language: a fact, its question, the tags of ten,
and after "!" five secrets that must become no memory. Translations of one list, written
apart from the rules by who wrote the rules: nobody was asked who grew up with the language.

A fact is told as a note. `recall@5` is the share of questions with the right one among the first
five; `quoted_right` with it among what is quoted. For `quoted_wrong` every question is asked where
only the other half of the facts is known: the share for which something is quoted all the same.
`from_chat` is the share of facts that are remembered when they are said in a chat,
`questions_kept` of questions that are. Before the words of `text/telling.toml` were gone through
with these sentences, `from_chat` was from .53 to 1 and `secrets_kept_out` from .6 to 1.
"""

import argparse
import contextlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import Figure, report
from homeward import paths
from homeward.assistant import Assistant
from homeward.engines.onnx import open_embedder
from homeward.memory.recall import Recall
from homeward.models import DEFAULT_EMBEDDING, path
from homeward.policy.sensitivity import Sensitivity
from homeward.ports import Embedder
from homeward.settings import ModelLoaders
from homeward.testing import ScriptedModel
from homeward.text.spans import statements
from homeward_store import FASTEST, Passphrase, create_profile

_SAID = Path(__file__).parent / "languages_said"
_FEW = 5


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact, its question, and the tags that it must carry."""

    text: str
    question: str
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Language:
    """What is told, asked and kept out in one language."""

    facts: tuple[Fact, ...]
    secrets: tuple[str, ...]


def languages() -> list[str]:
    """Return the languages that there are sentences of, as ISO 639-1."""
    return sorted(one.stem for one in _SAID.glob("*.tsv"))


def read(name: str) -> Language:
    """Return the sentences of a language."""
    lines = (_SAID / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    told = [line.split("\t") for line in lines if not line.startswith("!")]
    facts = tuple(Fact(fact, asked, frozenset(tags.split())) for fact, asked, tags in told)
    return Language(facts, tuple(line[1:] for line in lines if line.startswith("!")))


def measure(language: Language, embedder: Embedder) -> dict[str, float]:
    """Return the figures of one language."""
    facts = language.facts
    with _told(facts, embedder) as me:
        found = [_found(me, one) for one in facts]
        quoted = [one.text in _quoted(me, one.question) for one in facts]
    wrong = list[bool]()
    for half in (0, 1):
        with _told(facts[half::2], embedder) as me:
            wrong += [bool(_quoted(me, one.question)) for one in facts[1 - half :: 2]]
    tagged = Sensitivity(lambda: embedder).tags([one.text for one in facts])
    with _told((), embedder) as me:
        kept = [not me.remember(one).memories for one in language.secrets]
    sensitive = [one.tags <= set(tags) for one, tags in zip(facts, tagged, strict=True) if one.tags]
    plain = [bool(tags) for one, tags in zip(facts, tagged, strict=True) if not one.tags]
    return {
        "recall@5": _share(found),
        "quoted_right": _share(quoted),
        "quoted_wrong": _share(wrong),
        "tags_right": _share(sensitive),
        "tags_needless": _share(plain),
        "secrets_kept_out": _share(kept),
        "from_chat": _share([bool(statements(one.text)) for one in facts]),
        "questions_kept": _share([bool(statements(one.question)) for one in facts]),
    }


def _share(marks: Sequence[bool]) -> float:
    return sum(marks) / len(marks)


@contextlib.contextmanager
def _told(facts: Sequence[Fact], embedder: Embedder) -> Iterator[Assistant]:
    with tempfile.TemporaryDirectory() as folder:
        made = create_profile(Path(folder) / "ada", unlock=[Passphrase("benchmark")], cost=FASTEST)
        me = Assistant(made.profile, ModelLoaders(ScriptedModel, lambda: embedder))
        for one in facts:
            me.remember(one.text)
        yield me
        made.profile.close()


def _found(me: Assistant, fact: Fact) -> bool:
    recall = Recall(me.profile.memories, me.embedder)
    return any(one.memory.text == fact.text for one in recall.rank(fact.question, limit=_FEW).found)


def _quoted(me: Assistant, question: str) -> list[str]:
    return [one.memory.text for one in me.recall(question)]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embedder", default=DEFAULT_EMBEDDING, help="the name of a pulled model")
    parser.add_argument("--languages", default="", help="some of them, with commas between")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    chosen = arguments.languages.split(",") if arguments.languages else languages()
    embedder, start = open_embedder(path(paths.home(), arguments.embedder)), time.perf_counter()
    by_name: dict[str, list[float]] = {}
    figures: dict[str, Figure] = {}
    for one in chosen:
        for name, figure in measure(read(one), embedder).items():
            figures[f"{name}_{one}"] = figure
            by_name.setdefault(name, []).append(figure)
    means = {name: sum(values) / len(values) for name, values in by_name.items()}
    figures |= means | {
        "embedder": arguments.embedder,
        "split": "languages_said, 40 facts a language",
        "in_sample": "from_chat, questions_kept, secrets_kept_out: yes; the others: no",
        "seconds": time.perf_counter() - start,
    }
    report(figures, as_json=arguments.json)


if __name__ == "__main__":
    main()
