"""Preparing by batches: what comes out depends on the rows alone, and not on how many of them are in memory at once."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.pipeline import pipeline_of
from mlarch.runtime.artifacts import Prepared
from mlarch.runtime.data import writing
from mlarch.runtime.data.batches import Held, Stored
from mlarch.runtime.features.histories import partitions
from mlarch.runtime.state import State
from mlarch.runtime.training import places
from mlarch.targets.dagster.work import Work

from .test_histories import project

HOUR = "feature hour = hour(at)"
LEARNT = """
  feature hour    = hour(at)
  feature where   = target_encode(city)
  feature around  = standardize(target_encode(concat(city, shop)))
  feature who     = one_hot(shop)
  feature words   = tfidf(concat(shop, " of ", city), 3)
  feature middle  = impute_median(if(hour(at) > 3, hour(at), null))
  feature spread  = standardize(sqrt(minute(at)))
  feature tenth   = quantile_bin(hour(at))
  feature common  = ordinal(impute_mode(shop))
  feature always  = 1
"""


def made(file: Path) -> tuple[Path, Prepared]:
    """Prepare the model of a file; return where everything is."""
    lock = mlarch.load(file).compile().lock
    steps = Work(lock, State(lock.root)).steps
    step = steps["bad/features"]
    return lock.root, step.run(*(steps[key].run() for key in step.inputs))


def by_batches(monkeypatch: pytest.MonkeyPatch, rows: int, partition: int) -> None:
    """Let no table fit into memory."""
    monkeypatch.setattr(places, "SHARE", 0)
    monkeypatch.setattr(places, "BATCH", rows)
    monkeypatch.setattr(partitions, "PARTITION", partition)


@pytest.mark.parametrize(
    ("by", "rows", "partition"), [("time", 7, 100), ("random", 64, 13), ("stratified", 399, 10_000), ("time", 1000, 1)]
)
def test_matrices_are_the_same_by_batches(by: str, rows: int, partition: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Digest, program, rows of every part and the raw test rows are those of all rows at once, with every function that learns."""
    changes = ((HOUR, LEARNT), ("split { by = time }", f"split {{ by = {by}, validation = 20%, seed = 3 }}"))
    monkeypatch.setattr(writing, "BATCH", 50)  # row groups, which are pieces of a column in memory
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    for folder in (whole, cut):
        folder.mkdir()
    root, wanted = made(project(whole, *changes))
    by_batches(monkeypatch, rows, partition)
    other, found = made(project(cut, *changes))
    assert (found.digest, found.parts, found.features) == (wanted.digest, wanted.parts, wanted.features)
    for name in ("train.parquet", "validation.parquet", "test.parquet", "test_rows.parquet"):
        assert pl.read_parquet(other / found.folder / name).equals(pl.read_parquet(root / wanted.folder / name)), name
        assert (other / found.folder / name).read_bytes() == (root / wanted.folder / name).read_bytes(), name
    assert (other / found.folder / "program.json").read_bytes() == (root / wanted.folder / "program.json").read_bytes()
    assert not [each for each in (other / found.folder).parent.iterdir() if each.name.startswith(".")], "scratch files are left"


def test_a_table_that_is_small_beside_the_memory_is_worked_on_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns, values of histories and features, eight bytes each, may take a sixteenth of the memory; else batches are read."""
    lock = mlarch.load(project(tmp_path)).compile().lock
    steps = Work(lock, State(lock.root)).steps
    datasets = {name: steps[f"{name}/ingested"].run() for name in ("sales", "weather")}
    pipeline = pipeline_of(lock.architecture, "bad")
    values = sum(len(history.values) for history in pipeline.program.histories)
    size = max(each.rows for each in datasets.values()) * (5 + values + len(pipeline.program.features)) * 8
    for memory, kind in ((16 * size, Held), (16 * size - 1, Stored)):
        monkeypatch.setattr(places, "_memory", lambda memory=memory: memory)
        tables = places.Here(lock.root, tmp_path).tables(pipeline, datasets)
        assert {type(table) for table in tables.values()} == {kind}


def test_what_is_wrong_is_found_by_batches_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that see their own label, a label of one class and a damaged file are told as ever, and nothing is left behind."""
    by_batches(monkeypatch, 50, 100)
    own = ("label    = sales.loss > 5", "label    = sales.loss > 5000")
    with pytest.raises(ArchitectureError, match="one class only"):
        made(project(tmp_path, own))
    assert not [*tmp_path.rglob("answers-*"), *tmp_path.rglob("questions-*"), *tmp_path.rglob("train.parquet")]
    file = project(tmp_path)
    lock = mlarch.load(file).compile().lock
    steps = Work(lock, State(lock.root)).steps
    datasets = [steps[key].run() for key in steps["bad/features"].inputs]
    damaged = lock.root / datasets[0].path
    damaged.write_bytes(damaged.read_bytes()[:-100])
    with pytest.raises(ArchitectureError) as raised:
        steps["bad/features"].run(*datasets)
    assert raised.value.code == "MLA608" and not damaged.exists()
