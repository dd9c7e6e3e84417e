"""Reading a column of a schema: `age : int("year")? in 0..120 = 30`."""

from __future__ import annotations

from math import ceil, floor

import msgspec

from ..language import tree
from ..language.diagnostics import Fix
from ..language.suggest import correction, names, nearest, replacing
from .expressions import Expression, Literal, Moment
from .types import Column, ColumnType, ValueKind
from .typing import kind_of
from .values import ValueReader

#: What other languages call the types.
ALIASES = {
    "str": "string",
    "text": "string",
    "integer": "int",
    "number": "float",
    "double": "float",
    "boolean": "bool",
    "datetime": "timestamp",
    "enum": "category",
}

_CONSTANTS = {
    ValueKind.NUMBER: "a number",
    ValueKind.BOOLEAN: "`true` or `false`",
    ValueKind.TEXT: "a text in quotes",
    ValueKind.TIMESTAMP: "a date, such as `2013-10-11`",
}


def read_column(node: tree.TypedName, reader: ValueReader) -> Column | None:
    """Read a typed name; what is wrong goes to the reader's findings, and the result is then None."""
    read = _type(node.type, reader)
    if read is None:
        return None
    kind, arguments = read
    unit, categories = _arguments(kind, arguments, reader)
    low, high = _bounds(kind, node, reader)
    column = Column(
        name=node.name.text, type=kind, unit=unit, nullable=node.nullable, low=low, high=high, categories=categories, doc=node.doc
    )
    if node.default is None:
        return column
    return msgspec.structs.replace(column, default=_default(column, node.default, reader))


def _default(column: Column, node: tree.Expression, reader: ValueReader) -> Expression | None:
    """Read what stands in for a missing value: a constant that the column itself could hold."""
    made = reader.elaborate(node)
    wrong = "" if made is None else _unfit(column, made)
    if not wrong:
        return made
    code, caption = "MLA207", "does not fit"
    fixes: tuple[Fix, ...] = ()
    if column.categories and isinstance(made, Literal) and isinstance(made.value, str):
        guess = nearest(made.value, column.categories)
        code, caption = "MLA305", f'did you mean "{guess}"?' if guess else "not one of its categories"
        fixes = correction(made.value, column.categories, node.span)
    reader.findings.error(code, wrong, node.span, caption, fixes=fixes)
    return None


def _unfit(column: Column, made: Expression) -> str:
    """Say why a constant cannot stand in a column, or nothing."""
    if not isinstance(made, (Literal, Moment)):
        return "a default is a constant"
    if made == Literal(None) and not column.nullable:
        return f"`{column.name}` may not be missing: write `{column.type}?`"
    value = made.value if isinstance(made, Literal) else None
    kind = kind_of(made, {}) if value is not None or isinstance(made, Moment) else column.kind
    if kind is not column.kind or (column.type is ColumnType.INT and isinstance(value, float)):
        return f"the default of this column is {'a whole number' if column.type is ColumnType.INT else _CONSTANTS[column.kind]}"
    if isinstance(value, (int, float)) and (
        (column.low is not None and value < column.low) or (column.high is not None and value > column.high)
    ):
        return f"the default {value} is out of the column's range"
    if column.categories and isinstance(value, str) and value not in column.categories:
        return f'`{column.name}` is never "{value}"'
    return ""


def _type(node: tree.Expression, reader: ValueReader) -> tuple[ColumnType, tuple[tree.Argument, ...]] | None:
    if isinstance(node, tree.Unread):
        return None
    path, arguments = (node.function, node.arguments) if isinstance(node, tree.Call) else (node, ())
    known = [kind.value for kind in ColumnType]
    if isinstance(path, tree.Path) and path.text in known:
        return ColumnType(path.text), arguments
    text = path.text if isinstance(path, tree.Path) else node.span.text
    alias = ALIASES.get(text)
    guess = alias or nearest(text, known)
    reader.findings.error(
        "MLA216",
        f"there is no column type `{text}`",
        path.span,
        f"did you mean `{guess}`?" if guess else "unknown type",
        help=f"the types are {names(known, 20)}",
        fixes=replacing(text, alias, path.span) if alias else correction(text, known, path.span),
    )
    return (ColumnType(guess), arguments) if guess and isinstance(path, tree.Path) else None


def _arguments(kind: ColumnType, arguments: tuple[tree.Argument, ...], reader: ValueReader) -> tuple[str | None, tuple[str, ...]]:
    """The texts in the parentheses: categories of a category, the unit of a number."""
    texts = [argument.value.value for argument in arguments if isinstance(argument.value, tree.String) and argument.name is None]
    if len(texts) < len(arguments):
        wrong = next(argument for argument in arguments if not isinstance(argument.value, tree.String) or argument.name is not None)
        reader.findings.error("MLA207", f"`{kind}` takes texts in quotes", wrong.span, "not a text", fixes=_as_texts(wrong))
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


def _as_texts(argument: tree.Argument) -> tuple[Fix, ...]:
    """A name in quotes, or a list of texts without its brackets."""
    value = argument.value
    if argument.name is None and isinstance(value, tree.Path) and len(value.parts) == 1:
        return (Fix("add quotes", value.span, f'"{value.text}"'),)
    if argument.name is None and isinstance(value, tree.Items) and all(isinstance(item, tree.String) for item in value.items):
        return (Fix("remove the brackets", value.span, value.span.text[1:-1]),)
    return ()


def _as_range(node: tree.Expression) -> tuple[Fix, ...]:
    """`[0, 120]` and `range(0, 120)` as a range."""
    ends: list[tree.Expression] = []
    if isinstance(node, tree.Items):
        ends = list(node.items)
    elif isinstance(node, tree.Call) and node.function.text in ("range", "between"):
        ends = [argument.value for argument in node.arguments]
    texts = [end.span.text for end in ends if isinstance(end, (tree.Number, tree.Unary))]
    if len(texts) != 2 or len(ends) != 2:
        return ()
    return (Fix(f"write `{texts[0]}..{texts[1]}`", node.span, f"{texts[0]}..{texts[1]}"),)


def _bounds(kind: ColumnType, node: tree.TypedName, reader: ValueReader) -> tuple[float | None, float | None]:
    if node.within is None:
        return None, None
    ends: list[float] = []
    before = len(reader.findings)
    if kind in (ColumnType.INT, ColumnType.FLOAT) and isinstance(node.within, tree.Interval):
        for end in (node.within.low, node.within.high):
            made: Expression | None = reader.elaborate(end)
            if isinstance(made, Literal) and isinstance(made.value, (int, float)):
                ends.append(float(made.value))
    if len(ends) < 2:
        told = "expected a range of numbers, `in 0..120`" if node_kind(kind) is ValueKind.NUMBER else f"a {kind} has no range"
        if len(reader.findings) == before and not isinstance(node.within, tree.Unread):  # else the reason is said already
            fixes = _as_range(node.within) if kind in (ColumnType.INT, ColumnType.FLOAT) else ()
            reader.findings.error("MLA207", told, node.within.span, "not a range of numbers", fixes=fixes)
        return None, None
    if ends[0] > ends[1]:
        reader.findings.error("MLA217", f"no value lies in `{node.within.span.text}`", node.within.span, "the lower end is above the upper")
    elif kind is ColumnType.INT and ceil(ends[0]) > floor(ends[1]):
        told = f"no whole number lies in `{node.within.span.text}`"
        reader.findings.error("MLA217", told, node.within.span, "between two numbers", help="a number with a fraction is a `float`")
    return ends[0], ends[1]


def node_kind(kind: ColumnType) -> ValueKind:
    """Return the kind of value of a column type."""
    return Column(name="", type=kind).kind
