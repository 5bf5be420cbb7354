"""A pool of real replies in several manners, made by a local model when a benchmark runs."""

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.style_tastes import MANNERS, QUESTIONS
from homeward.ports import LanguageModel, Sampling


def pool(
    model: LanguageModel, *, max_tokens: int = 90, keep: Path | None = None
) -> list[list[str]]:
    """
    Let `model` answer every question in every manner: one row a question.

    With `keep`, replies are read from that file where it exists and written to it otherwise.
    """
    if keep is not None and keep.is_file():
        rows: list[list[str]] = json.loads(keep.read_text(encoding="utf-8"))
        return rows
    rows = [_answers(model, question, max_tokens) for question in QUESTIONS]
    if keep is not None:
        keep.write_text(json.dumps(rows), encoding="utf-8")
    return rows


def _answers(model: LanguageModel, question: str, max_tokens: int) -> list[str]:
    return [
        answer(model, [("system", manner), ("user", question)], seed=at, max_tokens=max_tokens)
        for at, manner in enumerate(MANNERS)
    ]


def answer(
    model: LanguageModel, messages: Sequence[tuple[str, str]], *, seed: int, max_tokens: int
) -> str:
    """One reply, the same each time."""
    sampling = Sampling(temperature=0.8, max_tokens=max_tokens, seed=seed)
    with model.session() as session:
        session.feed([model.tokenize(model.render(messages), special=True)])
        return "".join(session.generate(sampling)).strip()
