"""The public names, the error tree as it is drawn, and what must not print or travel."""

import copy
import inspect
import pickle
import re

import pytest

import homeward_store
from homeward_store import CreatedProfile, Passphrase, RecoveryCode, StoreError, errors
from homeward_store.secret import Secret


def test_the_public_names_exist_and_occur_once() -> None:  # ruff keeps them sorted
    assert len(homeward_store.__all__) == len(set(homeward_store.__all__))
    assert all(hasattr(homeward_store, name) for name in homeward_store.__all__)


def test_every_error_is_public() -> None:
    assert set(classes()) <= set(homeward_store.__all__)


def classes() -> dict[str, str]:
    """Each error class and the name of its base, in the order of the file."""
    members = [one for _, one in inspect.getmembers(errors, inspect.isclass)]
    members.sort(key=lambda one: inspect.getsourcelines(one)[1])
    return {one.__name__: one.__bases__[0].__name__ for one in members}


def drawn() -> dict[str, str]:
    """Each name in the drawing and the name that it hangs on."""
    parents, tree = ["Exception"], {}
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"    ((?:│   |    )*)(?:[├└]── )?([A-Z]\w+)", line):
            depth = len(match[1]) // 4 + ("── " in line)
            parents[depth + 1 :] = [match[2]]
            tree[match[2]] = parents[depth]
    return tree


def test_the_drawing_of_the_errors_is_the_tree_of_the_classes() -> None:
    assert drawn() == classes()


def test_every_drawn_error_says_what_to_do() -> None:
    for line in (errors.__doc__ or "").splitlines():
        if "── " in line:
            assert len(line.split("── ")[1].split(maxsplit=1)) == 2, line


@pytest.mark.parametrize("name", sorted(set(classes()) - {"StoreError"}))
def test_every_error_is_a_store_error(name: str) -> None:
    assert issubclass(getattr(errors, name), StoreError)


def test_secrets_do_not_print() -> None:
    code = RecoveryCode.random()
    assert "hunter2" not in repr(Passphrase("hunter2"))
    assert repr(code) == str(code) == "<RecoveryCode>"
    assert repr(Secret(bytearray(b"hunter2"))) == "<Secret: 7 bytes>"


def test_secrets_and_open_profiles_cannot_be_copied(created: CreatedProfile) -> None:
    for one in (Secret(bytearray(3)), created.profile):
        with pytest.raises(TypeError):
            pickle.dumps(one)
        with pytest.raises(TypeError):
            copy.copy(one)
    assert created.profile.id in repr(created.profile)


def test_a_wiped_secret_holds_zeros() -> None:
    raw = bytearray(b"key")
    with Secret(raw) as secret:
        assert secret.expose() == b"key"
    assert raw == bytes(3)
