"""What a model reads of histories can be read: they have a time and an entity, and nothing in them is of the row's own future."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from ...architecture.architecture import Architecture
from ...architecture.blocks.features import Features
from ...architecture.blocks.model import Model
from ...architecture.blocks.source import Source
from ...architecture.expressions import Amount, Apply, Expression, Name
from ...architecture.histories import Reading, asks_when, entity_of, reads_history
from ...architecture.observations import columns_in, columns_of, observations_of, over_columns
from ...architecture.program import History
from ...architecture.typing import TypeProblem
from ..base import Context
from .chains import chains_of, made_of

#: Codes of what is wrong with a block and not with one feature of it.
OF_THE_BLOCK = ("MLA460", "MLA461")


@dataclass(frozen=True)
class HistoriesCanBeRead:
    """Windows, lags and columns of other sources have a time, an entity that the observations have too, and a moment to be seen at."""

    name: str = "histories"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        architecture = context.architecture
        for model in architecture.model.values():
            observations, groups = observations_of(architecture, model), groups_of(architecture, model)
            if observations is None or not any(reads_history(group, observations.name) or asks_when(group) for group in groups):
                continue
            sources = [architecture.source[name] for name in dict.fromkeys(group.source.name for group in groups)]
            read = [
                f"{group.name}.{name}"
                for group, name in features_of(context, model)
                if _entity_exists(architecture, group) and not context.wrong(f"features.{group.name}.feature.{name}")
            ]
            parts = (model, observations, *groups, *sources, " ".join(read))
            context.once("histories", parts, partial(self._model, model, observations, read))

    def _model(self, model: Model, observations: Source, features: list[str], context: Context) -> None:
        reading = Reading(context.architecture, model, observations, context.positions.carry)
        told: set[tuple[str, str]] = set()
        for group, _, name in (feature.partition(".") for feature in features):
            try:
                reading.feature(context.architecture.features[group], name)
            except TypeProblem as problem:
                if (group, problem.code) in told:
                    continue  # what the block lacks, each of its features lacks
                told |= {(group, problem.code)} if problem.code in OF_THE_BLOCK else set()
                span = context.where(problem.node, f"features.{group}.feature.{name}")
                context.findings.error(problem.code, problem.message, span, problem.caption, help=problem.help)
        for history in reading.histories():
            self._own_row(context, model, observations, history)

    def _own_row(self, context: Context, model: Model, observations: Source, history: History) -> None:
        """A row that is asked about once it is visible finds its own label in its history."""
        if history.source != observations.name or history.known_at is not None or model.label is None or model.as_of is None:
            return
        label = columns_in(over_columns(model.label, observations.name))
        read = [name for value in history.values if value.expression is not None for name in columns_in(value.expression) if name in label]
        if read and _after(over_columns(model.as_of, observations.name), history.timestamp):
            context.error(
                "MLA462",
                f"the prediction is asked for when the row itself is visible: `{read[0]}` of the label is in its own history",
                f"model.{model.name}.as_of",
                f"later than `{history.timestamp}`",
                help=f"ask earlier, or say when an outcome becomes known: `known_at = …` in `source.{observations.name}`",
            )


def features_of(context: Context, model: Model) -> Iterator[tuple[Features, str]]:
    """Yield the features of a model that can be written out over columns: block and name."""
    chains = chains_of(context.architecture)
    for reference in model.features:
        group = context.architecture.features.get(reference.name)
        if group is not None and group.source.name in context.architecture.source:
            yield from ((group, name) for name in group.feature if chains.hold(f"{group.name}.{name}"))


def groups_of(architecture: Architecture, model: Model) -> list[Features]:
    """Return the feature blocks that a model is built on, directly or through others, whose source there is."""
    named = [architecture.features[each.name] for each in model.features if each.name in architecture.features]
    found = {group.name: group for each in named for group in made_of(architecture, each)}
    return [group for group in found.values() if group.source.name in architecture.source]


def _entity_exists(architecture: Architecture, group: Features) -> bool:
    """Tell whether the entity of a block names columns; a name that is none is reported where it stands."""
    return set(entity_of(architecture, group)) <= columns_of(architecture.source[group.source.name]).keys()


def _after(moment: Expression, timestamp: str) -> bool:
    """Tell whether a moment is a while after the timestamp."""
    match moment:
        case Apply("+", (Name((name,)), Amount(quantity))):
            return name == timestamp and quantity.value > 0
    return False
