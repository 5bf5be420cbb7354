"""Every family of models that the catalogue names is opened, laid out, asked and kept safe."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from benchmarks.templates import hostile_texts, leaks
from tests.conftest import OpenAssistant
from tests.sdk.families import CONTEXT, FAMILIES, Family

from homeward import models
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import LlamaModel, open_model
from homeward.prompting.chat_template import chat_templates
from homeward.prompting.prompt_builder import PromptBuilder
from homeward.prompting.prompt_content import PastTurn, PrefixContent, PromptContent
from homeward.sampling import Sampling

TODAY = date(2026, 11, 28)
TALK = PromptContent("And now?", PrefixContent("Be kind."), past=(PastTurn("Hi.", "Hello!"),))
BRIEF = Sampling(temperature=0, max_tokens=12)


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> Family:
    """Return each family."""
    return FAMILIES[request.param]


@pytest.fixture
def model(family: Family, tmp_path: Path) -> Iterator[LlamaModel]:
    """Open a file of the family."""
    file = family.write(tmp_path / f"{family.models[0]}.gguf")
    engine = EngineSettings(threads=1, context=CONTEXT)
    with closing(open_model(file, engine, sha256="0" * 64)) as model:
        yield model


def test_every_language_model_of_the_catalogue_is_of_one_of_these_families(tmp_path: Path) -> None:
    named = [name for one in FAMILIES.values() for name in one.models]
    language = [
        one.name for one in models.catalogue(tmp_path) if one.kind is models.ModelUse.LANGUAGE
    ]
    assert sorted(named) == sorted(language)


def test_a_conversation_is_laid_out_as_the_makers_do(family: Family, model: LlamaModel) -> None:
    marks = {model.tokenize(mark, special=True): mark for mark in family.marks}
    segments = PromptBuilder.of(model, TODAY).build(TALK).segments
    tokens = [token for part in segments if isinstance(part, tuple) for token in part]
    text = "".join(marks.get((one,)) or model.detokenize([one]) for one in tokens)

    assert text.removeprefix("<bos>") == (family.opens + family.goes_on).removeprefix("<bos>")
    assert (chat_templates(model, TODAY).thinking is not None) == family.thinks


def test_no_content_becomes_a_mark_and_all_of_it_comes_back(
    family: Family, model: LlamaModel
) -> None:
    marks = [mark for mark in family.marks if re.fullmatch(r"\S+", mark) and mark != "<h1>"]
    leaked, altered = leaks(model, marks, list(hostile_texts(marks, 300)))

    assert leaked == 0
    assert altered == 0 or family.template is None  # there, a line that opens a turn is quoted


def test_it_answers_an_assistants_questions(
    family: Family, model: LlamaModel, open_assistant: OpenAssistant
) -> None:
    """Its weights are random, and so is what it says; how it is run and recorded is not."""
    me = open_assistant(model)
    me.remember("My cat is called Miso.")
    with me.conversation("talk") as talk:
        for question in ("Who is Miso?", "Why?"):
            reply = talk.ask(question, sampling=BRIEF)
            text = reply.text

            assert reply.fed is not None
            assert reply.stopped_by in {"end", "max_tokens", "stop"}
            assert me.profile.turns.latest(1)[0].replied == text
            assert not any(mark in text for mark in family.control)


def test_a_reply_does_not_depend_on_what_was_cut_from_the_cache(model: LlamaModel) -> None:
    """A hybrid cannot forget its newest positions alone: it has to read all of them again."""
    begin, one, other = (model.tokenize(text) for text in ("Once upon a time", " a", " the"))

    def told(*prompts: tuple[int, ...]) -> str:
        with model.session() as session:
            for prompt in prompts:
                session.feed([prompt])
                text = "".join(session.generate(BRIEF))
            return text

    assert told(begin + one, begin + other) == told(begin + other)
