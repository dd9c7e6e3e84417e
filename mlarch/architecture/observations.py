"""What a model observes: its source, and expressions with every name put down to a column of it."""

from __future__ import annotations

from collections.abc import Mapping

from ..language.reuse import once
from .architecture import Architecture
from .blocks.model import Model
from .blocks.source import Source
from .expressions import Expression, Follow, Name, rewrite, walk
from .types import Column


def columns_of(source: Source) -> Mapping[str, Column]:
    """Return the columns of a source by name."""
    return once("columns of", (source,), lambda: {column.name: column for column in source.schema.columns})


def observations_of(architecture: Architecture, model: Model) -> Source | None:
    """Return the source whose rows are predicted: the declared one, else the label's, else the only one there is."""
    if model.observations is not None:
        return architecture.source.get(model.observations.name)
    if model.label is not None:
        for part in walk(model.label):
            if isinstance(part, Name) and len(part.parts) == 2 and part.parts[0] in architecture.source:
                return architecture.source[part.parts[0]]
    return next(iter(architecture.source.values())) if len(architecture.source) == 1 else None


def inlined(architecture: Architecture, expression: Expression, source: str, follow: Follow | None = None) -> Expression:
    """Return the expression with named features over a source replaced by their own expressions, and `source.column` by the column.

    Features over another source keep their names: they are values of their own.
    """

    def place(node: Expression) -> Expression:
        if isinstance(node, Name) and len(node.parts) == 2:
            group = architecture.features.get(node.parts[0])
            if group is not None and node.parts[1] in group.feature and group.source.name == source:
                return inlined(architecture, group.feature[node.parts[1]].expression, source, follow)
        return shortened(node, source)

    return rewrite(expression, place, follow)


def over_columns(expression: Expression, source: str, follow: Follow | None = None) -> Expression:
    """Return the expression with `nuclei.diagnosis` (or `source.nuclei.diagnosis`) shortened to the column `diagnosis`."""
    return rewrite(expression, lambda node: shortened(node, source), follow)


def shortened(node: Expression, source: str) -> Expression:
    """Return `nuclei.diagnosis` (or `source.nuclei.diagnosis`) as the column `diagnosis`, and any other node as it is."""
    return Name(node.parts[-1:]) if isinstance(node, Name) and node.parts[:-1] in ((source,), ("source", source)) else node


def columns_in(expression: Expression) -> tuple[str, ...]:
    """Return the columns that a resolved expression reads, in order of appearance."""
    return tuple(dict.fromkeys(part.parts[0] for part in walk(expression) if isinstance(part, Name)))
