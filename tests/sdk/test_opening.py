"""A model that does not exist is refused when the assistant is opened, and nothing is made."""

from pathlib import Path

import pytest

import homeward
from homeward.errors import ModelNotFound
from homeward.models import check_known

PASSPHRASE = homeward.Passphrase("correct horse battery staple")


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("llama3", r"no model called 'llama3'; near it are .*llama-3\.2-1b.*models list"),
        ("zzz", r"no model called 'zzz'\. `homeward models list` shows all"),
        ("gone.gguf", "no file .*gone.gguf"),
        (Path("gone.gguf"), "no file .*gone.gguf"),
    ],
)
def test_an_unknown_model_is_refused_before_anything_is_made(
    tmp_path: Path, model: str | Path, says: str
) -> None:
    with pytest.raises(ModelNotFound, match=says):
        homeward.create("ada", unlock=PASSPHRASE, home=tmp_path, model=model)

    assert homeward.people(tmp_path) == []


@pytest.mark.parametrize("model", ["smollm2-135m", "qwen3-1.7b", "hub:owner/repo:file.gguf"])
def test_what_could_be_pulled_need_not_be_here(tmp_path: Path, model: str) -> None:
    check_known(tmp_path, model)
