"""Reading a column of a schema: `age : int("year")? in 0..120 = 30`."""

from __future__ import annotations

from ..language import tree
from ..language.diagnostics import Fix
from ..language.suggest import names, nearest
from .expressions import Expression, Literal, Moment
from .types import Column, ColumnType, ValueKind
from .values import ValueReader

_ALIASES = {
    "str": "string",
    "text": "string",
    "integer": "int",
    "number": "float",
    "double": "float",
    "boolean": "bool",
    "datetime": "timestamp",
    "enum": "category",
}


def read_column(node: tree.TypedName, reader: ValueReader) -> Column | None:
    """Read a typed name; what is wrong goes to the reader's findings, and the result is then None."""
    read = _type(node.type, reader)
    if read is None:
        return None
    kind, arguments = read
    unit, categories = _arguments(kind, arguments, reader)
    low, high = _bounds(kind, node, reader)
    default = None if node.default is None else reader.elaborate(node.default)
    if default is not None and not isinstance(default, (Literal, Moment)):
        reader.findings.error("MLA207", "a default is a constant", node.default.span if node.default else node.span, "not a constant")
        default = None
    return Column(
        name=node.name.text,
        type=kind,
        unit=unit,
        nullable=node.nullable,
        low=low,
        high=high,
        categories=categories,
        default=default,
        doc=node.doc,
    )


def _type(node: tree.Expression, reader: ValueReader) -> tuple[ColumnType, tuple[tree.Argument, ...]] | None:
    path, arguments = (node.function, node.arguments) if isinstance(node, tree.Call) else (node, ())
    known = [kind.value for kind in ColumnType]
    if isinstance(path, tree.Path) and path.text in known:
        return ColumnType(path.text), arguments
    text = path.text if isinstance(path, tree.Path) else node.span.text
    guess = _ALIASES.get(text) or nearest(text, known)
    fixes = (Fix(f"write `{guess}`", path.span, guess),) if guess else ()
    reader.findings.error(
        "MLA216",
        f"there is no column type `{text}`",
        path.span,
        f"did you mean `{guess}`?" if guess else "unknown type",
        help=f"the types are {names(known, 20)}",
        fixes=fixes,
    )
    return None


def _arguments(kind: ColumnType, arguments: tuple[tree.Argument, ...], reader: ValueReader) -> tuple[str | None, tuple[str, ...]]:
    """The texts in the parentheses: categories of a category, the unit of a number."""
    texts = [argument.value.value for argument in arguments if isinstance(argument.value, tree.String) and argument.name is None]
    if len(texts) < len(arguments):
        wrong = next(argument for argument in arguments if not isinstance(argument.value, tree.String) or argument.name is not None)
        reader.findings.error("MLA207", f"`{kind}` takes texts in quotes", wrong.span, "not a text")
        return None, ()
    if kind is ColumnType.CATEGORY:
        repeated = next((argument for position, argument in enumerate(arguments) if texts[position] in texts[:position]), None)
        if repeated is not None:
            reader.findings.error("MLA206", "a category is named twice", repeated.span, "again")
        return None, tuple(texts)
    if kind in (ColumnType.INT, ColumnType.FLOAT) and len(texts) <= 1:
        return (texts[0] if texts else None), ()
    if texts:
        help = 'a unit in quotes: `float("min")`' if kind in (ColumnType.INT, ColumnType.FLOAT) else None
        reader.findings.error(
            "MLA207", f"`{kind}` does not take {len(texts)} argument{'s' * (len(texts) != 1)}", arguments[0].span, "not here", help=help
        )
    return None, ()


def _bounds(kind: ColumnType, node: tree.TypedName, reader: ValueReader) -> tuple[float | None, float | None]:
    if node.within is None:
        return None, None
    ends: list[float] = []
    if kind in (ColumnType.INT, ColumnType.FLOAT) and isinstance(node.within, tree.Interval):
        for end in (node.within.low, node.within.high):
            made: Expression | None = reader.elaborate(end)
            if isinstance(made, Literal) and isinstance(made.value, (int, float)):
                ends.append(float(made.value))
    if len(ends) < 2:
        wanted = "a range of numbers, `in 0..120`" if node_kind(kind) is ValueKind.NUMBER else f"no range: a {kind} has none"
        reader.findings.error("MLA207", f"expected {wanted}", node.within.span, "not a range of numbers")
        return None, None
    if ends[0] > ends[1]:
        reader.findings.error("MLA217", f"no value lies in `{node.within.span.text}`", node.within.span, "the lower end is above the upper")
    return ends[0], ends[1]


def node_kind(kind: ColumnType) -> ValueKind:
    """Return the kind of value of a column type."""
    return Column(name="", type=kind).kind
