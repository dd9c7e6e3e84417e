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
    """Return a test row as a request brings it, or None where this machine holds no test rows with such columns.

    It is the first one; of a model that looks back it is the latest, since a feature store answers for the recent past.
    """
    import polars as pl

    prepared, names = read_value(state.path("values", model, "features.json"), Prepared), list(columns)
    if prepared is None or not names:
        return None
    try:
        rows = pl.scan_parquet(state.root / prepared.folder / "test_rows.parquet").select(names)
        times = [name for name, kind in rows.collect_schema().items() if kind.is_temporal()] if prepared.histories else []
        found = (rows.sort(times, descending=True, nulls_last=True) if times else rows).head(1).collect().to_dicts()
    except (pl.exceptions.PolarsError, OSError):
        return None
    plain: Any = msgspec.to_builtins(found)
    return plain[0] if plain else None
