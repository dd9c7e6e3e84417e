"""A model over histories from its tables to its registry: training sees what was known at each row's moment, and nothing later."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.lock import Lock
from mlarch.runtime.artifacts import Dataset, Evaluated, Prepared, Trained
from mlarch.runtime.data.ingestion import read
from mlarch.runtime.features.histories.online import EventsInMemory, to_completion
from mlarch.runtime.features.requests import to_closure
from mlarch.runtime.state import State
from mlarch.runtime.training.preparation import read_part, read_program
from mlarch.targets.dagster.work import Work
from tests.projects import empty_database

FILE = """language = "1.0"
system shops {
  problem = classification
  metric roc_auc { baseline = 0.5 }
}
source sales {
  connector = csv("sales.csv")
  entity    = shop
  timestamp = at
  known_at  = settled
  refresh   = hourly
  schema {
    shop    : string?
    city    : category("Rome", "Oslo")
    at      : timestamp
    settled : timestamp?
    loss    : float?
  }
}
source weather {
  connector = csv("weather.csv")
  entity    = city
  timestamp = at
  schema {
    city : category("Rome", "Oslo")
    at   : timestamp
    wind : float?
  }
}
features sale { from = source.sales, feature hour = hour(at) }
features past {
  from = source.sales
  feature usual  = impute_mean(mean(loss) over 2d)
  feature sales  = count() over 1d
  feature before = coalesce(lag(loss, 1), -1)
}
features town { from = source.sales, entity = city, feature worst = impute_mean(max(loss) over 1d) }
features sky { from = source.weather, feature wind = impute_median(wind), feature gone = wind - lag(wind, 2) > 0 and wind > 3 }
model bad {
  family   = lightgbm
  as_of    = at - 1h
  label    = sales.loss > 5
  features = [features.sale, features.past, features.town, features.sky]
  hyperparameters { n_estimators = 5 }
}
training t { model = model.bad, split { by = time } }
evaluation e { model = model.bad, require roc_auc >= champion.roc_auc - 90% }
"""


def project(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write a project with a few hundred sales, some unsettled, and the weather of two cities."""
    draw, begun = random.Random(5), datetime(2024, 3, 1, tzinfo=UTC)
    sales = ["shop,city,at,settled,loss"]
    for _ in range(400):
        at = begun + timedelta(minutes=draw.randrange(30 * 24 * 60))
        settled = "" if draw.random() < 0.1 else (at + timedelta(minutes=draw.randrange(600))).isoformat()
        loss = "" if draw.random() < 0.1 else f"{draw.gauss(4, 4):.3f}"
        sales.append(f"{draw.choice(('a', 'b', 'c', ''))},{draw.choice(('Rome', 'Oslo'))},{at.isoformat()},{settled},{loss}")
    (folder / "sales.csv").write_text("\n".join(sales) + "\n")
    times = [(begun + timedelta(hours=3 * number)).isoformat() for number in range(240)]
    weather = [f"{city},{time},{draw.uniform(0, 9):.2f}" for time in times for city in ("Rome", "Oslo")]
    (folder / "weather.csv").write_text("\n".join(["city,at,wind", *weather]) + "\n")
    text = FILE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "shops.mlarch").write_text(text)
    return folder / "shops.mlarch"


def prepared(file: Path) -> tuple[Lock, dict[str, Dataset], Prepared]:
    """Ingest both sources and prepare the model's matrices."""
    lock = mlarch.load(file).compile().lock
    steps = Work(lock, State(lock.root)).steps
    step = steps["bad/features"]
    datasets = {key.partition("/")[0]: steps[key].run() for key in step.inputs}
    return lock, datasets, step.run(*datasets.values())


def test_training_rows_are_what_a_request_would_be_given(tmp_path: Path) -> None:
    """Every row of every matrix has the features that the request of its moment has, from the events of all rows, unlabelled ones too."""
    lock, datasets, made = prepared(project(tmp_path))
    tables = {name: read(dataset, lock.root) for name, dataset in datasets.items()}
    program = read_program(lock.root, made)
    complete = to_completion(program, EventsInMemory({name: table.to_dicts() for name, table in tables.items()}))
    closure = to_closure(program)
    by_time = tables["sales"].with_row_index("row").filter(pl.col("loss").is_not_null()).sort("at", maintain_order=True)
    lengths = [part.rows for part in made.parts.values()]
    parts = [by_time[sum(lengths[:place]) :][:length].sort("row") for place, length in enumerate(lengths)]
    labelled = pl.concat(parts).drop("row")
    found = pl.concat([read_part(lock.root, made, part)[0] for part in ("train", "validation", "test")])
    assert len(labelled) == len(found) and list(made.histories) == ["sales", "weather"]
    for row, features in zip(labelled.to_dicts(), found.rows(), strict=True):
        wanted = closure(complete(row))
        assert [each is None for each in features] == [each is None for each in wanted]
        assert [each or 0.0 for each in features] == pytest.approx([each or 0.0 for each in wanted], rel=1e-9)


def test_the_request_has_the_entity_and_the_moment_and_nothing_joined(tmp_path: Path) -> None:
    """The program's inputs are columns of the observations: those that the features read themselves, the entities and `as_of`."""
    lock, _, made = prepared(project(tmp_path))
    assert [column.name for column in read_program(lock.root, made).inputs] == ["shop", "city", "at"]


def test_other_weather_makes_other_features(tmp_path: Path) -> None:
    """The rows of a joined source are part of the work's identity: unchanged they are read once, changed they are joined anew."""
    file = project(tmp_path)
    _, _, first = prepared(file)
    assert prepared(file)[2] == first
    with (tmp_path / "weather.csv").open("a") as more:
        more.write("".join(f"Rome,2024-03-02T{hour:02}:30:00+00:00,99\n" for hour in range(24)))
    _, _, second = prepared(file)
    assert second.digest != first.digest and second.dataset == first.dataset


@pytest.mark.parametrize("value", ["lag(loss, 1)", "last(loss) over 2d"])
def test_rows_that_would_see_their_own_outcome_are_refused(value: str, tmp_path: Path) -> None:
    """Asked a day after a sale, many outcomes are known: a model that finds them in its own history is not trained."""
    late = ("as_of    = at - 1h", "as_of    = at + 1d")
    with pytest.raises(ArchitectureError) as refused:
        prepared(project(tmp_path, late, ("lag(loss, 1)", value)))
    assert refused.value.code == "MLA610" and refused.value.at == "model.bad.as_of" and "`loss`" in refused.value.message


def test_an_outcome_that_no_window_reaches_is_not_seen(tmp_path: Path) -> None:
    """Asked long after, a row is visible and in none of its windows of the label any more: that is no leak."""
    file = project(
        tmp_path,
        ("as_of    = at - 1h", "as_of    = at + 9d"),
        ("  feature before = coalesce(lag(loss, 1), -1)\n", ""),
        ("count() over 1d", "count() over 30d"),
    )
    assert prepared(file)[2].parts["train"].rows > 100


def gone_through(file: Path) -> tuple[Lock, Trained, Evaluated]:
    """Prepare, train, evaluate and register, without Dagster between."""
    lock, _, made = prepared(file)
    steps = Work(lock, State(lock.root)).steps
    trained = steps["bad/trained"].run(made)
    judged = steps["bad/evaluated"].run(made, trained)
    steps["bad/registered"].run(trained, judged)
    return lock, trained, judged


def test_versions_are_compared_on_histories(tmp_path: Path) -> None:
    """A second version is compared with the first, each on histories of its own."""
    file = project(tmp_path)
    shutil.copy(empty_database(), State(tmp_path).path("mlflow.db"))
    gone_through(file)
    file.write_text(FILE.replace("n_estimators = 5", "n_estimators = 6").replace("count() over 1d", "count() over 3d"))
    _, _, judged = gone_through(file)
    assert judged.gate[0].left is not None and judged.gate[0].right is not None and judged.gate[0].note is None


def test_a_deployment_of_histories_is_compiled(tmp_path: Path) -> None:
    """A model that looks back may answer requests: nothing is said against it."""
    file = project(tmp_path, ("training t {", "deployment api { model = model.bad }\ntraining t {"))
    assert not mlarch.load(file).refusals
