"""Protected groups are watched: what a model is told of them is bounded by a fairness condition."""

from __future__ import annotations

from dataclasses import dataclass

from ...architecture.blocks.model import Model
from ...architecture.expressions import Name, walk
from ...architecture.observations import observations_of
from ...architecture.pipeline import evaluation_of
from ..base import Context
from ..features.chains import written_out
from ..features.elsewhere import reached


@dataclass(frozen=True)
class ProtectedColumnsAreWatched:
    """A feature that reads a protected column, without a bound on the differences between its groups, treats people by their group."""

    name: str = "protection"
    of_the_whole: bool = True

    def run(self, context: Context) -> None:
        protected = {name for each in context.architecture.governance.values() for name in each.protected}
        for model in context.architecture.model.values() if protected else ():
            evaluation = evaluation_of(context.architecture, model.name)
            fairness = evaluation.fairness if evaluation is not None else None
            watched = {fairness.attribute} if fairness is not None and fairness.conditions else set()
            self._model(context, model, protected - watched)

    def _model(self, context: Context, model: Model, protected: set[str]) -> None:
        observations = observations_of(context.architecture, model)
        for group, name in reached(context, model) if protected and observations is not None else ():
            for node in walk(written_out(context, group, name)):
                if isinstance(node, Name) and node.text in protected:
                    context.findings.warning(
                        "MLA458",
                        f"the feature reads `{node.text}`, which is protected, and no fairness condition is about it",
                        context.where(node, f"features.{group.name}.feature.{name}"),
                        "a protected group",
                        help=f"leave it out, or bound it: `fairness {{ attribute = {node.text}, equal_opportunity_difference <= 10% }}`",
                    )
