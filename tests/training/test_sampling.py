"""A run on a sample learns from a share of the observations; what it knows of the past is all of it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import mlarch
from mlarch.architecture.lock import Lock
from mlarch.runtime.artifacts import Dataset, Prepared
from mlarch.runtime.data.ingestion import read
from mlarch.runtime.features.histories.online import EventsInMemory, to_completion
from mlarch.runtime.features.requests import to_closure
from mlarch.runtime.state import State
from mlarch.runtime.training.preparation import read_part, read_program
from mlarch.targets.dagster.outcomes import Outcome
from mlarch.targets.dagster.work import Work

from .test_histories import project

ROWS = {"sales": 400, "weather": 480}


def sampled(file: Path, share: float | None) -> tuple[Lock, dict[str, Dataset], Prepared]:
    """Ingest and prepare on a share of the observations."""
    lock = mlarch.load(file).compile().lock
    steps = Work(lock, State(lock.root, sampled=share is not None), share).steps
    step = steps["bad/features"]
    datasets = {key.partition("/")[0]: steps[key].run() for key in step.inputs}
    return lock, datasets, step.run(*datasets.values())


def rows_of(made: Prepared) -> int:
    """How many rows a model learns from and is tested on."""
    return sum(part.rows for part in made.parts.values())


def test_windows_of_a_sample_are_over_all_rows(tmp_path: Path) -> None:
    """Each row of the sample has the features that a request of its moment would have, from the events of every row."""
    lock, datasets, made = sampled(project(tmp_path), 0.3)
    assert {name: dataset.rows for name, dataset in datasets.items()} == ROWS
    assert 60 < rows_of(made) < 150 and made.sample == 0.3 and all(dataset.sample is None for dataset in datasets.values())
    program = read_program(lock.root, made)
    events = {name: read(dataset, lock.root).to_dicts() for name, dataset in datasets.items()}
    complete, closure = to_completion(program, EventsInMemory(events)), to_closure(program)
    test, _ = read_part(lock.root, made, "test")
    asked = pl.read_parquet(lock.root / made.folder / "test_rows.parquet").to_dicts()
    assert len(asked) == len(test) > 5
    for row, features in zip(asked, test.rows(), strict=True):
        assert [each or 0.0 for each in features] == pytest.approx([each or 0.0 for each in closure(complete(row))], rel=1e-9)


def test_what_no_history_is_read_of_is_read_in_part(tmp_path: Path) -> None:
    """A source of observations alone is sampled while it is read; a joined one is whole, whatever the share."""
    only_joined = ("features = [features.sale, features.past, features.town, features.sky]", "features = [features.sale, features.sky]")
    _, datasets, made = sampled(project(tmp_path, only_joined), 0.3)
    assert 90 < datasets["sales"].rows < 150 and datasets["sales"].sample == 0.3
    assert datasets["weather"].rows == ROWS["weather"] and made.sample is None


def test_another_share_is_another_sample_and_the_same_share_the_same(tmp_path: Path) -> None:
    """Shares are kept apart, the same one is prepared once, and a larger one holds the rows of a smaller one."""
    file = project(tmp_path)
    _, _, few = sampled(file, 0.3)
    _, _, many = sampled(file, 0.6)
    _, _, every = sampled(file, None)
    assert rows_of(few) < rows_of(many) < rows_of(every) and len({few.folder, many.folder, every.folder}) == 3
    assert sampled(file, 0.3)[2] == few
    tested = {made.folder: pl.read_parquet(tmp_path / made.folder / "test_rows.parquet") for made in (few, many)}
    assert len(tested[few.folder].join(tested[many.folder], on=["shop", "at", "loss"], nulls_equal=True)) > 0


@pytest.mark.servers
def test_a_run_on_another_share_prepares_again_what_was_ingested_whole(tmp_path: Path) -> None:
    """With another share the sources stay as they are, and the features and what follows run; the same share runs nothing."""
    file = project(tmp_path)
    assert mlarch.load(file).run(sample=0.5).ok
    assert set(mlarch.load(file).run(sample=0.5).outcomes.values()) == {Outcome.UNCHANGED}
    again = mlarch.load(file).run(sample=0.7)
    assert again.ok
    assert {key for key, outcome in again.outcomes.items() if outcome is Outcome.DONE} == {"bad/features", "bad/trained", "bad/evaluated"}
