"""Every file that is written goes through a writer that leaves it whole or absent."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("sdk/homeward", "local_store/homeward_store", "federated/homeward_federated")
WRITERS = {
    "local_store/homeward_store/files.py",
    "federated/homeward_federated/files.py",
    "sdk/homeward/models/disk.py",  # downloads, continued where they stopped
}
# They stream into a file that is published, or into a folder that is swept, when all is written.
STREAMS = {
    "local_store/homeward_store/archive/backup.py",
    "local_store/homeward_store/archive/sealed_file.py",
    "sdk/homeward/models/preparing/embedding_graph/graph.py",
}
# What a child process says, line by line, and a lock without content.
LOGS = {
    "sdk/homeward/models/fetching/wheel.py",
    "federated/homeward_federated/cli/rehearsal.py",
    "federated/homeward_federated/privacy/budget_file.py",
}


def writes(source: str) -> list[str]:
    """Name the calls in `source` that write to a file by its path."""
    return sorted(name for node in ast.walk(ast.parse(source)) for name in written_by(node))


def written_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Attribute(attr="write_text" | "write_bytes" as name)):
            yield name
        case ast.Call(func=ast.Attribute(value=ast.Name("shutil"), attr=name)):
            yield from [name] if name.startswith(("copy", "move")) else []
        case ast.Call(
            func=ast.Attribute(attr="save" | "savez" as name), args=[ast.BinOp(op=ast.Div()), *_]
        ):
            yield name  # to a path, not into a stream
        case ast.Call(func=ast.Attribute(attr="open") | ast.Name("open"), args=arguments):
            modes = [str(one.value) for one in arguments if isinstance(one, ast.Constant)]
            yield from (f"open {mode}" for mode in modes if is_writing(mode))


def is_writing(mode: str) -> bool:
    return set(mode) <= set("rwaxbt+") and not set(mode).isdisjoint("wax+")


def test_only_the_writers_write_files() -> None:
    found = {
        str(file.relative_to(ROOT)): writes(file.read_text(encoding="utf-8"))
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
    }

    assert {file for file, calls in found.items() if calls} == WRITERS | STREAMS | LOGS


@pytest.mark.parametrize(
    "line",
    [
        "path.write_text('x')",
        "path.with_name('a').write_bytes(b'')",
        "open('a', 'w')",
        "path.open('xb')",
        "shutil.copyfile(a, b)",
        "np.save(folder / 'a.npy', x)",
    ],
)
def test_a_bare_write_is_found(line: str) -> None:
    assert writes(line)
