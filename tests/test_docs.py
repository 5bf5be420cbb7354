"""What the pages tell people to type is there: commands and their options, names, and examples."""

import ast
import importlib
import os
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer.main

from homeward.cli.app import app
from homeward_federated.cli.commands import cli as operators

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *(
        page
        for page in (ROOT / "docs").rglob("*.md")
        if page.name not in {"log.md", "store-goals.md"} and page.parent.name != "formats"
    ),
    *(ROOT / "examples").rglob("*.md"),
]
COMMANDS = {
    "homeward": typer.main.get_command(app),
    "homeward-federation": typer.main.get_command(operators),
}


def fenced(page: Path, language: str) -> list[str]:
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(block) for named, block in blocks if named == language]


def typed(page: Path) -> Iterator[str]:
    """Yield each line of a block, and each span, that starts a command of Homeward's."""
    text = page.read_text("utf-8")
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    spans = re.findall(r"`(homeward(?:-federation)? [^`]+)`", prose)
    lines = [line for block in fenced(page, "") for line in block.splitlines()]
    lines += re.findall(r"^    (homeward.*)$", text, re.MULTILINE)
    for line in [*spans, *lines]:
        for part in line.split(" && "):
            command = re.sub(r"^(\S*/)", "", part.strip())
            if re.match(r"homeward(-federation)? ", command):
                yield re.split(r"\s{2,}|\s#", " ".join(command.split("\n")))[0]


def fault(command: str) -> str | None:
    """Return what of the command is not there; `a | b` after a group names several."""
    words = shlex.split(command.replace("…", ""))
    node: Any = COMMANDS[words.pop(0)]
    if "|" in words:
        return next((f"{one}?" for one in alternatives(words) if not found(node, one)), None)
    options = options_of(node)
    while words:
        word = words.pop(0)
        if word.startswith("-") and not re.fullmatch(r"-\d.*", word):
            name, _, value = word.partition("=")
            if name not in options:
                return f"no option {name}"
            if options[name] and not value and words:
                words.pop(0)
        elif word in getattr(node, "commands", {}):
            node = node.commands[word]
            options |= options_of(node)
        elif hasattr(node, "commands") and word.islower():
            return f"no command {word} of {node.name or 'homeward'}"
    return None


def options_of(node: Any) -> dict[str, bool]:
    """Return the options' names, and whether a value follows."""
    named = {
        name: not getattr(one, "is_flag", False)
        for one in node.params
        if one.param_type_name == "option"
        for name in (*one.opts, *one.secondary_opts)
    }
    return {"--help": False} | named


def alternatives(words: list[str]) -> Iterator[list[str]]:
    first = words.index("|") - 1
    for word in words[first:]:
        if word != "|":
            yield [*words[:first], word]


def there(module: ModuleType, name: str) -> bool:
    return hasattr(module, name) or find_spec(f"{module.__name__}.{name}") is not None


def found(node: Any, words: list[str]) -> bool:
    for word in words:
        node = getattr(node, "commands", {}).get(word)
        if node is None:
            return False
    return True


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_that_a_page_names_is_there(page: Path) -> None:
    faults = {command: fault(command) for command in typed(page)}

    assert {command: why for command, why in faults.items() if why} == {}


def test_the_pages_name_many_commands_and_a_wrong_one_is_noticed() -> None:
    assert len([command for page in PAGES for command in typed(page)]) > 60
    assert fault("homeward memories find") == "no command find of memories"
    assert fault("homeward -p ada ask 'What?' --reader work") == "no option --reader"
    assert fault("homeward memories list | grab") == "['memories', 'grab']?"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_example_parses_and_imports_what_is_there(page: Path) -> None:
    for block in fenced(page, "python"):
        tree = compile(block, str(page), "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("homeward"):
                module = importlib.import_module(str(node.module))
                missing = [one.name for one in node.names if not there(module, one.name)]
                assert missing == []
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "homeward":
                assert hasattr(importlib.import_module("homeward"), node.attr), node.attr


@pytest.mark.model
@pytest.mark.parametrize("page", ["README.md", "docs/how-to/rules.md"])
def test_what_is_pasted_line_after_line_works(models_home: Path, tmp_path: Path, page: str) -> None:
    lines = [
        line
        for block in fenced(ROOT / page, "")
        for line in block.splitlines()
        if re.match(r"(\.venv/bin/)?homeward ", line)
    ]

    done = pasted(tmp_path, models_home, lines)

    assert len(lines) > 3
    assert done.returncode == 0, done.stderr


def pasted(folder: Path, models_home: Path, lines: list[str]) -> subprocess.CompletedProcess[str]:
    """Run the lines in a shell of somebody who has one profile, until one of them fails."""
    command = folder / ".venv" / "bin" / "homeward"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m homeward.cli "$@"\n')
    command.chmod(0o700)
    (folder / "models").symlink_to(models_home / "models")
    (folder / "passphrase").write_text("correct horse battery staple\n")
    (folder / "note.txt").write_text("The bins go out on Tuesdays.\n")
    stage = [
        "homeward profile create ada",
        "homeward profile set name Ada",
        "homeward memories add 'I play chess on Mondays.'",
    ]
    return subprocess.run(
        ["sh", "-ex"],
        input="\n".join([*stage, *lines]),
        cwd=folder,
        env=os.environ
        | {
            "HOME": str(folder),
            "PATH": f"{command.parent}:{os.environ['PATH']}",
            "HOMEWARD_HOME": str(folder),
            "HOMEWARD_PASSPHRASE_FILE": str(folder / "passphrase"),
            "HOMEWARD_THREADS": "1",
        },
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def test_the_example_for_an_apps_tests_runs(tmp_path: Path) -> None:
    [example] = fenced(ROOT / "docs" / "how-to" / "test.md", "python")
    names: dict[str, Any] = {}

    exec(compile(example, "test.md", "exec"), names)

    names["test_my_app"](tmp_path)
