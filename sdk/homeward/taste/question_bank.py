"""Lists what `homeward tune` can ask: pairs of replies that differ in taste, not in truth."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from itertools import combinations


@dataclass(frozen=True, slots=True)
class TuningPair:
    """Two replies to one question; which comes first means nothing."""

    prompt: str
    first: str
    second: str


def tuning_pairs() -> list[TuningPair]:
    """Every pair of replies to the same question, in the order of the file."""
    file = files("homeward.taste").joinpath("tuning.toml")
    questions = tomllib.loads(file.read_text("utf-8"))["question"]
    return [
        TuningPair(question["prompt"], first, second)
        for question in questions
        for first, second in combinations(question["replies"], 2)
    ]
