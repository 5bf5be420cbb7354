"""Models of a few thousand weights, which need no download."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from tests.training import training_through

from homeward.assistant import Assistant
from homeward.learning.gradients.gradient import GradientModel
from homeward.models import DEFAULT_LANGUAGE, path
from homeward.settings import ModelLoaders
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import Category, Profile, Purpose


@pytest.fixture(scope="session")
def tiny_models() -> ModuleType:
    """The module that writes them; a sibling file, which importlib mode does not import."""
    spec = importlib.util.spec_from_file_location(
        "tiny_models", Path(__file__).with_name("tiny_models.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["tiny_models"] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tiny(tiny_models: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> GradientModel:
    """A random llama of two layers and 97 tokens."""
    file = tmp_path_factory.mktemp("tiny") / "tiny.gguf"
    tiny_models.write("llama", file)
    return GradientModel.open(file)


@pytest.fixture(scope="session")
def smollm2_file(models_home: Path) -> Path:
    """The default language model's file."""
    return path(models_home, DEFAULT_LANGUAGE)


@pytest.fixture(scope="module")
def gradient(tiny_models: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> GradientModel:
    """A random llama whose tokens are the scripted model's: bytes and two controls."""
    file = tmp_path_factory.mktemp("bytes") / "bytes.gguf"
    tiny_models.write("llama", file, vocabulary=258)
    return GradientModel.open(file)


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel(["Hello."], n_embd=32)


@pytest.fixture
def me(tmp_profile: Profile, gradient: GradientModel, model: ScriptedModel) -> Iterator[Assistant]:
    tmp_profile.consent.grant(Purpose.LEARN, Category.WRITINGS, Category.CHOICES, shown="May it?")
    loaders = ModelLoaders(lambda: model, HashEmbedder, training_through(lambda: gradient))
    with Assistant(tmp_profile, loaders) as assistant:
        yield assistant
