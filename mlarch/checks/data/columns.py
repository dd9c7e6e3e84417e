"""Columns that are named outside of features: entities, protected groups and the moment of a prediction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...architecture.blocks.evaluation import Evaluation
from ...architecture.blocks.model import Model
from ...architecture.blocks.source import Source
from ...architecture.expressions import Expression
from ...architecture.observations import columns_of, observations_of, over_columns
from ...architecture.types import Column, ValueKind
from ...language.suggest import names, nearest
from ..base import Context
from ..features.expressions import typed


def all_models(context: Context) -> bool:
    """Tell whether every model that is declared is in the architecture: one that has errors is not."""
    return all(at[6:] in context.architecture.model for at in context.positions.blocks if at.startswith("model."))


def model_judged(context: Context, evaluation: Evaluation) -> Model | None:
    """Return the model that an evaluation is of: named, named by its training, or the only one."""
    architecture = context.architecture
    training = architecture.training.get(evaluation.training.name) if evaluation.training is not None else None
    reference = evaluation.model or (training.model if training is not None else None)
    if reference is not None:
        return architecture.model.get(reference.name)
    return next(iter(architecture.model.values())) if len(architecture.model) == 1 and all_models(context) else None


def column_named(context: Context, name: str, columns: Mapping[str, Column], at: str, of: str) -> Column | None:
    """Return a column, or report that there is none of this name and return None."""
    if name in columns:
        return columns[name]
    guess = nearest(name, columns)
    context.error(
        "MLA301",
        f"{of} has no column `{name}`",
        at,
        f"did you mean `{guess}`?" if guess else "unknown column",
        help=f"the columns are {names(columns)}",
        misspelt=name,
        known=columns,
    )
    return None


@dataclass(frozen=True)
class ColumnsAreReal:
    """What a block calls a column is one of the source that the block is about, and a condition on rows is a condition."""

    name: str = "columns"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for group in context.architecture.features.values():
            source_of = context.architecture.source.get(group.source.name)
            if source_of is not None:
                for entity in group.entity:
                    at = f"features.{group.name}.entity"
                    column_named(context, entity, columns_of(source_of), at, f"`source.{source_of.name}`")
        observed: dict[str, Column] = {}
        for model in context.architecture.model.values():
            observations = observations_of(context.architecture, model)
            if observations is not None:
                observed.update(columns_of(observations))
                self._moment(context, model, observations)
        for governance in context.architecture.governance.values():
            for name in governance.protected if observed and all_models(context) else ():
                at = f"governance.{governance.name}.protected"
                column_named(context, name, observed, at, "what the models observe")

    def _moment(self, context: Context, model: Model, observations: Source) -> None:
        if model.as_of is not None:
            moment = over_columns(model.as_of, observations.name, context.positions.carry)
            help = "a timestamp of the row, with a duration: `scheduled - 1h`"
            self._typed(context, moment, columns_of(observations), f"model.{model.name}.as_of", ValueKind.TIMESTAMP, help)

    def _typed(
        self, context: Context, expression: Expression, columns: Mapping[str, Column], at: str, wanted: ValueKind, help: str
    ) -> None:
        kind = typed(context, expression, columns, at)
        if kind not in (None, wanted):
            key = at.rpartition(".")[2]
            context.error("MLA302", f"`{key}` is a {wanted}, not a {kind}", at, f"this is a {kind}", help=help)
