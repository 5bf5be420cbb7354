"""Every `LanguageModel` in turn: the public fake, and llama.cpp with real weights."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from tests.prompts import prompt_tokens

from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.models import DEFAULT_LANGUAGE, path
from homeward.ports import LanguageModel, Session, SoftPrompt, Tokens
from homeward.testing import ScriptedModel


@pytest.fixture(scope="module", params=["scripted", pytest.param("real", marks=pytest.mark.model)])
def open_one(request: pytest.FixtureRequest) -> Callable[[int], LanguageModel]:
    if request.param == "scripted":
        return lambda n_ctx: ScriptedModel(["It is a fine day in May, 🙂 and warm."], n_ctx=n_ctx)
    file = path(request.getfixturevalue("models_home"), DEFAULT_LANGUAGE)
    return lambda n_ctx: open_model(file, EngineSettings(context=n_ctx, threads=1))


@pytest.fixture(scope="module")
def model(open_one: Callable[[int], LanguageModel]) -> Iterator[LanguageModel]:
    model = open_one(512)
    yield model
    model.close()


@pytest.fixture
def projector(model: LanguageModel, request: pytest.FixtureRequest) -> Path:
    """Return a projector's file that fits the model; the scripted one sees without."""
    if isinstance(model, ScriptedModel):
        return Path("none.gguf")
    found: Path = request.getfixturevalue("colour_projector")
    return found


@pytest.fixture
def session(model: LanguageModel) -> Iterator[Session]:
    with model.session() as session:
        yield session


@pytest.fixture
def ask(model: LanguageModel) -> Callable[[str], Tokens]:
    return lambda text: prompt_tokens(model, text)


@pytest.fixture
def ids(ask: Callable[[str], Tokens]) -> Tokens:
    return ask("How is the weather today?")


@pytest.fixture
def soft(model: LanguageModel) -> Callable[[float], SoftPrompt]:
    """Three virtual tokens, all of the given value."""

    def three_rows(value: float) -> SoftPrompt:
        vectors = np.full((3, model.info.n_embd), value, dtype=np.float32)
        return SoftPrompt(vectors=vectors, sha256=f"{int(value * 100)}".zfill(64))

    return three_rows


@pytest.fixture
def set_after() -> Callable[[int], Event]:
    """An event that is set once somebody has looked so many times."""

    class SetAfter(Event):
        def __init__(self, looks: int) -> None:
            super().__init__()
            self._left = looks

        def is_set(self) -> bool:
            self._left -= 1
            return self._left < 0

    return SetAfter
