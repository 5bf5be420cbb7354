"""Follows a tree of messages from its newest leaf to its root: the one branch that was kept."""

from collections.abc import Mapping
from datetime import datetime

Parents = Mapping[str, str | None]
Times = Mapping[str, datetime | None]


def kept(parents: Parents, *, leaf: str | None, times: Times) -> list[str]:
    """
    Return the way to `leaf`, oldest first; where `leaf` is not in the tree, to the newest leaf.

    A way that leads in a circle ends where it began.
    """
    at: str | None = leaf if leaf in parents else _newest_leaf(parents, times)
    way: dict[str, None] = {}
    while at is not None and at in parents and at not in way:
        way[at] = None
        at = parents[at]
    return list(way)[::-1]


def _newest_leaf(parents: Parents, times: Times) -> str | None:
    """Return the leaf whose message, or the one before it, is newest; the last if undated."""
    inner = set(parents.values())
    leaves = [one for one in parents if one not in inner] or list(parents)
    newest: tuple[datetime, str] | None = None
    for leaf in leaves:
        at = times.get(leaf) or times.get(parents[leaf] or "")
        if at is None:
            return leaves[-1]
        if newest is None or at >= newest[0]:
            newest = (at, leaf)
    return newest[1] if newest else None
