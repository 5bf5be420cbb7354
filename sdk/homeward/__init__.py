"""Homeward is a local assistant that learns its person and shares nothing unasked."""

# The public names stand in `__init__.pyi`, for type checkers and for this module. Each is fetched
# from its module when it is first used: an app that imports homeward at its top does not wait for
# arrays, ciphers and lexicons before its window is there.

import ast as _ast
from importlib import import_module as _import_module
from pathlib import Path as _Path

_STUB = _ast.parse(_Path(__file__).with_suffix(".pyi").read_bytes())
_MODULE_OF = {
    name.name: str(line.module)
    for line in _STUB.body
    if isinstance(line, _ast.ImportFrom)
    for name in line.names
}

__all__ = list(_MODULE_OF)


def __getattr__(name: str) -> object:
    """Fetch a public name from its module (PEP 562)."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'homeward' has no attribute {name!r}")
    value: object = getattr(_import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, fetched or not."""
    return sorted({*globals(), *__all__})
