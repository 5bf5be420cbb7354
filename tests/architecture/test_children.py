"""A process that Homeward starts gets what it needs: no current folder, no secret of another."""

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import homeward.concurrency.child_process
import homeward_federated.transport.child_process
from homeward_federated.child_environment import environment

ROOT = Path(__file__).parents[2]
PACKAGES = ("sdk/homeward", "local_store/homeward_store", "federated/homeward_federated")
DOORS = {
    "sdk/homeward/concurrency/child_process.py",
    "federated/homeward_federated/transport/child_process.py",
}
STARTS = ("exec", "fork", "popen", "posix_spawn", "spawn", "startfile", "system")  # of `os`
STARTERS = {"subprocess", "multiprocessing", "pty", "_posixsubprocess"}
NAMES = {"ProcessPoolExecutor", "create_subprocess_exec", "create_subprocess_shell", "fork_exec"}


def starts(source: str) -> list[str]:
    """Name what in `source` starts processes."""
    return sorted({name for node in ast.walk(ast.parse(source)) for name in started_by(node)})


def started_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names):
            yield from (one.name for one in names if one.name.split(".")[0] in STARTERS)
        case ast.ImportFrom(module=module, names=names):
            yield from (str(module) for _ in names if str(module).split(".")[0] in STARTERS)
            yield from (one.name for one in names if one.name in NAMES)
            yield from (one.name for one in names if module == "os" and in_os(one.name))
        case ast.Attribute(value=ast.Name("os"), attr=name) if in_os(name):
            yield f"os.{name}"
        case ast.Attribute(attr=name) if name in NAMES:
            yield name


def in_os(name: str) -> bool:
    return name.startswith(STARTS)


def test_only_two_modules_start_processes() -> None:
    found = {
        str(file.relative_to(ROOT)): starts(file.read_text(encoding="utf-8"))
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
    }

    assert {file for file, names in found.items() if names} == DOORS


@pytest.mark.parametrize(
    "line",
    [
        "import subprocess",
        "from subprocess import run",
        "import multiprocessing.pool",
        "import os\nos.system('ls')",
        "from os import execve",
        "import os\nos.posix_spawnp('ls', [], {})",
        "import asyncio\nasyncio.create_subprocess_exec('ls')",
        "from concurrent.futures import ProcessPoolExecutor",
        "def f() -> None:\n    import subprocess",
    ],
)
def test_a_bare_start_is_found(line: str) -> None:
    assert starts(line)


def test_a_child_is_given_named_variables_and_no_current_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in (
        "AWS_SECRET_ACCESS_KEY",
        "LD_PRELOAD",
        "PYTHONSTARTUP",
        "HOMEWARD_PASSPHRASE_FILE",
    ):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    here = str(tmp_path)
    for name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH"):
        monkeypatch.setenv(name, os.pathsep.join(["", here, ".", "bin", here, ""]))

    given = environment(["HTTPS_PROXY"], {"QUIET": "1"})

    assert "secret" not in given.values()
    assert given["HTTPS_PROXY"] == "http://proxy"
    assert given["QUIET"] == "1"
    assert {given[name] for name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")} == {
        os.pathsep.join([here, here])
    }
    assert "HTTPS_PROXY" not in environment()
    monkeypatch.setenv("PYTHONPATH", "")
    assert "PYTHONPATH" not in environment()


def test_a_module_that_lies_in_the_current_folder_is_not_imported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANTED_SECRET", "hunter2")
    ran = "import pathlib; pathlib.Path('ran').touch()"
    for name in ("json.py", "typing.py", "planted.py"):
        Path(name).write_text(ran)
    say = "import os, json; print(dict(os.environ))"
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "speaking.py").write_text(say)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", str(tmp_path / "lib")]))

    said = homeward.concurrency.child_process.run("speaking", sent=b"", seconds=60)
    with homeward_federated.transport.child_process.start_module("speaking") as process:
        assert process.stdout is not None
        told = process.stdout.read()
    again = homeward_federated.transport.child_process.run(
        [sys.executable, "-c", say + "; import sys; print(sys.path)"], settings={}
    )

    assert b"PYTHONPATH" in said
    assert "hunter2" not in f"{said!r} {told!r} {again.stdout}"
    assert told
    assert "''" not in again.stdout.splitlines()[-1]
    assert not Path("ran").exists()
