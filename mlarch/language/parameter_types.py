"""Types of parameters: `param share : ratio in 1%..50% = 20%`, and whether a value is of one."""

from __future__ import annotations

from decimal import Decimal

from . import tree
from .diagnostics import Findings, Label
from .shapes import Shapes
from .suggest import correction, names, nearest

#: The types of parameters, and what each is written as.
TYPES: dict[str, tuple[type, ...]] = {
    "string": (tree.String,),
    "category": (tree.String,),
    "int": (tree.Number,),
    "float": (tree.Number,),
    "bool": (tree.Path,),
    "duration": (tree.Number,),
    "size": (tree.Number,),
    "ratio": (tree.Number,),
}
#: What the numbers of a type measure, in the words of `Shapes.amount`.
_MEASURES = {"int": ("number",), "float": ("number",), "duration": ("duration",), "size": ("size",), "ratio": ("ratio", "number")}


def fits(parameter: tree.TypedName, value: tree.Expression, shapes: Shapes, findings: Findings) -> bool:
    """Tell whether a value may stand for a parameter: it is of the type, within the range, one of the categories. Report why not."""
    kind = kind_of(parameter)
    if kind is None:
        text = parameter.type.span.text.partition("(")[0]
        guess = nearest(text, TYPES)
        told = f"a parameter has one of the types {names(TYPES)}"
        caption = f"did you mean `{guess}`?" if guess else "unknown type"
        findings.error("MLA216", told, parameter.type.span, caption, fixes=correction(text, TYPES, parameter.type.span))
        return False
    if isinstance(value, tree.Unread):
        return False
    sound = _categories(parameter, findings) is not None and _range_is_sound(parameter, kind, shapes, findings)
    if isinstance(value, tree.Path) and value.text == "null" and parameter.nullable:
        return sound
    return sound and _is_of(parameter, kind, value, shapes, findings)


def kind_of(parameter: tree.TypedName) -> str | None:
    """Return the type's name, or None where it is none; only a category has anything in parentheses."""
    node = parameter.type
    if isinstance(node, tree.Call):
        return "category" if node.function.text == "category" else None
    return node.text if isinstance(node, tree.Path) and node.text in TYPES else None


def _categories(parameter: tree.TypedName, findings: Findings) -> tuple[str, ...] | None:
    """Return the texts of a category, nothing for another type, or None where they are wrong, which is said."""
    node = parameter.type
    if not isinstance(node, tree.Call):
        if kind_of(parameter) != "category":
            return ()
        findings.error("MLA207", "a category lists its texts", node.span, "no texts", help='`param name : category("a", "b") = "a"`')
        return None
    texts: list[str] = []
    for argument in node.arguments:
        if not isinstance(argument.value, tree.String) or argument.name is not None:
            findings.error("MLA207", "a category takes texts in quotes", argument.span, "not a text")
            return None
        texts.append(argument.value.value)
    return tuple(texts)


def _range_is_sound(parameter: tree.TypedName, kind: str, shapes: Shapes, findings: Findings) -> bool:
    within = parameter.within
    if within is None:
        return True
    if isinstance(within, tree.Unread):
        return False
    if kind not in _MEASURES:
        help = 'what a text may be is said by its type: `category("a", "b")`' if kind in ("string", "category") else None
        findings.error("MLA207", f"a {kind} has no range", within.span, "no range", help=help)
        return False
    if not isinstance(within, tree.Interval):
        findings.error("MLA207", "after `in` stands a range, such as `in 1..8`", within.span, "not a range")
        return False
    ends = [_amount(end, kind, shapes, findings) for end in (within.low, within.high)]
    low, high = ends
    if low is None or high is None:
        return False
    if low > high:
        findings.error("MLA217", f"no value lies in `{within.span.text}`", within.span, "the lower end is above the upper")
        return False
    return True


def _is_of(parameter: tree.TypedName, kind: str, value: tree.Expression, shapes: Shapes, findings: Findings) -> bool:
    article, name = "an" if kind == "int" else "a", parameter.name.text
    number = value.operand if isinstance(value, tree.Unary) and value.operator == "-" else value
    right = isinstance(number if kind in _MEASURES else value, TYPES[kind])
    if not right or (kind == "bool" and isinstance(value, tree.Path) and value.text not in ("true", "false")):
        help = f"write `{kind}?` where it may be missing" if isinstance(value, tree.Path) and value.text == "null" else None
        findings.error("MLA207", f"the parameter `{name}` is {article} {kind}", value.span, f"not {article} {kind}", help=help)
        return False
    texts = _categories(parameter, findings)
    if isinstance(value, tree.String) and texts and value.value not in texts:
        guess = nearest(value.value, texts)
        told, caption = f'the parameter `{name}` is never "{value.value}"', f'did you mean "{guess}"?' if guess else "not one of its texts"
        help, fixes = f"it is one of {names(texts)}", correction(value.value, texts, value.span)
        findings.error("MLA207", told, value.span, caption, help=help, labels=(Label(parameter.type.span, "its type"),), fixes=fixes)
        return False
    return kind not in _MEASURES or _is_within(parameter, kind, value, shapes, findings)


def _is_within(parameter: tree.TypedName, kind: str, value: tree.Expression, shapes: Shapes, findings: Findings) -> bool:
    amount = _amount(value, kind, shapes, findings)
    if amount is None:
        return False
    if not isinstance(parameter.within, tree.Interval):
        return True
    low, high = (shapes.amount(end) for end in (parameter.within.low, parameter.within.high) if isinstance(end, tree.Number))
    if low is None or high is None or low[1] <= amount <= high[1]:
        return True
    told = f"the parameter `{parameter.name.text}` lies in `{parameter.within.span.text}`"
    findings.error("MLA207", told, value.span, "out of its range", labels=(Label(parameter.within.span, "its range"),))
    return False


def _amount(node: tree.Expression, kind: str, shapes: Shapes, findings: Findings) -> Decimal | None:
    """Return what a number of a type is worth in its base unit, or None where it measures something else, which is said."""
    number, sign = (node.operand, -1) if isinstance(node, tree.Unary) else (node, 1)
    amount = shapes.amount(number, findings) if isinstance(number, tree.Number) else ("date", Decimal(0))
    if amount is None:
        return None
    if amount[0] not in _MEASURES[kind]:
        findings.error("MLA208", f"expected a {_MEASURES[kind][0]}, found the {amount[0]} `{number.span.text}`", node.span, f"not a {kind}")
        return None
    if kind == "int" and amount[1] != int(amount[1]):
        findings.error("MLA207", f"expected a whole number, found `{number.span.text}`", node.span, "not an int")
        return None
    return amount[1] * sign
