"""The flights of 2013 as the online store keeps them: how large the events of an entity are, how fast they are made, what a request costs.

`python -m tests.benchmarks.events` prints the figures of decision 11. Times are of the processor, so that what else runs on the machine
counts little.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

import msgspec
import polars as pl

from mlarch.architecture.program import FeatureProgram, History
from mlarch.architecture.types import Column, ColumnType
from mlarch.runtime.features.histories.online import EventsInMemory, to_completion
from mlarch.runtime.features.store.encoding import encode
from mlarch.runtime.features.store.events import decode

from ..features.histories.stored import HOUR, Row, Stored, view
from .histories import Histories, Tables

DAY = 24 * HOUR


def lines(program: FeatureProgram, tables: Tables, days: tuple[int, ...] = (1, 3, 7), times: int = 2_000) -> Iterator[str]:
    """Yield a line for each figure: what is kept of each view, and a request for the last row, that many `days` being kept."""
    row = tables["departures"].row(-1, named=True)
    for kept in days:
        for history in program.histories:
            yield f"keep = {kept}d, {written(history, tables[history.source], kept * DAY)}"
        stored = Stored(program, tables, kept * DAY)
        events = max(decode(blob).count for blobs in stored.kept.values() for blob in blobs.values())
        yield f"keep = {kept}d, a request: {seconds(lambda: stored(row), times) * 1e6:.1f} µs, {events:,} events at most"  # noqa: B023
    alone, table = of_each_row(program.histories[0], tables)
    yield f"each row an entity: {written(alone, table, DAY)}"
    complete = to_completion(program, EventsInMemory({each.source: of_last_week(each, tables) for each in program.histories}))
    yield f"a request over lists of the last week's rows: {seconds(lambda: complete(row), max(1, times // 20)) * 1000:.1f} ms"


def written(history: History, table: pl.DataFrame, keep: int) -> str:
    """Encode a history, and say how large it is and how long that took."""
    started = time.process_time()
    encoded = encode(view(history), table, keep)
    rate = len(table) / (time.process_time() - started)
    size = encoded["events"].bin.size().mean()
    return f"{view(history).name}: {len(encoded):,} entities of {size:,.0f} bytes, {rate:,.0f} rows a second"


def of_each_row(history: History, tables: Tables) -> tuple[History, pl.DataFrame]:
    """Return a history in which each row is an entity of its own, and its table."""
    table = tables[history.source].with_row_index("row").cast({"row": pl.Int64})
    columns = (*history.columns, Column(name="row", type=ColumnType.INT))
    return msgspec.structs.replace(history, entity=("row",), columns=columns), table


def of_last_week(history: History, tables: Tables) -> list[Row]:
    """Return the last rows of a history, as dictionaries."""
    time = pl.col(history.timestamp)
    return tables[history.source].filter(time > time.max() - pl.duration(days=7)).to_dicts()


def seconds(work: Callable[[], object], times: int) -> float:
    """Return what it costs in the mean."""
    started = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - started) / times


def main() -> int:
    """Print the figures."""
    made = Histories()
    for line in lines(made.program, made.tables):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
