"""What the expression of a feature gives: its type, worked out from the schema as the checks do."""

from __future__ import annotations

from ..architecture.columns import read_column
from ..architecture.positions import Positions
from ..architecture.types import Column
from ..architecture.typing import TypeProblem, kind_of
from ..architecture.values import ValueReader
from ..language import tree
from ..language.diagnostics import Findings
from .index import Index


def type_of_feature(index: Index, block: str, node: tree.Attribute) -> str:
    """Return the type of what a feature gives; nothing where that cannot be told."""
    source = index.source_of("features", block)
    reader = ValueReader(Positions(), Findings())
    made = reader.elaborate(node.value)
    if made is None or source is None:
        return ""
    columns: dict[str, Column] = {}
    for name, each in index.names(f"source.{source}.schema").items():
        column = read_column(each.node, reader) if isinstance(each.node, tree.TypedName) else None
        if column is not None:
            columns[name] = column
    try:
        return kind_of(made, columns).value
    except TypeProblem:
        return ""
