"""An example is something to read: each file of code below 150 lines."""

from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
CODE = sorted(
    one
    for one in EXAMPLES.rglob("*")
    if one.suffix in {".py", ".js", ".mjs", ".html"} and "node_modules" not in one.parts
)


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(EXAMPLES)))
def test_an_example_can_be_read_in_one_sitting(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) < 150
