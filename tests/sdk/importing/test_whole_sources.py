"""Whole exports, mailboxes, vaults: nothing that they tell is lost, also where they are killed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks import import_sources, imports
from benchmarks.import_sources import Source
from tests.conftest import OpenAssistant


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (import_sources.chatgpt, "conversations.json"),
        (import_sources.mbox, "mails.mbox"),
        (import_sources.vault, "vault"),
        (import_sources.pdfs, "letters"),
    ],
)
def test_every_statement_of_a_source_stands_in_a_memory(
    open_assistant: OpenAssistant,
    tmp_path: Path,
    make: Callable[[Path, int], Source],
    name: str,
) -> None:
    source = make(tmp_path / name, 1_000_000 if Path(name).suffix else 40_000)
    me = open_assistant()

    me.imports.file(source.path, mine=True)

    told = "\n".join(one.text for one in me.profile.memories.all())
    assert len(source.statements) > 5
    assert [one for one in source.statements if one not in told] == []


def test_killed_imports_give_the_same_profile(models_home: Path, tmp_path: Path) -> None:
    figures = imports.killed_again_and_again(tmp_path, "chatgpt", 2, share=0.005)

    assert figures["chatgpt_kills"] == 2
    assert figures["chatgpt_different"] == 0
