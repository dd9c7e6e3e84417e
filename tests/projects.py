"""Projects on data sets that come with scikit-learn, and their steps as plain functions, without Dagster between them."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import polars as pl
from sklearn import datasets

import mlarch
from mlarch.architecture.lock import Lock
from mlarch.runtime.artifacts import Dataset, Evaluated, Prepared, Registered, Trained
from mlarch.runtime.state import State
from mlarch.targets.dagster.work import Work

#: Each data set: loader, problem, metric with its baseline, and the columns that become features.
SETS = {
    "wine": (datasets.load_wine, "classification", "accuracy", "0.5", ("alcohol", "flavanoids", "color_intensity", "proline")),
    "diabetes": (datasets.load_diabetes, "regression", "r2", "0.0", ("bmi", "bp", "s5")),
}


def write(folder: Path, name: str, family: str, more: str = "") -> Path:
    """Write a project on a data set into a folder, and return its architecture file."""
    load, problem, metric, baseline, columns = SETS[name]
    loaded = load()
    table = pl.DataFrame(dict(zip(loaded.feature_names, loaded.data.T, strict=True))).select(columns)
    kinds = [str(each) for each in getattr(loaded, "target_names", [])]
    label = [kinds[each] for each in loaded.target] if problem == "classification" else loaded.target
    table.with_columns(label=pl.Series(label)).write_csv(folder / "rows.csv")
    of = "category(" + ", ".join(f'"{each}"' for each in kinds) + ")" if problem == "classification" else "float"
    schema = "\n".join(f"    {column} : float" for column in columns)
    features = "\n".join(f"  feature {column} = standardize({column})" for column in columns)
    file = folder / f"{name}.mlarch"
    file.write_text(
        f"""language = "1.0"
system {name} {{
  problem = {problem}
  metric {metric} {{ baseline = {baseline} }}
}}
source rows {{
  connector = csv("rows.csv")
  schema {{
{schema}
    label : {of}
  }}
}}
features f {{
  from = source.rows
{features}
}}
model m {{
  family = {family}
  features = [features.f]
  label = rows.label
}}
{more}
"""
    )
    return file


@cache
def empty_database() -> Path:
    """A database of MLflow's without runs: to make one takes seconds, to copy one nothing."""
    import mlflow

    path = Path(tempfile.mkdtemp()) / "mlflow.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    mlflow.MlflowClient(f"sqlite:///{path}").search_experiments(max_results=1)
    return path


class Steps:
    """The steps of a project's model, each run by hand; what an earlier one gave is kept."""

    def __init__(self, file: Path, *overrides: str) -> None:
        self.lock: Lock = mlarch.load(file, overrides).compile().lock
        self.state = State(self.lock.root)
        if not self.state.path("mlflow.db").exists():
            shutil.copy(empty_database(), self.state.path("mlflow.db"))
        self.work = Work(self.lock, self.state)
        (self.model,) = self.lock.architecture.model
        (self.source,) = self.lock.architecture.source
        self.dataset: Dataset
        self.prepared: Prepared
        self.trained: Trained
        self.evaluated: Evaluated

    def prepare(self) -> Prepared:
        """Ingest and prepare."""
        self.dataset = self.work.steps[f"{self.source}/ingested"].run()
        self.prepared = self.work.steps[f"{self.model}/features"].run(self.dataset)
        return self.prepared

    def train(self) -> Trained:
        """Ingest, prepare and train."""
        self.trained = self.work.steps[f"{self.model}/trained"].run(self.prepare())
        return self.trained

    def evaluate(self) -> Evaluated:
        """All up to the evaluation."""
        self.train()
        self.evaluated = self.work.steps[f"{self.model}/evaluated"].run(self.prepared, self.trained)
        return self.evaluated

    def register(self) -> Registered:
        """All of them."""
        self.evaluate()
        registered: Registered = self.work.steps[f"{self.model}/registered"].run(self.trained, self.evaluated)
        return registered
