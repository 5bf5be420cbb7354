"""The drawing of the error tree is the tree, and the package exports all of it."""

import inspect
import re

import homeward_federated
from homeward_federated import errors

LEAF = re.compile(r"^    (?P<branch>[ │├└─]*)(?P<name>[A-Z]\w+)(  |$)", re.MULTILINE)


def drawn() -> list[tuple[int, str]]:
    """(depth, name) of every line of the drawing, four columns to a level."""
    return [(len(m["branch"]) // 4, m["name"]) for m in LEAF.finditer(errors.__doc__ or "")]


def actual(kind: type[Exception], depth: int = 0) -> list[tuple[int, str]]:
    children = (actual(child, depth + 1) for child in kind.__subclasses__())
    return [(depth, kind.__name__), *(leaf for found in children for leaf in found)]


def test_the_drawing_is_the_tree() -> None:
    assert sorted(drawn()) == sorted(actual(errors.FederatedError))


def test_every_error_is_public() -> None:
    classes = [name for name, _ in inspect.getmembers(errors, inspect.isclass)]
    assert sorted(homeward_federated.__all__) == sorted(classes)
