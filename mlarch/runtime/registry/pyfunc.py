"""What MLflow's own clients load: the bundle as a python_function model that takes raw rows. `MLmodel` names it; nothing is pickled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ...architecture.blocks.model import Output
from ...architecture.blocks.system import Problem
from ...architecture.types import Column, ColumnType, ValueKind
from ..models.bundle import Bundle

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.models import ModelSignature


class RawRows:
    """A model over raw rows: a pandas table with the request columns goes in, a table of answers comes out."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    def predict(self, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return one answer a row, in order."""
        import pandas as pd

        columns = [column.name for column in self.bundle.program.inputs]
        rows = pl.from_pandas(model_input[columns])
        scores = self.bundle.scores(self.bundle.matrix(_aware(rows, self.bundle.program.inputs)))
        answers = [self.bundle.answer(score) for score in scores.tolist()]
        return pd.DataFrame([_flat(answer) for answer in answers])


def _aware(rows: pl.DataFrame, inputs: tuple[Column, ...]) -> pl.DataFrame:
    """Times without a zone are UTC, as everywhere."""
    naive = [
        column.name
        for column in inputs
        if column.kind is ValueKind.TIMESTAMP and getattr(rows.schema[column.name], "time_zone", None) is None
    ]
    return rows.with_columns(pl.col(name).cast(pl.Datetime("us")).dt.replace_time_zone("UTC") for name in naive)


def _flat(answer: dict[str, Any]) -> dict[str, Any]:
    """One column a class, where an answer has a probability for each."""
    several = answer.pop("probabilities", None) or {}
    return {**answer, **{f"probability_{name}": value for name, value in several.items()}}


def _load_pyfunc(data_path: str) -> RawRows:
    """Load the model; MLflow calls this by name. Raises ArchitectureError (MLA801) where a row is not all that it answers from."""
    return RawRows(Bundle.load(Path(data_path)).alone())


_TYPES = {ValueKind.NUMBER: "double", ValueKind.BOOLEAN: "boolean", ValueKind.TEXT: "string", ValueKind.TIMESTAMP: "datetime"}


def signature(bundle: Bundle) -> ModelSignature:
    """Return the signature: the request columns in, the answer's columns out."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    def typed(column: Column) -> str:
        # A column of whole numbers with gaps is floating point in pandas: only one without may ask for integers.
        return "long" if column.type is ColumnType.INT and not column.nullable else _TYPES[column.kind]

    inputs = Schema([ColSpec(typed(column), column.name, required=not column.nullable) for column in bundle.program.inputs])
    return ModelSignature(inputs, Schema([ColSpec(kind, name) for name, kind in _answer_columns(bundle)]))


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
