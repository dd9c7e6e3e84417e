"""Features over other sources that a feature names: whatever block they stand in, all are values at the observation's moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...architecture.architecture import Architecture
from ...architecture.blocks.features import Features
from ...architecture.blocks.model import Model
from ...architecture.expressions import Apply, Expression, Name, children, walk
from ...architecture.functions import FUNCTIONS
from ...architecture.histories import of_this_row
from ...architecture.observations import columns_of
from ...architecture.types import Column, ColumnType, ValueKind
from ...architecture.typing import TypeProblem, kind_of
from ..base import Context
from .chains import chains_of, written_out

_HELD = {ValueKind.BOOLEAN: ColumnType.BOOL, ValueKind.TEXT: ColumnType.STRING, ValueKind.TIMESTAMP: ColumnType.TIMESTAMP}


def elsewhere(architecture: Architecture, group: Features, node: Expression) -> tuple[Features, str] | None:
    """Return the feature over another source than the block's that a node names: its block and its name."""
    if not isinstance(node, Name) or len(node.parts) != 2:
        return None
    other = architecture.features.get(node.parts[0])
    if other is None or node.parts[1] not in other.feature or other.source.name == group.source.name:
        return None
    return other, node.parts[1]


def columns_seen(context: Context, group: Features, expression: Expression) -> Mapping[str, Column]:
    """Return the columns that an expression of a block, written out, names: its source's, and a column for each feature elsewhere."""
    found: dict[str, Column] = {}
    for node in walk(expression):
        if (there := elsewhere(context.architecture, group, node)) is not None and isinstance(node, Name):
            found[node.text] = Column(name=node.text, type=_HELD.get(_kind(context, *there), ColumnType.FLOAT), nullable=True)
    columns = columns_of(context.architecture.source[group.source.name])
    return {**columns, **found} if found else columns


def _kind(context: Context, group: Features, name: str) -> ValueKind:
    """The kind of a feature; a number, where it is wrong in itself, which is said there, or goes in circles."""
    if not chains_of(context.architecture).hold(f"{group.name}.{name}") or group.source.name not in context.architecture.source:
        return ValueKind.NUMBER
    written = written_out(context, group, name)
    try:
        return kind_of(written, columns_seen(context, group, written))
    except TypeProblem:
        return ValueKind.NUMBER


def several_inside(context: Context, group: Features, expression: Expression) -> TypeProblem | None:
    """Say that an expression computes something of a feature elsewhere that is several columns."""
    for around in walk(expression):
        for node in children(around):
            there = elsewhere(context.architecture, group, node)
            outer = written_out(context, *there) if there is not None and chains_of(context.architecture).hold(_full(there)) else None
            if isinstance(node, Name) and isinstance(outer, Apply) and outer.function in FUNCTIONS and FUNCTIONS[outer.function].spread:
                told = f"`{node.text}` is several columns, by `{outer.function}`, and nothing is computed of them together"
                return TypeProblem(around, "MLA324", told, "of several columns", f"name it alone: `feature … = {node.text}`")
    return None


def _full(feature: tuple[Features, str]) -> str:
    return f"{feature[0].name}.{feature[1]}"


def reached(context: Context, model: Model) -> Iterator[tuple[Features, str]]:
    """Yield the features of a model that can be written out, and those over other sources that they are made of, each once."""
    architecture, chains = context.architecture, chains_of(context.architecture)
    groups = [architecture.features[each.name] for each in model.features if each.name in architecture.features]
    waiting = [(group, name) for group in groups for name in group.feature]
    seen = {_full(each) for each in waiting}
    for group, name in waiting:
        if not chains.hold(f"{group.name}.{name}") or group.source.name not in architecture.source:
            continue
        yield group, name
        for node in walk(written_out(context, group, name)):
            there = elsewhere(architecture, group, node)
            if there is not None and _full(there) not in seen:
                seen.add(_full(there))
                waiting.append(there)


def read_of_the_row(context: Context, group: Features, name: str, observations: str) -> Iterator[Name]:
    """Yield the columns of the observation itself that a feature is made of, through features over other sources too."""
    for node in of_this_row(written_out(context, group, name)):
        if not isinstance(node, Name):
            continue
        there = elsewhere(context.architecture, group, node)
        if there is not None:
            yield from read_of_the_row(context, *there, observations) if chains_of(context.architecture).hold(_full(there)) else ()
        elif group.source.name == observations:
            yield node
