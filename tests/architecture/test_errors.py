"""Whatever Homeward raises can be caught by one name; what is raised otherwise is listed here."""

import ast
import contextlib
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import homeward
import homeward_federated
import homeward_store

OWN = {
    "homeward.importing.reading.work_limits.NotTaken": "caught by the readers of files",
    "homeward.mcp.access.AccessRefused": "answered to the client, by the protocol",
    "homeward.serving.failures.Failure": "an answer of the server, with its status",
}
"""Classes outside the trees, none of which leaves its package's own interface."""

# Below a public door, what Python raises is a fault of ours, not an answer. These modules parse
# files, whose reader turns a ValueError into the file's own error, or are called by such alone.
PARSERS = """
    engines/llama/quantize.py engines/llama/picture.py models/catalogue.py
    models/embedding_entry.py models/preparing/embedding_graph/four_bit_file.py models/manifest.py
    models/preparing/safetensors.py learning/gradients/gguf_tensors.py tools/toolbox.py
    archive/backup.py archive/export_import.py archive/sealed_file.py keys/keyslots.py
    database/engine.py
""".split()
PYTHONS_OWN = {
    "__init__.py": "AttributeError",
    "options.py": "RuntimeError",
    "secret.py": "TypeError",
    "profile.py": "TypeError",
}
"""What the protocols of modules and of pickling ask for."""


def modules() -> Iterator[ModuleType]:
    for package in (homeward, homeward_store, homeward_federated):
        for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not one.name.endswith("__main__"):
                with contextlib.suppress(ModuleNotFoundError):  # of an extra
                    yield importlib.import_module(one.name)


def test_every_error_class_is_in_one_of_the_three_trees() -> None:
    outside = {
        f"{one.__module__}.{one.__name__}"
        for module in modules()
        for one in vars(module).values()
        if inspect.isclass(one)
        and issubclass(one, Exception)
        and one.__module__ == module.__name__
        and not one.__name__.startswith("_")
        and not issubclass(one, (*homeward.ERRORS, Warning))
    }

    assert outside == set(OWN)


@pytest.mark.parametrize("package", [homeward, homeward_store], ids=lambda one: one.__name__)
def test_no_door_raises_an_error_of_pythons_own(package: ModuleType) -> None:
    root = Path(str(package.__file__)).parent
    found = [
        f"{path.relative_to(root)}:{line.lineno} {name}"
        for path in root.rglob("*.py")
        if str(path.relative_to(root)) not in PARSERS
        for line, name in raised(ast.parse(path.read_text(encoding="utf-8")))
        if PYTHONS_OWN.get(path.name) != name
    ]

    assert found == []


def raised(tree: ast.Module) -> Iterator[tuple[ast.Raise, str]]:
    """Every `raise` of an exception that Python itself defines."""
    builtin = {"ValueError", "TypeError", "KeyError", "OSError", "RuntimeError", "IndexError"}
    for line in ast.walk(tree):
        called = (
            line.exc.func
            if isinstance(line, ast.Raise) and isinstance(line.exc, ast.Call)
            else None
        )
        if isinstance(called, ast.Name) and called.id in builtin | {"AttributeError"}:
            assert isinstance(line, ast.Raise)
            yield line, called.id
