"""
What a newcomer sees first: the questions of the README and the tutorial, each asked twenty times.

    python -m benchmarks.first_answers [--json] [--times N]

Each page's sentence is all that its profile knows, as for somebody who follows the page; every
question is asked in a new conversation, with the default model and the default sampling. A reply is
right when its first sentence says the fact and no other: the word alone is not enough.
"""

import argparse
import contextlib
import re
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.facts import knowing
from benchmarks.report import Figure, report
from homeward import paths
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.engines.onnx import open_embedder
from homeward.models import DEFAULT_EMBEDDING, DEFAULT_LANGUAGE, path

TIMES = 20
_CAT = (
    r"(?:Your cat(?:'s name)? is|Her name is|You call your cat|The name of your cat is)"
    r"(?: called| named)? \W?Miso\W?(?:,? and she hates (?:the|your) vacuum cleaner)?|\W?Miso\W?"
)
_PEANUTS = r"You(?:'re| are) allergic to (?:\w+ )?peanuts|Peanuts"


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What a page tells the assistant and asks it; `right` is what the first sentence may be."""

    page: str
    told: str
    asked: str
    right: str
    attributes: Mapping[str, str] = field(default_factory=dict)

    def is_right(self, reply: str) -> bool:
        """Return whether the first sentence of `reply` says the fact."""
        first = re.split(r"(?<=[.!?])\s+", reply.strip(), maxsplit=1)[0]
        return re.fullmatch(self.right, first.rstrip(".!"), re.IGNORECASE) is not None


CAT = FirstAnswer(
    "docs/tutorial.md",
    "My cat is called Miso, and she hates the vacuum cleaner.",
    "What is my cat called?",
    _CAT,
)
FIRST_ANSWERS = (
    CAT,
    FirstAnswer(
        "README.md",
        "I am allergic to peanuts.",
        "What am I allergic to?",
        _PEANUTS,
        {"name": "Ada"},
    ),
    FirstAnswer("README.md", "My cat is called Miso.", "What is my cat called?", _CAT),
    FirstAnswer("docs/index.md", "I am allergic to peanuts.", "What am I allergic to?", _PEANUTS),
)


def measure(times: int) -> dict[str, Figure]:
    """Ask everything `times` times; return the share of right replies, and the worst question's."""
    embedder = open_embedder(path(paths.home(), DEFAULT_EMBEDDING))
    model = open_model(path(paths.home(), DEFAULT_LANGUAGE), EngineSettings(threads=1))
    shares = []
    with contextlib.closing(model):
        for one in FIRST_ANSWERS:
            with knowing([one.told], model, embedder) as me:
                me.attributes.update(one.attributes)
                replies = Counter(
                    me.conversation(f"{at}").ask(one.asked).text for at in range(times)
                )
            shares.append(sum(replies[said] for said in replies if one.is_right(said)) / times)
            for said, number in replies.most_common():
                mark = "+" if one.is_right(said) else "-"
                print(f"{mark} {number:3} {one.page}: {one.asked} -> {said!r}", file=sys.stderr)
    return {
        "right": sum(shares) / len(shares),
        "right_worst": min(shares),
        "questions": len(shares),
        "times": times,
        "model": model.info.name,
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    report(measure(arguments.times), as_json=arguments.json)


if __name__ == "__main__":
    main()
