"""How a model is talked to follows from its kind, by a table; an app can change it."""

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest

import homeward
from homeward import Assistant, EngineSettings, Passphrase, Settings
from homeward.engines.llama import describe
from homeward.errors import InvalidArgument
from homeward.model_traits import ModelKind, ModelTraits, rows, traits_of
from homeward.models import DEFAULT_LANGUAGE, path
from homeward.sampling import Sampling
from homeward.testing import ScriptedModel

OpenAssistant = Callable[..., Assistant]
SMOLLM2 = ModelKind("llama", tokenizer="smollm", width=576)


def drawn(kind: ModelKind) -> tuple[float, float, int, float, float]:
    """Temperature, top-p, top-k, min-p and penalty of a kind of model."""
    own = traits_of(kind).sampling
    return own.temperature, own.top_p, own.top_k, own.min_p, own.repetition_penalty


def test_the_default_models_row_has_the_numbers_that_were_measured_on_it() -> None:
    found = traits_of(SMOLLM2)
    assert (found.quotes, found.quote_tokens, found.dates) == (2, 350, False)
    assert (found.demonstration, found.exchanges, found.reads_facts) == (True, 1, False)
    assert found.sampling == Sampling()


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        (ModelKind("qwen3", "qwen2", 1024), (0.7, 0.8, 20, 0, 1)),
        (ModelKind("qwen2", "qwen2", 1536), (0.7, 0.8, 20, 0, 1.1)),
        (ModelKind("gemma3", "default", 1152), (1.0, 0.95, 64, 0, 1)),
        (ModelKind("llama", "llama-bpe", 2048), (0.6, 0.9, 0, 0, 1)),
        (ModelKind("llama", "smollm", 2048), (0.2, 0.9, 0, 0, 1)),
        (ModelKind("smollm3", "smaug-bpe", 2048), (0.6, 0.95, 0, 0, 1)),
        (ModelKind("a newer one", "", 2048), (0.02, 0.95, 0, 0.05, 1.1)),
    ],
)
def test_replies_are_drawn_as_the_models_maker_published(
    kind: ModelKind, numbers: tuple[float, ...]
) -> None:
    assert drawn(kind) == numbers


def test_a_model_that_thinks_is_drawn_from_as_its_maker_published_for_that() -> None:
    qwen = traits_of(ModelKind("qwen3", "qwen2", 1024))
    thought, at_once = qwen.sampling_for(100), qwen.sampling_for(0)
    assert (thought.temperature, thought.top_p, thought.thinking) == (0.6, 0.95, 100)
    assert (at_once.temperature, at_once.top_p, at_once.thinking) == (0.7, 0.8, 0)
    assert traits_of(SMOLLM2).sampling_for(9).temperature == Sampling().temperature


def test_a_base_model_is_shown_how_and_its_replies_are_short_whoever_made_it() -> None:
    base = traits_of(ModelKind("gemma3", "default", 2560, has_template=False))
    chat = traits_of(ModelKind("gemma3", "default", 2560))
    assert (base.demonstration, base.sampling.max_tokens) == (True, 128)
    assert (chat.demonstration, chat.sampling.max_tokens) == (False, 512)
    assert drawn(ModelKind("gemma3", "default", 640, has_template=False)) == drawn(SMOLLM2)


def test_wider_models_bear_more_and_a_short_context_less() -> None:
    by_width = [traits_of(ModelKind("x", width=width)) for width in (576, 1024, 2048, 4096)]
    assert [one.quotes for one in by_width] == [2, 4, 6, 6]
    assert [one.exchanges for one in by_width] == [1, 2, 4, 8]
    assert [one.dates for one in by_width] == [False, True, True, True]
    short = traits_of(ModelKind("x", width=4096, context=1024))
    assert (short.quote_tokens, short.sampling.max_tokens) == (256, 256)


def test_every_row_says_where_its_numbers_are_from_and_about_whom() -> None:
    traits, kinds = (
        {one.name for one in fields(ModelTraits)},
        {one.name for one in fields(ModelKind)},
    )
    for row in rows():
        assert len(row.source.split()) >= 3
        assert set(row.changes) <= traits
        assert row.changes
        assert {name.split("_from")[0].split("_below")[0] for name in row.about} <= kinds


@pytest.mark.parametrize("name", ["quotes", "quote_tokens", "exchanges"])
def test_a_negative_number_is_refused(name: str) -> None:
    with pytest.raises(InvalidArgument, match=f"{name}=-1 must not be negative"):
        replace(ModelTraits(), **{name: -1})  # type: ignore[arg-type]


def test_as_many_memories_are_quoted_as_the_model_bears(open_assistant: OpenAssistant) -> None:
    def quoted(**changed: int) -> int:
        plain = ModelTraits(demonstration=False)
        model = ScriptedModel(traits=replace(plain, **changed))  # type: ignore[arg-type]
        with open_assistant(model) as me:
            for day in ("first", "second", "third", "fourth"):
                me.remember(f"The rent of my {day} flat is due on the {day}.")
            assert me.ask("When is the rent of my flat due?").text
        return model.prompts[-1].count("I said")

    assert quoted() == 2
    assert quoted(quotes=3) == 3
    assert quoted(quotes=0) == 0
    assert quoted(quotes=3, quote_tokens=60) == 1


def test_a_reply_is_as_long_as_the_model_is_let(open_assistant: OpenAssistant) -> None:
    short = ModelTraits(sampling=Sampling(max_tokens=5))
    me = open_assistant(ScriptedModel(["A long reply."], traits=short))
    assert me.ask("Hello?").text == "A lon"
    assert me.ask("Hello?", sampling=Sampling()).text == "A long reply."
    assert me.traits == short


def test_a_model_that_cannot_read_facts_is_not_asked_to(open_assistant: OpenAssistant) -> None:
    model = ScriptedModel(traits=ModelTraits(reads_facts=False))
    me = open_assistant(model)
    assert me.ask("I live in Leeds.").text
    before = len(model.prompts)
    assert not me.derive_facts().self_test.passed
    assert len(model.prompts) == before


@pytest.mark.model
def test_an_app_changes_the_traits_of_the_model_that_it_opens(
    models_home: Path, tmp_path: Path
) -> None:
    settings = Settings(
        engine=EngineSettings(threads=1, context=512),
        traits=lambda found: replace(found, quotes=5, sampling=Sampling(temperature=0.5)),
    )
    (tmp_path / "models").symlink_to(models_home / "models")
    with homeward.create(
        "ada", unlock=Passphrase("x"), home=tmp_path, settings=settings
    ).assistant as me:
        assert me.traits.sampling.temperature == 0.5
        assert me.loaded_model is None
        assert (me.model.traits.quotes, me.model.traits.quote_tokens) == (5, 256)


@pytest.mark.model
def test_the_kind_of_the_default_model_is_read_off_its_file(models_home: Path) -> None:
    assert describe(path(models_home, DEFAULT_LANGUAGE)) == SMOLLM2
