"""Rows to try a deployment with: rows of the test part, with the columns of the request only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from ...architecture.program import FeatureProgram
from ..artifacts import Prepared
from ..state import State, read_value
from .decoding import Row


def example_row(state: State, model: str, version: str) -> Row | None:
    """Return the first test row as a request brings it, or None where this machine holds no test rows of the model."""
    program = read_value(state.path("serving", model, version, "program.json"), FeatureProgram)
    prepared = read_value(state.path("values", model, "features.json"), Prepared)
    rows = state.root / prepared.folder / "test_rows.parquet" if prepared else None
    if program is None or rows is None or not rows.is_file():
        return None
    return first_row(rows, [column.name for column in program.inputs])


def first_row(path: Path, columns: list[str]) -> Row | None:
    """Return the first row of a Parquet file as JSON's types, or None where it has no rows or lacks a column."""
    import polars as pl

    try:
        found = pl.scan_parquet(path).select(columns).head(1).collect().to_dicts()
    except (pl.exceptions.PolarsError, OSError):
        return None
    plain: Any = msgspec.to_builtins(found)
    return plain[0] if plain else None
