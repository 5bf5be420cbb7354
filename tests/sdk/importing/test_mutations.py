"""Mutations of small files: a typed refusal or a counted left-out, and never half an import."""

import pytest
from benchmarks import mutations


@pytest.mark.parametrize("name", mutations.FORMATS)
def test_no_mutation_is_a_fault(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutations, "STORED", 50)

    done = mutations.tried(name, 200, seed=2)

    assert done.faults == []
    assert done.slowest < mutations.MOST_SECONDS
    few = mutations.FORMATS[name].one_in > 1
    assert len(done.outcomes) > (0 if few else 1)  # the mutations reach far: not all end alike
