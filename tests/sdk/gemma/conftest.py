"""Gemma 3 270M, a base model of another family than the default; `make test-models` pulls it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.conftest import PASSPHRASE, OpenAssistant

from homeward import models
from homeward.assistant import Assistant
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.errors import ModelNotFound
from homeward.ports import Embedder, LanguageModel
from homeward.sampling import Sampling
from homeward.settings import Settings
from homeward_store import create_profile

NAME = "gemma-3-270m"
GREEDY = Sampling(temperature=0, repetition_penalty=1, max_tokens=24)
ONE_THREAD = Settings(engine=EngineSettings(threads=1))  # two spin against other load


@pytest.fixture(scope="session")
def gemma_file(models_home: Path) -> Path:
    """Return where Gemma lies; without it, every test of this folder is skipped."""
    try:
        return models.path(models_home, NAME)
    except ModelNotFound:
        pytest.skip(f"{NAME} was not pulled; `make test-models` pulls it, 230 MB")


@pytest.fixture(scope="session")
def gemma(gemma_file: Path) -> Iterator[LanguageModel]:
    """Open Gemma once for all tests."""
    with closing(open_model(gemma_file, ONE_THREAD.engine)) as model:
        yield model


@pytest.fixture
def with_gemma(
    open_assistant: OpenAssistant, gemma: LanguageModel, minilm: Embedder
) -> Callable[[], Assistant]:
    """Return a function that opens Ada's assistant on Gemma; again and again, the same profile."""
    return lambda: open_assistant(gemma, embedder=minilm)


@pytest.fixture
def home(gemma_file: Path, models_home: Path, tmp_path: Path) -> Path:
    """Return a data folder with the pulled models and a person's profile."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "models").symlink_to(models_home / "models")
    create_profile(folder / "profiles" / "ada", unlock=[PASSPHRASE]).profile.close()
    return folder
