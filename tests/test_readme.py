"""The README's example runs as it stands, on the real models."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"

pytestmark = pytest.mark.model


def test_the_example_runs(
    models_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    [example] = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "models").symlink_to(models_home / "models")
    monkeypatch.setenv("HOMEWARD_HOME", str(tmp_path))
    assert len([line for line in example.splitlines() if line.strip()]) <= 10

    exec(compile(example, str(README), "exec"), {})

    printed = capsys.readouterr().out
    assert re.search(r"Write this down: [0-9A-Z]{4}(-[0-9A-Z]{4}){6}", printed)
    assert "Used: ['I am allergic to peanuts.']" in printed
