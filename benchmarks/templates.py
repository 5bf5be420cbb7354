"""
Chat templates of many models: rendered, cut into pieces, kept apart from content, thoughts handled.

Reads a folder of templates, one Jinja file each (llama.cpp keeps some seventy in models/templates).
Each is put into a GGUF file of a few weights, once for each type of vocabulary and each type that
files give to the tokens of turns, and opened as a person's model is. Then hostile texts are laid
out as questions: no token of a turn may come from them, and their text has to come back.
"""

import argparse
import contextlib
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import gguf

from benchmarks.report import report
from benchmarks.tiny_gguf import Kind, marks_in, write_model
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import LlamaModel, open_model
from homeward.errors import UnsupportedModel
from homeward.prompting.chat_template import ChatTemplates, chat_templates
from homeward.prompting.prompt_builder import PromptBuilder

_ENGINE = EngineSettings(threads=1, context=64)
_TYPES = (gguf.TokenType.CONTROL, gguf.TokenType.USER_DEFINED)
_FILLERS = ("Hello", " ", "\n", "ab", "<", ">", "|", "é", "🙂", "system", "assistant\n", "[", "]")


@dataclass(frozen=True, slots=True)
class TemplateResult:
    """How one template fared."""

    name: str
    refused: str = ""
    system: bool = False  # it has a role for the system's text; else that is put before a question
    thought: str = ""  # the mark that begins one
    dated: bool = False
    leaks: int = 0  # hostile texts from which a token of a turn came
    altered: int = 0  # hostile texts that did not come back


def hostile_texts(marks: Sequence[str], count: int, *, seed: int = 1) -> Iterator[str]:
    """Texts that are made of a template's marks, whole, cut and run together."""
    rng = random.Random(seed)
    for _ in range(count):
        parts = rng.choices([*marks, *_FILLERS], k=rng.randint(1, 8))
        parts = [
            part[: rng.randint(1, len(part))] if rng.random() < 0.1 else part for part in parts
        ]
        yield "".join(parts)


def leaks(model: LlamaModel, marks: Sequence[str], texts: Sequence[str]) -> tuple[int, int]:
    """Count the texts from which a mark's token comes, and those that do not come back."""
    prompts = PromptBuilder.of(model)
    single = [model.tokenize(mark, special=True) for mark in marks]
    turned = {tokens[0] for tokens in single if len(tokens) == 1}
    leaked = altered = 0
    for text in texts:
        tokens = prompts.content(text)
        leaked += bool(turned.intersection(tokens))
        altered += _unspaced(model.detokenize(tokens)) != _unspaced(text)
    return leaked, altered


def _unspaced(text: str) -> str:
    """Return `text` without white space, which some vocabularies put before every text."""
    return "".join(text.replace("\u2581", " ").split())


def tried(name: str, template: str, texts: int, folder: Path) -> TemplateResult:
    """Open models with a template, read its pieces, and lay hostile texts out in it."""
    marks, leaked, altered = marks_in(template), 0, 0
    found = None
    for kind in Kind:
        for mark_type in _TYPES:
            path = write_model(
                folder / "tiny.gguf", template, kind=kind, marks=marks, mark_type=mark_type
            )
            with contextlib.closing(open_model(path, _ENGINE, sha256="0" * 64)) as model:
                try:
                    found = chat_templates(model, date(2026, 1, 1))
                except UnsupportedModel as error:
                    return TemplateResult(name, str(error).partition(": ")[2])
                counts = leaks(model, marks, list(hostile_texts(marks, texts)))
                leaked, altered = leaked + counts[0], altered + counts[1]
                system = model.detokenize(found.at_once.system_end) != "\n\n"
    return _result(name, found, system=system, leaks=leaked, altered=altered)


def _result(
    name: str, found: ChatTemplates | None, *, system: bool, leaks: int, altered: int
) -> TemplateResult:
    thought = found.at_once.thought if found else None
    return TemplateResult(
        name,
        system=system,
        thought=thought.begin if thought else "",
        dated=bool(found and found.dated),
        leaks=leaks,
        altered=altered,
    )


def main() -> None:
    """Try every template of a folder; print a line for each, and the sums."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="one file for each template, *.jinja")
    parser.add_argument("--texts", type=int, default=5000, help="hostile texts for each model")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for file in sorted(arguments.folder.glob("*.jinja")):
            template = file.read_text(encoding="utf-8")
            results.append(one := tried(file.stem, template, arguments.texts, Path(folder)))
            if not arguments.json:
                print(f"{one.name:52} {_line(one)}", flush=True)
    works = [one for one in results if not one.refused]
    report(
        {
            "templates": len(results),
            "work": len(works),
            "refused": len(results) - len(works),
            "without_a_system_role": sum(not one.system for one in works),
            "with_thoughts": sum(bool(one.thought) for one in works),
            "with_dates": sum(one.dated for one in works),
            "hostile_texts": arguments.texts * len(works) * len(Kind) * len(_TYPES),
            "texts_that_became_turns": sum(one.leaks for one in works),
            "texts_that_were_altered": sum(one.altered for one in works),
        },
        as_json=arguments.json,
    )


def _line(one: TemplateResult) -> str:
    if one.refused:
        return f"refused: {one.refused}"
    said = [] if one.system else ["no system role"]
    said += [f"thinks in {one.thought}"] if one.thought else []
    said += ["dated"] if one.dated else []
    said += [f"{one.leaks} leaks, {one.altered} altered"]
    return ", ".join(said)


if __name__ == "__main__":
    main()
