"""The real model, where a machine has it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from homeward.engines.llama import LlamaModel, open_model


@pytest.fixture(scope="session")
def smollm2_path() -> Path:
    named = os.environ.get("HOMEWARD_TEST_MODEL")
    if named is None:
        pytest.skip("HOMEWARD_TEST_MODEL does not name a SmolLM2 GGUF file")
    return Path(named)


@pytest.fixture(scope="session")
def open_smollm2(smollm2_path: Path) -> Callable[[int], LlamaModel]:
    return lambda n_ctx: open_model(smollm2_path, n_ctx=n_ctx, threads=1)


@pytest.fixture(scope="session")
def smollm2(open_smollm2: Callable[[int], LlamaModel]) -> Iterator[LlamaModel]:
    model = open_smollm2(1024)
    yield model
    model.close()
