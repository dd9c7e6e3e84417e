"""Rows for a request, from a file: tables bring texts or types of their own, a request has JSON's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from ...architecture.errors import ArchitectureError
from ..data.conforming import FALSE, TRUE
from ..data.connectors.files import MISSING

#: What a request says of its columns: the properties of the row in the OpenAPI description.
Columns = Mapping[str, Mapping[str, Any]]


def read_rows(path: Path, columns: Columns) -> tuple[list[Any], list[str]]:
    """Return the rows of a file with the request's columns only, and the names of the columns that were left out.

    Raises ArchitectureError (MLA507) when the file is not what its suffix says.
    """
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise ArchitectureError("MLA507", f"{path.name} is no table that can be read", help=f"give {', '.join(_READERS)}, or `-` for JSON")
    try:
        rows = read(path, columns)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError, pl.exceptions.PolarsError) as problem:
        first = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
        raise ArchitectureError("MLA507", f"{path.name} cannot be read: {first}") from None
    left = dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row if name not in columns)
    return [{name: row[name] for name in row if name in columns} if isinstance(row, dict) else row for row in rows], list(left)


def rows_of(data: bytes) -> list[Any]:
    """Return the rows of a JSON document: one object, a list of them, or `{"rows": [...]}`.

    Raises ArchitectureError (MLA507) when it is no JSON.
    """
    try:
        held = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise ArchitectureError("MLA507", f"this is not JSON: {problem}", help='a row is `{"column": value, …}`') from None
    if isinstance(held, dict) and set(held) == {"rows"}:
        held = held["rows"]
    return held if isinstance(held, list) else [held]


def _json(path: Path, columns: Columns) -> list[Any]:
    return rows_of(path.read_bytes())


def _lines(path: Path, columns: Columns) -> list[Any]:
    return list(msgspec.json.Decoder().decode_lines(path.read_bytes()))


def _parquet(path: Path, columns: Columns) -> list[Any]:
    return list(msgspec.to_builtins(pl.read_parquet(path).to_dicts()))


def _separated(separator: str) -> Callable[[Path, Columns], list[Any]]:
    def read(path: Path, columns: Columns) -> list[Any]:
        frame = pl.read_csv(path, separator=separator, infer_schema=False, null_values=MISSING)
        return [{name: _value(text, columns.get(name, {})) for name, text in row.items()} for row in frame.to_dicts()]

    return read


_READERS: dict[str, Callable[[Path, Columns], list[Any]]] = {
    ".csv": _separated(","),
    ".tsv": _separated("\t"),
    ".jsonl": _lines,
    ".ndjson": _lines,
    ".json": _json,
    ".parquet": _parquet,
}


def _value(text: str | None, column: Mapping[str, Any]) -> Any:
    """Return a cell as the request's type; what it cannot be stays text, and is refused by the server with its reason."""
    if text is None:
        return None
    kinds = column.get("type", "string")
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        with contextlib.suppress(ValueError):
            if kind in ("number", "integer"):
                return float(text) if kind == "number" else int(text)
        if kind == "boolean" and text.strip() in (*TRUE, *FALSE):
            return text.strip() in TRUE
    return text
