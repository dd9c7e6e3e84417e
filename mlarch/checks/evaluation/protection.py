"""Protected groups are watched: what a model is told of them is bounded by a fairness condition."""

from __future__ import annotations

from dataclasses import dataclass

from ...architecture.blocks.model import Model
from ...architecture.expressions import Name, walk
from ...architecture.observations import inlined, observations_of
from ...architecture.pipeline import evaluation_of
from ..base import Context
from ..features.chains import chains_of


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
        architecture, chains = context.architecture, chains_of(context.architecture)
        observations = observations_of(architecture, model)
        for reference in model.features if protected and observations is not None else ():
            group = architecture.features.get(reference.name)
            if group is None:
                continue
            for name, feature in group.feature.items():
                if not chains.hold(f"{reference.name}.{name}"):
                    continue
                for node in walk(inlined(architecture, feature.expression, group.source.name, context.positions.carry)):
                    if isinstance(node, Name) and node.parts[-1] in protected:
                        column = node.parts[-1]
                        context.findings.warning(
                            "MLA458",
                            f"the feature reads `{column}`, which is protected, and no fairness condition is about it",
                            context.where(node, f"features.{reference.name}.feature.{name}"),
                            "a protected group",
                            help=f"leave it out, or bound it: `fairness {{ attribute = {column}, equal_opportunity_difference <= 10% }}`",
                        )
