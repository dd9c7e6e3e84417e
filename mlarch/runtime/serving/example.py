"""Rows to try a deployment with: rows of the test part, with the columns of the request only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from ...architecture.program import FeatureProgram
from ..artifacts import Prepared
from ..state import State, read_value
from .decoding import Row


def request_columns(folder: Path) -> list[str]:
    """Return the names of a request's columns, from the bundle in a folder; none where it cannot be read."""
    program = read_value(folder / "program.json", FeatureProgram)
    return [column.name for column in program.inputs] if program else []


def example_row(state: State, model: str, columns: Iterable[str]) -> Row | None:
    """Return the first test row as a request brings it, or None where this machine holds no test rows with such columns."""
    import polars as pl

    prepared, names = read_value(state.path("values", model, "features.json"), Prepared), list(columns)
    if prepared is None or not names:
        return None
    try:
        found = pl.scan_parquet(state.root / prepared.folder / "test_rows.parquet").select(names).head(1).collect().to_dicts()
    except (pl.exceptions.PolarsError, OSError):
        return None
    plain: Any = msgspec.to_builtins(found)
    return plain[0] if plain else None
