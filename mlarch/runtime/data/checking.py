"""Checking data before anything runs: all that a file has against its schema, nothing written, no more read than the first rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ...architecture.blocks.source import Source
from ...architecture.errors import ArchitectureError
from ..artifacts import RuleResult
from ..features.tables import POLARS_TYPES
from .cleaning import Cleaning
from .conforming import Conforming, hollow, misnamed, readable, shortened
from .connectors import Asked, Rows, open_source
from .copies import is_copy
from .reading import origin
from .validation import measure

#: So many values are read of a table, by whole rows: they and what is worked out of them fit into a few hundred MB.
CELLS = 5_000_000
#: The rows that a message shows.
SHOWN = 3


@dataclass(frozen=True)
class Checked:
    """What a source's data have against its schema, and how many rows were read; `whole` tells whether those are all."""

    problems: tuple[ArchitectureError, ...]
    rows: int = 0
    whole: bool = True


def check_data(source: Source, root: Path) -> Checked | None:
    """Return what the file of a source has against the schema, or None where the source reads no file."""
    if not hasattr(source.connector, "path") or not source.schema.columns:
        return None
    try:
        return _checked(source, root)
    except ArchitectureError as problem:
        return Checked((problem,))


def _checked(source: Source, root: Path) -> Checked:
    most = max(1, CELLS // len(source.schema.columns))
    with readable(source, root):
        rows = open_source(source, root, Asked(first=most + 1))
        named = misnamed(rows.names, source)
        conforming = Conforming(source, rows.names)
        frame = _first(rows, conforming, most + 1)
    if not frame.columns:
        return Checked(tuple(named))
    whole, frame = len(frame) <= most, frame.head(most)
    if not named:  # else a repair may be of a column that is not there
        frame = Cleaning(source)(frame)
        keys = source.clean.dedupe if source.clean else ()
        frame = frame.filter(~is_copy(keys)) if keys else frame
    missing = {name: frame[name].null_count() for name in frame.columns}
    problems = [*named, *conforming.unfit()]
    told = {problem.at for problem in problems}
    problems += [each for each in hollow(len(frame), missing, source) if each.at not in told]  # a value that does not fit is none either
    told |= {problem.at for problem in problems}
    results = measure(frame.lazy(), source, whole=whole and not problems).rules
    problems += _broken(source, [each for each in results if not each.passed and each.at not in told], len(frame))
    return Checked(tuple(problems), len(frame), whole)


def _first(rows: Rows, conforming: Conforming, most: int) -> pl.DataFrame:
    names = [column.name for column in conforming.columns]
    held = [pl.DataFrame(schema={column.name: POLARS_TYPES[column.type] for column in conforming.columns})]
    for batch in rows.batches(names) if names else ():
        held.append(conforming(batch))
        if conforming.rows >= most:
            break
    return pl.concat(held)


def _broken(source: Source, results: list[RuleResult], rows: int) -> Iterator[ArchitectureError]:
    """Yield what is said of each rule that does not hold; a column is judged by its type first, so that no mistake is told twice."""
    for each in results:
        yield ArchitectureError("MLA505", f"{origin(source)} breaks a rule: {each.told(rows)}", at=each.at, help=_rows(each))


def _rows(result: RuleResult) -> str:
    """Where to look in the data."""
    if not result.examples:
        return "change the expectation, or repair the data"
    column = result.at.rpartition(".schema.")[2]
    values = [(next(iter(each.values())), each[column]) for each in result.examples[:SHOWN]]
    shown = ", ".join(f"row {row} has {'no value' if value is None else shortened(str(value))}" for row, value in values)
    return f"{shown}: change the schema, or repair the data"
