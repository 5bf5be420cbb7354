"""Mutations of small files: a typed refusal or a counted left-out, and never half an import."""

import pytest
from benchmarks import mutations


@pytest.mark.parametrize("name", mutations.FORMATS)
def test_no_mutation_is_a_fault(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutations, "STORED", 50)

    done = mutations.tried(name, 300, seed=2)

    assert done.faults == []
    assert done.slowest < mutations.MOST_SECONDS
    assert len(done.outcomes) > 2  # some are read and some are refused: the mutations reach far
