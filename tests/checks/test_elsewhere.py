"""Features over other sources that a feature names: what is right is left alone, and no leak is hidden behind another block."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import mlarch
from mlarch.architecture.histories import program_of
from mlarch.runtime.features import requests, tables
from mlarch.runtime.features.histories.offline import with_histories
from mlarch.runtime.features.histories.online import EventsInMemory, to_completion

FILE = """language = "1.0"
system flights { problem = PROBLEM }
source departures {
  connector = csv("departures.csv")
  entity    = tail
  timestamp = at
  known_at  = landed
  schema {
    tail   : string
    origin : string
    far    : float("mi")
    kind   : category("x", "y", "z")
    at     : timestamp
    landed : timestamp
    late   : bool
    sex    : string
  }
}
source weather {
  connector = csv("weather.csv")
  entity    = origin
  timestamp = seen
  schema {
    origin : string
    seen   : timestamp
    wind   : float("mph")
    sky    : string
  }
}
features flight {
  from = source.departures
  feature far = far
  OWN
}
features air {
  from = source.weather
  feature wind = wind
  OTHER
}
model m {
  family   = FAMILY
  as_of    = at - 1h
  features = [features.READ]
  label    = LABEL
}
training t {
  model = model.m
  split { by = BY }
}
MORE
"""
USUAL = {"PROBLEM": "classification, metric accuracy { baseline = 0.3 }", "FAMILY": "lightgbm", "LABEL": "departures.late", "BY": "time"}


def found(folder: Path, **parts: str) -> list[tuple[str, str]]:
    """Return code and underlined text of what is found in the file with its parts put in place."""
    text = FILE
    for name in ("OWN", "OTHER", "READ", "MORE", *USUAL):
        text = text.replace(name, parts.get(name, USUAL.get(name, "")))
    (folder / "flights.mlarch").write_text(text)
    project = mlarch.load(folder / "flights.mlarch")
    return [(item.code, item.span.text if item.span else "") for item in project.diagnostics]


RIGHT = {
    "a block over the observations names one over another source": {"OWN": "feature x = air.wind * flight.far", "READ": "flight"},
    "a block over another source names one over the observations": {"OTHER": "feature x = air.wind * flight.far", "READ": "air"},
    "there and back": {"OWN": "feature x = air.y + 1", "OTHER": "feature y = flight.far * wind", "READ": "flight"},
    "around a window": {"OWN": "feature x = air.wind * mean(far) over 7d", "READ": "flight"},
    "several columns, alone": {"OWN": "feature x = air.y", "OTHER": "feature y = one_hot(sky)", "READ": "flight"},
    "a text that is encoded here": {"OWN": "feature x = if(air.y, far, 0)", "OTHER": 'feature y = sky == "clear"', "READ": "flight"},
    "a text and a time of a block that no model takes": {
        "OWN": "feature x = minutes_between(raw.when, as_of())\n  feature y = one_hot(raw.what)",
        "MORE": "features raw {\n  from = source.weather\n  feature when = seen\n  feature what = upper(sky)\n}",
        "READ": "flight, features.air",
    },
    "filled here": {"OWN": "feature x = coalesce(air.wind, 0)", "READ": "flight", "FAMILY": "logistic_regression"},
    "units that fit": {"OWN": "feature x = far / air.y", "OTHER": "feature y = hour(seen) + 1", "READ": "flight"},
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_a_value_at_the_moment_may_be_named(name: str, tmp_path: Path) -> None:
    """Values at the observation's moment are put together whatever source each is of."""
    assert found(tmp_path, **RIGHT[name]) == []


WRONG = {
    "inside a window": ({"OWN": "feature x = mean(air.wind * far) over 7d", "READ": "flight"}, "MLA322"),
    "inside a window, behind a name": ({"OWN": "feature x = lag(flight.y, 1)\n  feature y = air.wind + 1", "READ": "flight"}, "MLA322"),
    "of texts": ({"OWN": "feature x = air.y + 1", "OTHER": 'feature y = sky == "clear"', "READ": "flight"}, "MLA302"),
    "a text that a model would take": ({"OTHER": "feature y = sky", "OWN": "feature x = length(air.y)", "READ": "air"}, "MLA306"),
    "a text that nobody takes": ({"MORE": "features raw {\n  from = source.weather\n  feature what = sky\n}", "READ": "air"}, "MLA306"),
    "of several columns": ({"OWN": "feature x = air.y + 1", "OTHER": "feature y = one_hot(sky)", "READ": "flight"}, "MLA324"),
    "in a circle": ({"OWN": "feature x = air.y", "OTHER": "feature y = flight.x + 1", "READ": "flight"}, "MLA403"),
    "a leak behind another block": (
        {"OWN": "feature x = if(late, 1, 0)", "OTHER": "feature y = wind + flight.x", "READ": "air"},
        "MLA404",
    ),
    "known too late, behind another block": (
        {"OWN": "feature x = hours_between(at, landed)", "OTHER": "feature y = wind + flight.x", "READ": "air"},
        "MLA404",
    ),
    "a window over outcomes behind another block, with a split by chance": (
        {"OWN": "feature x = count() over 7d", "OTHER": "feature y = wind + flight.x", "READ": "air", "BY": "random"},
        "MLA455",
    ),
    "missing values behind another block": (
        {"OWN": "feature x = air.wind + 1", "READ": "flight", "FAMILY": "logistic_regression"},
        "MLA456",
    ),
    "units": ({"OWN": "feature x = far + air.wind", "READ": "flight"}, "MLA309"),
    "a label of several classes": (
        {"OWN": "feature x = air.y + 1", "OTHER": "feature y = target_encode(sky)", "READ": "flight", "LABEL": "departures.kind"},
        "MLA325",
    ),
    "a protected column behind another block": (
        {
            "OTHER": "feature y = if(flight.x, wind, 0)",
            "OWN": 'feature x = sex == "f"',
            "READ": "air",
            "MORE": "governance g { protected = [sex] }",
        },
        "MLA458",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_behind_another_block_is_found(name: str, tmp_path: Path) -> None:
    """Kinds, units, leaks, circles and missing values are followed through blocks over other sources."""
    parts, code = WRONG[name]
    assert code in [each for each, _ in found(tmp_path, **parts)]


def test_a_mixed_feature_is_made_of_the_values_of_its_parts(tmp_path: Path) -> None:
    """In a table and at a request it is what its own expression makes of the two values at the observation's moment."""
    assert found(tmp_path, OWN="feature mixed = coalesce(air.wind, -1) * flight.far + count() over 7d", OTHER="", READ="flight") == []
    architecture = mlarch.load(tmp_path / "flights.mlarch").architecture
    assert architecture is not None
    program = program_of(architecture, architecture.model["m"])
    moment = "2024-01-{:02}T{:02}:00:00"
    plain = {"tail": "a", "origin": "o", "kind": "x", "late": True, "sex": "f"}
    rows = [{**plain, "far": float(day), "at": moment.format(day, 12), "landed": moment.format(day, 14)} for day in range(1, 9)]
    weather = [{"origin": "o", "seen": moment.format(day, 11), "wind": 10.0 * day, "sky": "clear"} for day in range(2, 9)]
    held = {"departures": _typed(rows, "at", "landed"), "weather": _typed(weather, "seen")}
    table = tables.apply(program, with_histories(program, held["departures"], held))["flight.mixed"].to_list()
    complete = to_completion(program, EventsInMemory({name: frame.to_dicts() for name, frame in held.items()}))
    closure = requests.to_closure(program)
    alone = [closure(complete(row))[1] for row in held["departures"].to_dicts()]
    # Asked at eleven: the weather of that hour is not known yet, that of the day before is.
    assert table == alone == [-1.0, -2.0 + 1, *[10.0 * (day - 1) * day + min(day - 1, 7) for day in range(3, 9)]]


def _typed(rows: list[dict[str, object]], *times: str) -> pl.DataFrame:
    return pl.DataFrame(rows).with_columns(pl.col(name).str.to_datetime(time_zone="UTC", time_unit="us") for name in times)


MOMENT = {
    "hours since the latest row of another source": ("OTHER", "feature x = hours_between(lag(seen), as_of())", 1.0),
    "hours since the row's own latest": ("OWN", "feature x = hours_between(lag(at, 1), as_of())", 23.0),
    "a part of the moment": ("OWN", "feature x = hour(as_of())", 11.0),
}


@pytest.mark.parametrize("name", MOMENT)
def test_the_moment_of_the_prediction_can_be_named(name: str, tmp_path: Path) -> None:
    """`as_of()` is the model's moment, in blocks over any source, in a table and at a request, and its column is in the request."""
    block, feature, wanted = MOMENT[name]
    assert found(tmp_path, **{block: feature, "READ": "flight, features.air"}) == []
    architecture = mlarch.load(tmp_path / "flights.mlarch").architecture
    assert architecture is not None
    program = program_of(architecture, architecture.model["m"])
    assert "at" in [column.name for column in program.inputs]
    plain = {"tail": "a", "origin": "o", "far": 1.0, "kind": "x", "late": True, "sex": "f"}
    days = ("2024-01-01T12:00:00", "2024-01-02T12:00:00")
    held = {
        "departures": _typed([{**plain, "at": day, "landed": day} for day in days], "at", "landed"),
        "weather": _typed([{"origin": "o", "seen": "2024-01-02T10:00:00", "wind": 1.0, "sky": "clear"}], "seen"),
    }
    made = tables.apply(program, with_histories(program, held["departures"], held)).row(-1)
    complete = to_completion(program, EventsInMemory({name: frame.to_dicts() for name, frame in held.items()}))
    assert made == requests.to_closure(program)(complete(held["departures"].to_dicts()[-1]))
    assert made[program.names.index("flight.x" if block == "OWN" else "air.x")] == wanted


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"OWN": "feature x = mean(hours_between(at, as_of())) over 7d", "READ": "flight"}, "MLA320"),
        ({"LABEL": "hours_between(departures.at, as_of()) > 3", "READ": "flight"}, "MLA312"),
        ({"OWN": "feature x = as_of()", "READ": "flight"}, "MLA306"),
        ({"OWN": "feature x = hour(as_of(at))", "READ": "flight"}, "MLA304"),
    ],
)
def test_the_moment_is_of_the_model_alone(parts: dict[str, str], code: str, tmp_path: Path) -> None:
    """Earlier rows and labels have no moment of a prediction, and it is a time, which no model takes as it is."""
    assert code in [each for each, _ in found(tmp_path, **parts)]


def test_true_counts_as_one_over_a_window(tmp_path: Path) -> None:
    """Sums, means and extremes of what is true or false are of 1 and 0, and what is missing is left out of them."""
    own = "\n  ".join(
        f"feature {name} = {name}({what}) over 30d"
        for name, what in (("sum", "far > 1"), ("mean", "late"), ("max", "far > 5"), ("min", 'null_if(kind, "x") == "y"'))
    )
    assert {code for code, _ in found(tmp_path, OWN=own, READ="flight")} == {"MLA401"}  # that of the block that is not read
    architecture = mlarch.load(tmp_path / "flights.mlarch").architecture
    assert architecture is not None
    program = program_of(architecture, architecture.model["m"])
    rows = [
        {"tail": "a", "origin": "o", "far": float(day), "kind": kind, "late": day > 2, "sex": "f", "at": f"2024-01-0{day}T12:00:00"}
        for day, kind in ((1, "x"), (2, "y"), (3, "z"), (4, "y"))
    ]
    table = _typed([{**row, "landed": row["at"]} for row in rows], "at", "landed")
    made = tables.apply(program, with_histories(program, table, {"departures": table})).rows()[-1]
    assert made[1:] == (2.0, 1 / 3, 0.0, 0.0)
    complete = to_completion(program, EventsInMemory({"departures": table.to_dicts()}))
    assert requests.to_closure(program)(complete(table.to_dicts()[-1])) == made
