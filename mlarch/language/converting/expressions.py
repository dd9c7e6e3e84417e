"""Expressions and statements of the tree as text, with the parentheses that they need and one way to write each."""

from __future__ import annotations

import re

from .. import tree

_PLAIN = re.compile(r"[A-Za-z_]\w*")
#: Words that would be read as operators where an operand stands.
_OPERATORS = ("in", "over", "not", "and", "or")
_LEVELS = {"or": 1, "and": 2, "not": 3, "in": 4, "+": 5, "-": 5, "*": 6, "/": 6}
_COMPARISON, _SIGN, _OVER, _ATOM = 4, 7, 8, 9
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", tree.DOLLAR: "\\$"}


def word(text: str) -> str:
    """Return a name, in backticks where it needs them."""
    return text if _PLAIN.fullmatch(text) and text not in _OPERATORS else f"`{text}`"


def quoted(text: str) -> str:
    """Return a text in its quotes."""
    return '"' + "".join(_ESCAPES.get(char, char) for char in text) + '"'


def written(node: tree.Expression, least: int = 0) -> str:
    """Return an expression; it stands in parentheses when it binds more loosely than `least`."""
    level, text = _written(node)
    return text if level >= least else f"({text})"


def _written(node: tree.Expression) -> tuple[int, str]:
    match node:
        case tree.Path(parts):
            return _ATOM, ".".join(word(part.text) for part in parts)
        case tree.String(value):
            return _ATOM, quoted(value)
        case tree.Interval(low, high):
            return _ATOM, f"{low.text}..{high.text}"
        case tree.Items(items):
            return _ATOM, f"[{', '.join(map(written, items))}]"
        case tree.Call(function, arguments):
            return _ATOM, f"{function.text}({', '.join(map(_argument, arguments))})"
        case tree.Over(operand, window):
            return _OVER, f"{written(operand, _ATOM)} over {window.text}"
        case tree.Unary("not", operand):
            return _LEVELS["not"], f"not {written(operand, _LEVELS['not'])}"
        case tree.Unary(operator, operand):
            space = " " if isinstance(operand, tree.Interval) else ""  # `-1..2` would be another interval
            return _SIGN, f"{operator}{space}{written(operand, _SIGN)}"
        case tree.Binary(operator, left, right):
            return _binary(operator, left, right)
    return _ATOM, node.text if isinstance(node, (tree.Number, tree.Date)) else ""


def _binary(operator: str, left: tree.Expression, right: tree.Expression) -> tuple[int, str]:
    level = _LEVELS.get(operator, _COMPARISON)
    chains = level != _COMPARISON
    after = _ATOM if operator == "in" else level + 1
    return level, f"{written(left, level + (not chains))} {operator} {written(right, after)}"


def _argument(argument: tree.Argument) -> str:
    return written(argument.value) if argument.name is None else f"{word(argument.name.text)}={written(argument.value)}"


def column_type(node: tree.TypedName) -> str:
    """Return what stands after the colon of a typed name."""
    within = f" in {written(node.within)}" if node.within is not None else ""
    default = f" = {written(node.default)}" if node.default is not None else ""
    return f"{written(node.type)}{'?' if node.nullable else ''}{within}{default}"


def bound(term: tree.Expression) -> tuple[str, str] | None:
    """Return the two sides of a comparison, the operator with the right one; None for any other condition."""
    if isinstance(term, tree.Binary) and term.operator not in ("and", "or", "+", "-", "*", "/"):
        _, text = _written(term)
        left = written(term.left, _COMPARISON + 1)
        return left, text[len(left) + 1 :]
    return None


def statement_text(node: tree.Statement) -> str:
    """Return a statement of one line; of a block, what stands before its brace."""
    match node:
        case tree.Attribute(label, name, value):
            return f"{_label(label)}{word(name.text)} = {written(value)}"
        case tree.TypedName(label, name):
            return f"{_label(label)}{word(name.text)} : {column_type(node)}"
        case tree.Constraint(label, term):
            return f"{_label(label)}{written(term)}"
        case tree.LabelledString(label, value):
            return f"{word(label.text)} {quoted(value.value)}"
        case tree.Block(kind, name):
            return word(kind.text) + (f" {word(name.text)}" if name is not None else "")


def _label(label: tree.Word | None) -> str:
    return "" if label is None else f"{word(label.text)} "
