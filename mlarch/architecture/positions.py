"""Where each part of an architecture was written: kept beside it, never in it, so that equal meaning compares equal."""

from __future__ import annotations

from itertools import chain

from ..language.source import Span
from .expressions import Expression


class Positions:
    """Spans by path (`source.nuclei.schema.mean_radius`) and by expression node; `blocks` has the whole of each block, wrong ones too,
    and `values` what each key is given.

    `lost` has by block the keys whose values could not be read as they stand: a default or nothing took their place. `strewn` are the
    blocks of which a part stands elsewhere: in an overlay, on the command line.

    Expression nodes are found by identity: the table keeps them alive, and every node is built once. `made` keeps features that are written
    out over columns, with their blocks: their nodes stand where those do that they were made from.
    """

    def __init__(self) -> None:
        self.paths: dict[str, Span] = {}
        self.values: dict[str, Span] = {}
        self.blocks: dict[str, Span] = {}
        self.lost: dict[str, set[str]] = {}
        self.strewn: set[str] = set()
        self.made: dict[tuple[int, str, str], tuple[object, Expression]] = {}
        self._expressions: dict[int, tuple[Expression, Span]] = {}

    def include(self, other: Positions) -> None:
        """Take over everything that another table says."""
        self.paths.update(other.paths)
        self.values.update(other.values)
        self.blocks.update(other.blocks)
        self.lost.update({at: set(keys) for at, keys in other.lost.items()})
        self.strewn |= other.strewn
        self._expressions.update(other._expressions)

    def all_within(self, whole: Span) -> bool:
        """Tell whether everything stands within one span."""
        source, start, end = whole.source, whole.start, whole.end
        spans = chain(self.paths.values(), self.values.values(), (span for _, span in self._expressions.values()))
        return all(span.source is source and start <= span.start and span.end <= end for span in spans)

    def mark(self, expression: Expression, span: Span) -> None:
        """Remember where an expression node was written."""
        self._expressions[id(expression)] = (expression, span)

    def carry(self, expression: Expression, made: Expression) -> None:
        """Remember that a node was made from another, so that it stands where that one does; what has a place of its own keeps it."""
        span = self.of(expression)
        if span is not None and self.of(made) is None:
            self.mark(made, span)

    def of(self, expression: Expression) -> Span | None:
        """Return where an expression node was written, or None for one that no text says."""
        found = self._expressions.get(id(expression))
        return found[1] if found else None

    def lacks(self, at: str, key: str) -> bool:
        """Tell whether what a block says for a key could not be read, so that nothing can be said of its absence."""
        return key in self.lost.get(at, ())

    def value(self, path: str) -> Span | None:
        """Return the span of what a key is given, or else that of its path."""
        return self.values.get(path) or self.at(path)

    def at(self, path: str) -> Span | None:
        """Return the span of a path, or of the nearest part that encloses it."""
        while path:
            if path in self.paths:
                return self.paths[path]
            path = path.rpartition(".")[0]
        return None
