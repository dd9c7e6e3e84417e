"""`python`: a function of the user's that returns a table, or yields tables or lists of records."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from ....architecture.blocks.source import PythonSource, Source
from ....architecture.errors import ArchitectureError
from .rows import Asked, Rows, of_frame, of_records


def open_source(source: Source, root: Path, asked: Asked) -> Rows:
    """Return the rows that a function gives; its module is imported now, and at no other time.

    Raises ArchitectureError (MLA513) when there is no such function, or it fails.
    """
    connector = source.connector
    assert isinstance(connector, PythonSource)
    with _told(source, connector.target):
        value = _function(connector.target, root)()
        return _rows(source, connector.target, value)


def _function(target: str, root: Path) -> Any:
    module, _, name = target.partition(":")
    sys.path.insert(0, str(root))
    try:
        importlib.invalidate_caches()
        return getattr(importlib.import_module(module), name)
    finally:
        sys.path.remove(str(root))


def _rows(source: Source, target: str, value: Any) -> Rows:
    if isinstance(value, pl.LazyFrame):
        return of_frame(value)
    if isinstance(value, pl.DataFrame):
        return of_frame(value.lazy())
    if hasattr(value, "to_records"):
        return of_frame(pl.from_pandas(value).lazy())
    if isinstance(value, Sequence):
        return of_records(iter([value]))
    pages = iter(value)
    head: Any = next(pages, [])
    pages = chain([head], pages)
    if not isinstance(head, pl.DataFrame):
        return of_records(pages)

    def batches(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        with _told(source, target):
            for batch in pages:
                yield batch.select(columns)

    return Rows(tuple(head.columns), batches)


@contextmanager
def _told(source: Source, target: str) -> Iterator[None]:
    """Whatever a function of the user's raises is told in one line."""
    try:
        yield
    except (ArchitectureError, GeneratorExit):
        raise
    except Exception as problem:
        lines = str(problem).splitlines() or [""]
        told = f"`{target}` failed: {type(problem).__name__}: {lines[0][:200]}"
        help = "it takes no arguments, and returns a table or a list of records, or yields them"
        if isinstance(problem, ImportError):
            help = "a module stands beside the architecture file, or is installed in this environment"
        raise ArchitectureError("MLA513", told, at=f"source.{source.name}.connector", help=help) from problem
