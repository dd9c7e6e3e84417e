"""What MLflow's own clients load: the bundle as a python_function model that takes raw rows. `MLmodel` names it; nothing is pickled."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ...architecture.blocks.model import Output
from ...architecture.blocks.system import Problem
from ...architecture.errors import ArchitectureError
from ...architecture.lock import read_lock
from ...architecture.types import Column, ColumnType, ValueKind
from ..features.tables import POLARS_TYPES
from ..models.bundle import Bundle
from ..serving.histories import Histories
from ..serving.online_store import histories_of

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.models import ModelSignature


#: Names the lock file of a build, whose feature store is read where MLflow's own clients load a model that reads histories.
LOCK = "MLARCH_LOCK"


class RawRows:
    """A model over raw rows: a pandas table with the request columns goes in, a table of answers comes out."""

    def __init__(self, bundle: Bundle, histories: Histories | None = None) -> None:
        self.bundle = bundle
        self.histories = histories

    def predict(self, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return one answer a row, in order; where the feature store gave none, `fallback` names what is missing of the row."""
        import pandas as pd

        columns = [column.name for column in self.bundle.program.inputs]
        rows = _typed(pl.from_pandas(model_input[columns]), self.bundle.program.inputs)
        rows, fallback = self._completed(rows)
        scores = self.bundle.scores(self.bundle.matrix(rows))
        answers = [_flat(self.bundle.answer(score)) for score in scores.tolist()]
        return pd.DataFrame([{**answer, **said} for answer, said in zip(answers, fallback, strict=True)])

    def _completed(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[dict[str, str]]]:
        """Return rows with the values of their histories, and what is said of each beside its answer."""
        if self.histories is None:
            return rows, [{}] * len(rows)
        made = self.histories.complete_now(rows.to_dicts())
        values = {name: column for name, column in self.bundle.program.columns.items() if name not in rows.columns}
        found = [pl.Series(name, [row[name] for row in made.rows], POLARS_TYPES[column.type]) for name, column in values.items()]
        return rows.with_columns(found), [{"fallback": ", ".join(views)} for views in made.fallback]


def _typed(rows: pl.DataFrame, inputs: tuple[Column, ...]) -> pl.DataFrame:
    """Each column has its type, whatever pandas made of it. Times without a zone are UTC, as everywhere."""
    naive = [
        column.name
        for column in inputs
        if column.kind is ValueKind.TIMESTAMP and getattr(rows.schema[column.name], "time_zone", None) is None
    ]
    rows = rows.with_columns(pl.col(name).cast(pl.Datetime("us")).dt.replace_time_zone("UTC") for name in naive)
    return rows.with_columns(pl.col(column.name).cast(POLARS_TYPES[column.type]) for column in inputs)


def _flat(answer: dict[str, Any]) -> dict[str, Any]:
    """One column a class, where an answer has a probability for each."""
    several = answer.pop("probabilities", None) or {}
    return {**answer, **{f"probability_{name}": value for name, value in several.items()}}


def _load_pyfunc(data_path: str) -> RawRows:
    """Load the model; MLflow calls this by name.

    Raises ArchitectureError (MLA706) where it reads histories and MLARCH_LOCK does not say where they are kept.
    """
    bundle = Bundle.load(Path(data_path))
    if not bundle.program.histories:
        return RawRows(bundle)
    path = os.environ.get(LOCK)
    if not path:
        raise ArchitectureError(
            "MLA706",
            f"`{bundle.head.model}` reads windows, lags or joins from a feature store, and MLflow does not say which",
            help=f"export {LOCK}=…/build/{bundle.head.system}/architecture.lock.json, the lock file of the build that names it",
        )
    return RawRows(bundle, histories_of(read_lock(Path(path)), bundle.program))


_TYPES = {ValueKind.NUMBER: "double", ValueKind.BOOLEAN: "boolean", ValueKind.TEXT: "string", ValueKind.TIMESTAMP: "datetime"}


def signature(bundle: Bundle) -> ModelSignature:
    """Return the signature: the request columns in, the answer's columns out."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    def typed(column: Column) -> str:
        # A column of whole numbers with gaps is floating point in pandas: only one without may ask for integers.
        return "long" if column.type is ColumnType.INT and not column.nullable else _TYPES[column.kind]

    inputs = Schema([ColSpec(typed(column), column.name, required=not column.nullable) for column in bundle.program.inputs])
    said = [("fallback", "string")] if bundle.program.histories else []
    return ModelSignature(inputs, Schema([ColSpec(kind, name) for name, kind in [*_answer_columns(bundle), *said]]))


def _answer_columns(bundle: Bundle) -> list[tuple[str, str]]:
    head = bundle.head
    if head.problem is Problem.REGRESSION:
        return [("value", "double")]
    label = "boolean" if set(head.classes) == {"true", "false"} else "string"
    if head.output is Output.CLASS:
        return [("label", label)]
    if len(head.classes) == 2:
        return [("probability", "double"), ("label", label)]
    return [("label", label), *((f"probability_{name}", "double") for name in head.classes)]
