"""What may stand in a path or a query, so that the store is never asked for what cannot be."""

from typing import Annotated

from fastapi import Path, Query

_MOST = 2**63 - 1  # SQLite's integers

Id = Annotated[int, Path(ge=1, le=_MOST)]
Before = Annotated[
    int | None, Query(ge=1, le=_MOST, description="Only older ones than this number.")
]
Limit = Annotated[int, Query(ge=1, le=500, description="At most so many, newest first.")]
Name = Annotated[str, Path(min_length=1, max_length=500)]
