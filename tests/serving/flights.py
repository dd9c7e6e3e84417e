"""A small system of flights that looks back: windows, a lag, the last carrier, a join with the weather; trained, with its store filled."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import mlarch
from mlarch.architecture.lock import Lock
from mlarch.runtime.state import State
from mlarch.targets.dagster.work import Work

from ..projects import empty_database
from ..servers import free_port

FILE = """language = "1.0"
system flights {
  problem = classification
  metric roc_auc { baseline = 0.5 }
}
source departures {
  connector = csv("departures.csv")
  entity    = tail
  timestamp = scheduled
  known_at  = arrived
  refresh   = hourly
  schema {
    tail      : string?
    origin    : category("EWR", "JFK", "LGA")
    carrier   : string
    scheduled : timestamp
    arrived   : timestamp?
    delay     : float("min")?
  }
}
source weather {
  connector = csv("weather.csv")
  entity    = origin
  timestamp = at
  schema {
    origin : category("EWR", "JFK", "LGA")
    at     : timestamp
    wind   : float?
  }
}
feature_store store {
  online = STORE
  MORE
}
features flight { from = source.departures, feature hour = hour(scheduled), feature big = carrier == "AA" }
features plane {
  from = source.departures
  feature late_2d  = mean(if(delay > 15, 1, 0)) over 2d
  feature flown_7d = count() over 7d
  feature worst_7d = max(delay) over 7d
  feature spread   = std(delay) over 7d
  feature before   = lag(delay, 1)
  feature second   = lag(delay, 2)
  feature carriers = distinct(carrier) over 7d
  feature same     = last(carrier) over 7d == carrier
}
features airport {
  from = source.departures
  entity = origin
  feature delay_6h = mean(delay) over 6h
  feature count_6h = count() over 6h
}
features sky { from = source.weather, feature wind = wind, feature gust = max(wind) over 1d }
model late {
  family   = lightgbm
  as_of    = scheduled - 1h
  label    = departures.delay > 15
  features = [features.flight, features.plane, features.airport, features.sky]
}
training t { model = model.late, split { by = time } }
evaluation e { model = model.late, require roc_auc >= 0.6 }
deployment api {
  model = model.late
  port  = PORT
}
"""
#: Requests may ask about every moment of the two months.
LONG = "keep = 60d"
VIEWS = ["departures_by_tail", "departures_by_origin", "weather_by_origin"]


def write(folder: Path) -> Path:
    """Write the file with two months of departures, some of which have not arrived or have no delay, and the weather of three airports."""
    draw, begun = random.Random(11), datetime(2024, 2, 1, tzinfo=UTC)
    departures = ["tail,origin,carrier,scheduled,arrived,delay"]
    for _ in range(1500):
        at = begun + timedelta(minutes=draw.randrange(59 * 24 * 60))
        arrived = "" if draw.random() < 0.05 else (at + timedelta(minutes=draw.randrange(30, 600))).isoformat()
        carrier = draw.choice(("AA", "B6"))
        delay = "" if draw.random() < 0.05 else f"{draw.gauss(25 if carrier == 'AA' else 2, 15):.2f}"
        tail = draw.choice([*(f"N{number}" for number in range(25)), "日本", ""])
        departures.append(f"{tail},{draw.choice(('EWR', 'JFK', 'LGA'))},{carrier},{at.isoformat()},{arrived},{delay}")
    (folder / "departures.csv").write_text("\n".join(departures) + "\n", encoding="utf-8")
    hours = [(begun + timedelta(hours=number)).isoformat() for number in range(0, 59 * 24, 3)]
    weather = [f"{origin},{hour},{draw.uniform(0, 30):.1f}" for hour in hours for origin in ("EWR", "JFK", "LGA")]
    (folder / "weather.csv").write_text("\n".join(["origin,at,wind", *weather]) + "\n", encoding="utf-8")
    return declare(folder)


def declare(folder: Path, store: str = "sqlite()", more: str = LONG) -> Path:
    """Write the file alone, with a store and a port that is free now."""
    text = FILE.replace("STORE", store).replace("MORE", more).replace("PORT", str(free_port()))
    (folder / "flights.mlarch").write_text(text, encoding="utf-8")
    return folder / "flights.mlarch"


@dataclass
class Flights:
    """A system whose steps have run: the architecture file, and what each step gave."""

    file: Path
    values: dict[str, Any]

    @property
    def lock(self) -> Lock:
        """The lock file of the build."""
        return mlarch.load(self.file).compile().lock

    @property
    def bundle(self) -> Path:
        """The folder of the trained model."""
        return self.file.parent / str(self.values["late/trained"].folder)

    def copied(self, to: Path, store: str = "sqlite()", more: str = LONG, *, filled: bool = True) -> Flights:
        """Copy the system to a folder, give it another store, and fill that."""
        shutil.copytree(self.file.parent, to, ignore=shutil.ignore_patterns("feast*", "build"))
        other = Flights(declare(to, store, more), {**self.values})
        if filled:
            run(other, "materialized")
        return other


def run(flights: Flights, *kinds: str) -> Flights:
    """Run the steps of some kinds, one after another, and keep what they give where a run keeps it."""
    lock = flights.lock
    state = State(lock.root)
    for key, step in Work(lock, state).steps.items():
        if step.kind in kinds:
            flights.values[key] = step.run(*(flights.values[each] for each in step.inputs))
            state.write_value(state.path("values", f"{key}.json"), flights.values[key], "run.value")
    return flights


def trained(folder: Path) -> Flights:
    """Write the system, train and register its model, and fill its store in SQLite."""
    file = write(folder)
    shutil.copy(empty_database(), State(folder).path("mlflow.db"))
    return run(Flights(file, {}), "ingested", "features", "trained", "evaluated", "registered", "materialized")
