"""Names and expressions that are alike: columns that differ by their case alone, and one feature under two names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from ...architecture.blocks.features import Features
from ...architecture.blocks.model import Model
from ...architecture.blocks.source import Source
from ...architecture.expressions import Expression, render
from ..base import Context
from .chains import chains_of

CODE = "MLA468"


@dataclass(frozen=True)
class ColumnsDiffer:
    """Two columns of a source differ by more than their case."""

    name: str = "columns alike"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for source in context.architecture.source.values():
            context.once("columns alike", (source,), partial(self._source, source))

    def _source(self, source: Source, context: Context) -> None:
        seen: dict[str, str] = {}
        for column in source.schema.columns:
            first = seen.setdefault(column.name.lower(), column.name)
            if first != column.name:
                told = f"`{column.name}` and `{first}` differ by their case alone"
                at, help = f"source.{source.name}.schema.{column.name}", "one of them is probably meant; the data are read by either name"
                context.warn(CODE, told, at, "like another column", help=help)


@dataclass(frozen=True)
class FeaturesDiffer:
    """No model reads one expression twice, under two names: the second tells it nothing."""

    name: str = "features alike"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        chains = chains_of(context.architecture)
        for model in context.architecture.model.values():
            groups = [group for each in model.features if (group := context.architecture.features.get(each.name)) is not None]
            held = frozenset(f"{each.name}.{name}" for each in groups for name in each.feature if chains.hold(f"{each.name}.{name}"))
            parts = (model, *groups, " ".join(sorted(held)))
            context.once("features alike", parts, partial(self._model, model, groups, held))

    def _model(self, model: Model, groups: list[Features], held: frozenset[str], context: Context) -> None:
        seen: dict[tuple[str, str], str] = {}
        for group, name, expression in _features(groups):
            feature = f"{group.name}.{name}"
            if feature not in held:
                continue  # a circle has no meaning of its own
            first = seen.setdefault((group.source.name, _written(group, expression)), feature)
            if first != feature:
                told = f"`{feature}` is the same as `{first}`"
                help = f"`model.{model.name}` learns nothing from the second: take one away, or write what is meant"
                context.warn(CODE, told, f"features.{group.name}.feature.{name}", "the same again", help=help)


def _features(groups: list[Features]) -> Iterator[tuple[Features, str, Expression]]:
    for group in groups:
        for name, definition in group.feature.items():
            yield group, name, definition.expression


def _written(group: Features, expression: Expression) -> str:
    """The expression as text; a window and a lag are of the block's own entity."""
    text = render(expression)
    return f"{text} of {', '.join(group.entity)}" if group.entity else text
