"""Fixtures of the whole suite: no network, profiles that open fast, and the real models."""

import os
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import cast

if sys.platform == "linux":
    import fcntl

import numpy as np
import pytest
from tests.colour_projector import COLOURS, write_projector

from homeward.assistant import Assistant
from homeward.engine_settings import EngineSettings
from homeward.engines.llama import open_model
from homeward.engines.onnx import open_embedder
from homeward.errors import ModelError, ModelNotFound
from homeward.learning.gradients.weights import read_weights
from homeward.models import DEFAULT_EMBEDDING, DEFAULT_LANGUAGE, path
from homeward.ports import Embedder, LanguageModel, Vector
from homeward.settings import ModelLoaders, Settings
from homeward.testing import HashEmbedder, ScriptedModel
from homeward_store import Passphrase, Profile, create_profile, open_profile
from homeward_store.keys.key_derivation import FASTEST

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1  # linux/sockios.h, linux/if.h
PASSPHRASE = Passphrase("correct horse battery staple")

OpenAssistant = Callable[..., Assistant]


class Lent:
    """A model that stays open for the next test, though an assistant closes the one it has."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    def __getattr__(self, name: str) -> object:
        return getattr(self._model, name)

    def close(self) -> None:
        """Leave the model open."""


@pytest.fixture(scope="session", autouse=True)
def loopback() -> None:
    """Bring up the loopback of an empty network namespace: `unshare -rn` starts with it down."""
    if sys.platform != "linux":
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        found = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request)
        [flags] = struct.unpack_from("h", found, 16)
        if not flags & _IFF_UP:
            request = struct.pack("16sh14x", b"lo", flags | _IFF_UP)
            fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request)


@pytest.fixture(scope="session", autouse=True)
def null_devices() -> Iterator[None]:
    """Close what llama_cpp opens when it is imported, or the suite ends in warnings about it."""
    yield
    if utils := sys.modules.get("llama_cpp._utils"):
        utils.outnull_file.close()
        utils.errnull_file.close()


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail any test that connects to another machine: privacy is a promise, so test it always."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if self.family != socket.AF_UNIX and host not in LOOPBACK:
            raise AssertionError(f"a test tried to connect to {host!r}")
        connect(self, address)  # type: ignore[arg-type]  # socket's own address types

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def models_home() -> Path:
    """Return the data folder with the pulled default models: `make models` fills it."""
    home = Path(os.environ.get("HOMEWARD_HOME", ""))
    if not os.environ.get("HOMEWARD_HOME"):
        pytest.skip("HOMEWARD_HOME is not set; `make test` sets it")
    try:
        path(home, DEFAULT_LANGUAGE)
        path(home, DEFAULT_EMBEDDING)
    except ModelError as error:
        pytest.fail(f"HOMEWARD_HOME is set, but: {error}")
    return home


@pytest.fixture(scope="session")
def smollm2(models_home: Path) -> Iterator[LanguageModel]:
    """Open the default language model on one thread: two spin against other load."""
    with closing(
        open_model(path(models_home, DEFAULT_LANGUAGE), EngineSettings(threads=1))
    ) as model:
        yield model


@pytest.fixture(scope="session")
def minilm(models_home: Path) -> Embedder:
    """Open the default embedding model."""
    return open_embedder(path(models_home, DEFAULT_EMBEDDING))


@pytest.fixture(scope="session")
def e5(models_home: Path) -> Embedder:
    """Open the multilingual embedding model, where it was pulled."""
    try:
        return open_embedder(path(models_home, "e5-small"))
    except ModelNotFound:
        pytest.skip("e5-small was not pulled: `homeward models pull e5-small`")


@pytest.fixture
def tmp_profile(tmp_path: Path) -> Iterator[Profile]:
    """Create an empty encrypted profile with the cheapest key derivation."""
    with create_profile(tmp_path / "ada", unlock=[PASSPHRASE], cost=FASTEST).profile as profile:
        yield profile


@pytest.fixture
def open_assistant(tmp_path: Path) -> Iterator[OpenAssistant]:
    """
    Return a function that opens Ada's assistant; again and again, on the same profile.

    Without a model it is a `ScriptedModel`; without an embedder a `HashEmbedder`; without a
    projector it sees nothing.
    """
    folder = tmp_path / "profile"
    opened: list[Assistant] = []

    def function(
        model: LanguageModel | None = None,
        *,
        embedder: Embedder | None = None,
        settings: Settings | None = None,
        projector: Path | None = None,
    ) -> Assistant:
        if not folder.exists():
            create_profile(folder, unlock=[PASSPHRASE], cost=FASTEST).profile.close()
        language_model = cast("LanguageModel", Lent(model or ScriptedModel(["Hello, Ada."])))
        loaders = ModelLoaders(lambda: language_model, lambda: embedder or HashEmbedder())
        if projector is not None:
            loaders = replace(loaders, projector=lambda model: model().projector(projector))
        opened.append(Assistant(open_profile(folder, unlock=PASSPHRASE), loaders, settings))
        return opened[-1]

    yield function
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def words(models_home: Path, smollm2: LanguageModel) -> Vector:
    """Return the default model's own embeddings of " red", " green" and " blue": (3, n_embd)."""
    embedding = read_weights(path(models_home, DEFAULT_LANGUAGE)).embedding
    ids = [smollm2.tokenize(f" {colour}") for colour in COLOURS]
    return np.stack([embedding[token] for (token,) in ids])


@pytest.fixture(scope="session")
def colour_projector(words: Vector, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a projector that shows the default model colours."""
    return write_projector(tmp_path_factory.mktemp("projector") / "mmproj-colours.gguf", words)
