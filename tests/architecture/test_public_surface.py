"""What an app sees: the public names, the drawn error trees, and a light import."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import mypy.api
import pytest

import homeward

PACKAGES = ["homeward", "homeward_store", "homeward_federated"]
HEAVY = ["llama_cpp", "onnx", "onnxruntime", "tokenizers", "flwr", "torch", "keyring"]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_public_names_are_all_that_is_offered(package: str) -> None:
    module = importlib.import_module(package)
    for name in module.__all__:
        getattr(module, name)  # some are fetched when they are first used
    offered = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }

    assert offered == set(module.__all__)


def test_every_error_of_the_three_packages_can_be_caught_by_a_name_of_homeward() -> None:
    trees = [importlib.import_module(f"{package}.errors") for package in PACKAGES]
    errors = [one for tree in trees for one in vars(tree).values() if isinstance(one, type)]

    assert [one for one in errors if getattr(homeward, one.__name__, None) is not one] == []


def test_a_name_that_is_not_public_is_refused_and_dir_shows_all_that_are() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Wiring'"):
        homeward.Wiring  # type: ignore[attr-defined]  # noqa: B018
    assert set(vars(homeward)["__all__"]) <= set(dir(homeward))


def test_type_checkers_see_what_programs_get(tmp_path: Path) -> None:
    """A name is not of type Any: an assignment of the wrong type is an error for mypy."""
    program = tmp_path / "app.py"
    program.write_text("import homeward\n\nwrong: int = homeward.open\n")
    told, _, status = mypy.api.run(["--strict", "--follow-imports=silent", str(program)])

    assert "app.py:3" in told
    assert "Assistant" in told
    assert status == 1


@pytest.mark.parametrize("package", PACKAGES)
def test_the_drawn_error_tree_is_the_real_one(package: str) -> None:
    errors = importlib.import_module(f"{package}.errors")

    assert drawn_parents(errors) == real_parents(errors)


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


def test_no_public_class_has_the_name_of_another() -> None:
    places: dict[str, list[str]] = {}
    for package in PACKAGES:
        root = Path(str(importlib.import_module(package).__file__)).parent
        for file in sorted(root.rglob("*.py")):
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places.setdefault(node.name, []).append(f"{package}/{file.relative_to(root)}")

    assert {name: files for name, files in places.items() if len(files) > 1} == {}
