"""A pool of real replies in several manners, made by a local model when a benchmark runs."""

import json
from pathlib import Path

from benchmarks.style_tastes import EXAMPLE, MANNERS, QUESTIONS, Manner
from homeward.ports import LanguageModel
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.prompting.prompt_content import PastTurn, PrefixContent, PromptContent
from homeward.sampling import Sampling


def pool(model: LanguageModel, *, keep: Path | None = None) -> list[list[str]]:
    """
    Let `model` answer every question in every manner: one row a question.

    With `keep`, replies are read from that file where it exists and written to it otherwise.
    """
    if keep is not None and keep.is_file():
        rows: list[list[str]] = json.loads(keep.read_text(encoding="utf-8"))
        return rows
    rows = [
        [_answer(model, question, manner, seed=at) for at, manner in enumerate(MANNERS)]
        for question in QUESTIONS
    ]
    if keep is not None:
        keep.write_text(json.dumps(rows), encoding="utf-8")
    return rows


def _answer(model: LanguageModel, question: str, manner: Manner, *, seed: int) -> str:
    example = (PastTurn(EXAMPLE, manner.example),)
    content = PromptContent(question, PrefixContent(manner.instruction, examples=example))
    prompt = PromptBuilder.of(model).build(content).segments
    sampling = Sampling(temperature=0.8, max_tokens=manner.max_tokens, seed=seed)
    with model.session() as session:
        session.feed(prompt)
        return "".join(session.generate(sampling)).strip()
