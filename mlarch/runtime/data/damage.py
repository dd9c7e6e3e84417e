"""Tables that an earlier step wrote, and what is said where one is gone or damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from ...architecture.errors import ArchitectureError


@contextmanager
def undamaged(path: str, at: str) -> Iterator[None]:
    """Say of a table that an earlier step wrote that it is gone or damaged (MLA608), where it cannot be read."""
    try:
        yield
    except (FileNotFoundError, pl.exceptions.PolarsError) as problem:
        what = "is gone" if isinstance(problem, FileNotFoundError) else "is damaged"
        raise ArchitectureError("MLA608", f"{path} {what}", at=at, help="run again: it will be made anew") from None
