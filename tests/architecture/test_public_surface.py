"""What an app sees: the public names, the drawn error trees, and a light import."""

import importlib
import re
import subprocess
import sys
from types import ModuleType

import pytest

PACKAGES = ["homeward", "homeward_store", "homeward_federated"]
MACHINERY = {"TYPE_CHECKING", "import_module"}  # of `homeward`, whose names are fetched late
HEAVY = ["llama_cpp", "onnx", "onnxruntime", "tokenizers", "flwr", "torch", "keyring"]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_public_names_are_all_that_is_offered(package: str) -> None:
    module = importlib.import_module(package)
    for name in module.__all__:
        getattr(module, name)  # some are fetched when they are first used
    offered = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, ModuleType) and name not in MACHINERY
    }

    assert offered == set(module.__all__)


@pytest.mark.parametrize("package", PACKAGES)
def test_the_drawn_error_tree_is_the_real_one(package: str) -> None:
    errors = importlib.import_module(f"{package}.errors")

    assert drawn_parents(errors) == real_parents(errors)


def test_what_is_fetched_late_is_what_type_checkers_see() -> None:
    import ast
    import inspect

    import homeward

    tree = ast.parse(inspect.getsource(homeward))
    seen = {
        (node.module, name.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("homeward")
        for name in node.names
    }

    assert seen == {(home, name) for home, names in homeward._HOMES.items() for name in names}
    assert {name for _, name in seen} == set(homeward.__all__)


def test_importing_homeward_loads_no_runtime() -> None:
    code = f"import sys, homeward; print([name for name in {HEAVY} if name in sys.modules])"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "[]"


def drawn_parents(errors: ModuleType) -> dict[str, str]:
    """Read name → parent off the tree in the module's docstring, by indentation."""
    parents: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^(    [│├└─ ]*)([A-Z]\w+)", line)
        if match is None:
            continue
        depth = len(match[1])
        while path and path[-1][0] >= depth:
            path.pop()
        if path:
            parents[match[2]] = path[-1][1]
        path.append((depth, match[2]))
    return parents


def real_parents(errors: ModuleType) -> dict[str, str]:
    """Read name → parent off the classes; the package's root error has no entry."""
    classes = [one for one in vars(errors).values() if isinstance(one, type)]
    return {
        one.__name__: one.__bases__[0].__name__
        for one in classes
        if one.__module__ == errors.__name__ and one.__bases__[0] is not Exception
    }
