"""Expressions of the architecture: small, typed by tag, without positions, the same before and after fitting.

Operators are functions named by their symbol (`+`, `>=`, `and`), so one registry (`functions.py`) and one table per lowering cover
both. Fitting a feature program replaces fitted functions (`standardize`) by these same nodes with constants in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from operator import is_

import msgspec

from .quantities import Quantity


class Literal(msgspec.Struct, frozen=True, tag="literal", tag_field="node"):
    """A constant; None is the missing value. Numbers are 64-bit floats or integers as written."""

    value: float | int | str | bool | None


class Amount(msgspec.Struct, frozen=True, tag="amount", tag_field="node"):
    """A constant with a unit, such as `1h` or `5%`."""

    quantity: Quantity


class Moment(msgspec.Struct, frozen=True, tag="moment", tag_field="node"):
    """A constant date or time, in ISO 8601 as written; without an offset it is UTC."""

    text: str


class Name(msgspec.Struct, frozen=True, tag="name", tag_field="node"):
    """A column (`mean_radius`), another feature (`shape.roundness`) or a metric (`champion.roc_auc`)."""

    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        return ".".join(self.parts)


class Apply(msgspec.Struct, frozen=True, tag="apply", tag_field="node"):
    """A function or an operator over arguments: `log1p(x)` is Apply("log1p", (x,)), `a + b` is Apply("+", (a, b))."""

    function: str
    arguments: tuple[Expression, ...]
    keywords: dict[str, Expression] = {}


class Between(msgspec.Struct, frozen=True, tag="between", tag_field="node"):
    """`value in low..high`, both ends included."""

    value: Expression
    low: Expression
    high: Expression


class Among(msgspec.Struct, frozen=True, tag="among", tag_field="node"):
    """`value in [a, b, c]`."""

    value: Expression
    choices: tuple[Expression, ...]


class Window(msgspec.Struct, frozen=True, tag="window", tag_field="node"):
    """`mean(x) over 1d`: an aggregate over the entity's earlier rows within the duration."""

    aggregate: Expression
    duration: Quantity


class Lookup(msgspec.Struct, frozen=True, tag="lookup", tag_field="node"):
    """A text replaced by the number that a fitted table gives it, or by `default`; a missing text stays missing."""

    value: Expression
    table: dict[str, float]
    default: float


class Term(msgspec.Struct, frozen=True, tag="term", tag_field="node"):
    """The weight of one term of a fitted vocabulary in the row's text; the column holds those of all its terms."""

    column: str
    number: int


class Call(msgspec.Struct, frozen=True, tag="call", tag_field="node"):
    """A function of the user's, `module:function`, of one row: which one is said by the digest of the code that holds it."""

    target: str
    code: str
    arguments: tuple[Expression, ...]


#: Is told a node and the node that took its place.
Follow = Callable[["Expression", "Expression"], None]
Expression = Literal | Amount | Moment | Name | Apply | Between | Among | Window | Lookup | Term | Call

COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
ARITHMETIC = ("+", "-", "*", "/")
LOGIC = ("and", "or", "not")


_LEAVES = frozenset((Literal, Name, Amount, Moment))


def children(expression: Expression) -> tuple[Expression, ...]:
    """Return the direct parts of an expression."""
    if type(expression) in _LEAVES:  # most are
        return ()
    match expression:
        case Apply(_, arguments, keywords):
            return (*arguments, *keywords.values()) if keywords else arguments
        case Between(value, low, high):
            return (value, low, high)
        case Among(value, choices):
            return (value, *choices)
        case Window(aggregate, _):
            return (aggregate,)
        case Lookup(value, _, _):
            return (value,)
        case Call(_, _, arguments):
            return arguments
    return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """Yield the expression and everything in it, outermost first."""
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        yield node
        if type(node) not in _LEAVES:
            waiting += reversed(children(node))


def calls(expression: Expression, function: str) -> bool:
    """Tell whether a function is called anywhere in an expression."""
    return any(isinstance(node, Apply) and node.function == function for node in walk(expression))


def rebuilt(expression: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """Return the expression with `change` applied to its direct parts; itself where that changes none of them."""
    before = children(expression)
    if not before:
        return expression
    parts = tuple(map(change, before))
    if all(map(is_, parts, before)):
        return expression
    match expression:
        case Apply(function, arguments, keywords):
            return Apply(function, parts[: len(arguments)], dict(zip(keywords, parts[len(arguments) :], strict=True)))
        case Between():
            return Between(*parts)
        case Among():
            return Among(parts[0], parts[1:])
        case Window(_, duration):
            return Window(parts[0], duration)
        case Lookup(_, table, default):
            return Lookup(parts[0], table, default)
        case Call(target, code, _):
            return Call(target, code, parts)
    return expression


def rewrite(expression: Expression, change: Callable[[Expression], Expression], follow: Follow | None = None) -> Expression:
    """Return the expression with `change` applied to every node, innermost first; `follow` is told each node and what it became."""
    made = change(rebuilt(expression, lambda part: rewrite(part, change, follow)))
    if follow is not None:
        follow(expression, made)
    return made


_PRECEDENCE = {"or": 1, "and": 2, "not": 3, **dict.fromkeys(COMPARISONS, 4), "in": 4, "+": 5, "-": 5, "*": 6, "/": 6, "neg": 7}


_PLAIN = re.compile(r"[A-Za-z_]\w*")


def render(expression: Expression) -> str:
    """Return the expression as a person would write it in a `.mlarch` file."""
    return _render(expression, 0)


def _render(expression: Expression, outer: int) -> str:
    match expression:
        case Literal(value):
            return _constant(value)
        case Amount(quantity):
            return quantity.text
        case Moment(text):
            return text
        case Name(parts):
            return ".".join(map(word, parts))
        case Window(aggregate, duration):
            return f"{_render(aggregate, 8)} over {duration.text}"
        case Lookup(value, table, default):
            return f"lookup({_render(value, 0)}, {len(table)} values, {default!r})"
        case Term(column, number):
            return f"term({word(column)}, {number})"
        case Call(target, _, arguments):
            return _render(Apply("python", (Literal(target), *arguments)), outer)
        case Between(value, low, high):
            text, inner = f"{_render(value, 5)} in {_render(low, 8)}..{_render(high, 8)}", 4
        case Among(value, choices):
            text, inner = f"{_render(value, 5)} in [{', '.join(_render(part, 0) for part in choices)}]", 4
        case Apply(function, arguments, keywords):
            if function not in _PRECEDENCE:
                given = [_render(part, 0) for part in arguments]
                given += [f"{name}={_render(part, 0)}" for name, part in keywords.items()]
                return f"{function}({', '.join(given)})"
            inner = _PRECEDENCE[function]
            if len(arguments) == 1:
                sign = "-" if function == "neg" else f"{function} "
                text = sign + _render(arguments[0], inner)
            else:
                left, right = arguments
                text = f"{_render(left, inner)} {function} {_render(right, inner + 1)}"
    return f"({text})" if inner < outer else text


def word(name: str) -> str:
    """Return a name as it is written: in backticks where it would be read as something else."""
    return name if _PLAIN.fullmatch(name) and name not in ("and", "or", "not", "in", "over") else f"`{name}`"


def _constant(value: float | int | str | bool | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)
