"""What a feature learns from the label fits the label."""

from __future__ import annotations

from dataclasses import dataclass

from ...architecture.blocks.model import Model
from ...architecture.blocks.source import Source
from ...architecture.expressions import Apply, Name, walk
from ...architecture.observations import columns_of, observations_of, over_columns
from ...architecture.types import ValueKind
from ...architecture.typing import TypeProblem, kind_of
from ..base import Context
from ..features.chains import written_out
from ..features.elsewhere import reached


@dataclass(frozen=True)
class LabelsHaveOneMean:
    """`target_encode` is in the features of models whose label is true or false, a number, or one of two texts: its mean is one number."""

    name: str = "encoding"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for model in context.architecture.model.values():
            observations = observations_of(context.architecture, model)
            if model.label is not None and observations is not None and _several(model, observations):
                self._model(context, model)

    def _model(self, context: Context, model: Model) -> None:
        for group, name in reached(context, model):
            for node in walk(written_out(context, group, name)):
                if isinstance(node, Apply) and node.function == "target_encode":
                    context.findings.error(
                        "MLA325",
                        f"`target_encode` is the mean of a label, and that of `model.{model.name}` has several classes",
                        context.where(node, f"features.{group.name}.feature.{name}"),
                        "the mean of what?",
                        help='encode it without the label, `one_hot(…)`, or compare the label: `label = … == "…"`',
                    )


def _several(model: Model, observations: Source) -> bool:
    """Tell whether a label is a text that is known to have more than two values, or not known to have two."""
    assert model.label is not None, "asked for models with a label"
    label, columns = over_columns(model.label, observations.name), columns_of(observations)
    try:
        if kind_of(label, columns) is not ValueKind.TEXT:
            return False
    except TypeProblem:
        return False  # told already
    column = columns.get(label.parts[0]) if isinstance(label, Name) else None
    return column is None or len(column.categories) != 2
