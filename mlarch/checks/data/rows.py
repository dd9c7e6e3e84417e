"""What is worked out for one row is made of one row: labels, moments of prediction and repairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...architecture.architecture import Architecture
from ...architecture.expressions import Apply, Expression, Name, Window, walk
from ...architecture.functions import FUNCTIONS, Role
from ...architecture.observations import columns_of, observations_of, over_columns
from ...architecture.types import ColumnType
from ..base import Context


@dataclass(frozen=True)
class RowsStandAlone:
    """A label, `as_of` and a repair read columns of their own row: nothing over many rows, nothing learnt, and no bare constant."""

    name: str = "rows"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for at, what, expression in _of_a_row(context.architecture):
            of_features_alone(context, what, expression, at)
            for node in walk(expression):
                told = _over_many(node)
                if told is not None:
                    message = f"{what} is of one row, and {told}"
                    context.findings.error("MLA312", message, context.where(node, at), "of other rows", help="use the columns of the row")
                    break
            else:
                if what != "a repair" and not any(isinstance(node, Name) for node in walk(expression)):
                    context.error("MLA312", f"{what} names no column: it is the same for every row", at, "of no column")
        self._identifiers(context)

    def _identifiers(self, context: Context) -> None:
        """A label that is another one for every row has nothing to learn."""
        for model in context.architecture.model.values():
            observations = observations_of(context.architecture, model)
            if model.label is None or observations is None:
                continue
            label = over_columns(model.label, observations.name)
            column = columns_of(observations).get(label.parts[-1]) if isinstance(label, Name) else None
            if column is not None and column.type is ColumnType.ID:
                message = f"`{column.name}` tells the rows apart, so that no class of it has several"
                context.error("MLA409", message, f"model.{model.name}.label", "an identifier")


def _of_a_row(architecture: Architecture) -> Iterator[tuple[str, str, Expression]]:
    for model in architecture.model.values():
        if model.label is not None:
            yield f"model.{model.name}.label", "a label", model.label
        if model.as_of is not None:
            yield f"model.{model.name}.as_of", "the moment of a prediction", model.as_of
    for source in architecture.source.values():
        for key in ("null_if", "where") if source.clean is not None else ():
            said = getattr(source.clean, key)
            for repair in said if isinstance(said, tuple) else (said,):
                if repair is not None:
                    yield f"source.{source.name}.clean.{key}", "a repair", repair


def of_features_alone(context: Context, what: str, expression: Expression, at: str) -> None:
    """Only a feature calls a function of the user's: its code is kept with the model. Only a feature is asked for at a moment."""
    for node in walk(expression):
        if isinstance(node, Apply) and node.function in FUNCTIONS and FUNCTIONS[node.function].role is Role.MOMENT:
            told, help = f"{what} is of the row alone", "name the column of the moment"
            context.findings.error("MLA312", told, context.where(node, at), "of the model that asks", help=help)
        if isinstance(node, Apply) and node.function in FUNCTIONS and FUNCTIONS[node.function].role is Role.OWN:
            help = "compute it where the rows come from, as a column; `python(…)` is for features"
            context.findings.error("MLA326", f"{what} calls no function of your own", context.where(node, at), "in no feature", help=help)


def _over_many(node: Expression) -> str | None:
    if isinstance(node, Window):
        return "`over` is of earlier ones"
    if isinstance(node, Apply) and node.function in FUNCTIONS:
        role = FUNCTIONS[node.function].role
        if role is Role.AGGREGATE:
            return f"`{node.function}` is over many"
        if role is Role.FITTED:
            return f"`{node.function}` is learnt from many"
        if role is Role.EARLIER:
            return f"`{node.function}` is of an earlier one"
    return None
