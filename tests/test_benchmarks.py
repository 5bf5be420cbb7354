"""Benchmarks say what they are of; in eighteen languages facts are kept and secrets are not."""

from pathlib import Path

import pytest
from benchmarks.evaluation import provenance, scorers
from benchmarks.languages import languages, read

from homeward.policy.secrets import contains_secret
from homeward.text.spans import statements

_SCORERS = 'from pathlib import Path\nload = lambda half, name: f"{half} {name}"\n'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for file in ("scoring/score.py", "dev/one.jsonl", "dev/two.jsonl", "test/one.jsonl"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(_SCORERS if file.endswith("py") else "{}", encoding="utf-8")
    return tmp_path


def test_a_split_that_is_not_there_is_an_error_that_names_those_that_are(data: Path) -> None:
    with pytest.raises(SystemExit, match="has no split 'tset'; it has dev, test"):
        scorers(data, "tset")


def test_a_report_says_which_half_each_figure_is_of(data: Path) -> None:
    score = scorers(data, "test")
    assert score.load("dev", "one") == "test one"
    assert provenance(score)["in_sample"] == "no"
    assert score.load("dev", "two") == "dev two"
    assert provenance(score, embedder="e") == {
        "split": "dev, test",
        "in_sample": "in part: two",
        "embedder": "e",
        "model": "none",
    }
    assert provenance(scorers(data))["in_sample"] == "no"  # nothing was read


@pytest.mark.parametrize("name", languages())
def test_of_each_language_facts_are_statements_questions_are_none_and_secrets_are_seen(
    name: str,
) -> None:
    language = read(name)
    tagged = [one for one in language.facts if one.tags]
    assert (len(language.facts), len(tagged), len(language.secrets)) == (40, 10, 5)
    told = [bool(statements(one.text)) for one in language.facts]
    asked = [one.question for one in language.facts if statements(one.question)]
    assert sum(told) >= 0.9 * len(told), [one for one in language.facts if not statements(one.text)]
    assert len(asked) <= 0.1 * len(told), asked
    assert [one for one in language.secrets if not contains_secret(one)] == []
