"""What the memory cannot hold is told before it is fetched; the best that fits is proposed."""

from pathlib import Path

import pytest

from homeward import models
from homeward.errors import CannotFit
from homeward.models import fit

from .conftest import CONTENT

GIGABYTE = 10**9


@pytest.mark.usefixtures("local")
def test_a_model_that_does_not_fit_is_not_fetched_unless_anyway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit, "free_memory", lambda: 2 * len(CONTENT))

    with pytest.raises(CannotFit, match=r"about 0\.6 GB .* and 0\.0 GB are free"):
        models.pull("tiny", tmp_path)
    assert models.installed(tmp_path) == ()
    models.pull("tiny", tmp_path, anyway=True)
    models.pull("tiny", tmp_path)  # it is here: nothing is fetched


@pytest.mark.parametrize(
    ("free", "name"), [(1, None), (2, "qwen3-0.6b"), (6, "qwen3-4b-2507"), (13, "qwen3-8b")]
)
def test_the_best_model_that_leaves_room_is_proposed(
    tmp_path: Path, free: int, name: str | None
) -> None:
    found = models.best(models.catalogue(tmp_path), free * GIGABYTE)

    assert (found.name if found else None) == name


def test_only_models_that_anybody_may_use_are_proposed(tmp_path: Path) -> None:
    ranked = [one for one in models.catalogue(tmp_path) if one.rank]

    assert ranked
    assert len({one.rank for one in ranked}) == len(ranked)
    assert all(one.terms is None and one.kind is models.ModelUse.LANGUAGE for one in ranked)
    assert sorted(ranked, key=lambda one: one.rank) == sorted(ranked, key=fit.needed)


def test_the_memory_that_is_free_here_is_read() -> None:
    assert models.free_memory() > len(CONTENT)
