"""The real model's file, for tests that open it with settings of their own."""

from pathlib import Path

import pytest

from homeward.models import DEFAULT_LANGUAGE, path


@pytest.fixture(scope="session")
def smollm2_path(models_home: Path) -> Path:
    return path(models_home, DEFAULT_LANGUAGE)
