"""Validates path and query values before they reach the store."""

from typing import Annotated

from fastapi import Path, Query

_MOST = 2**63 - 1  # SQLite's integers

Id = Annotated[int, Path(ge=1, le=_MOST)]
Before = Annotated[
    int | None, Query(ge=1, le=_MOST, description="Return only records older than this number.")
]
Limit = Annotated[int, Query(ge=1, le=500, description="The most records to return, newest first.")]
Name = Annotated[str, Path(min_length=1, max_length=500)]
