"""From the tree's expressions (with spans) to the architecture's (without): every node is marked with where it was written."""

from __future__ import annotations

import re
from datetime import datetime

from ..language import tree
from ..language.diagnostics import Findings, Fix
from .expressions import Among, Amount, Apply, Between, Expression, Literal, Moment, Name, Window
from .positions import Positions
from .quantities import Dimension, Quantity, QuantityError, parse_quantity

_NEARLY_A_DATE = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})")
CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class Elaborator:
    """Turns syntax into expressions; what is wrong goes to the findings, and the result is then None."""

    def __init__(self, positions: Positions, findings: Findings) -> None:
        self.positions = positions
        self.findings = findings

    def __call__(self, node: tree.Expression) -> Expression | None:
        made = self._make(node)
        if made is not None:
            self.positions.mark(made, node.span)
        return made

    def quantity(self, node: tree.Number) -> Quantity | None:
        """Read a number with its unit."""
        try:
            return parse_quantity(node.text)
        except QuantityError as problem:
            caption = "ambiguous" if "ambiguous" in str(problem) else "not a quantity"
            fixes = (Fix(f"write `{problem.meant}`", node.span, problem.meant),) if problem.meant else ()
            self.findings.error("MLA208", str(problem), node.span, caption, fixes=fixes)
            return None

    def _make(self, node: tree.Expression) -> Expression | None:
        match node:
            case tree.Path():
                if node.text in CONSTANTS:
                    return Literal(CONSTANTS[node.text])
                return Name(tuple(word.text for word in node.parts))
            case tree.Number():
                return self._number(node)
            case tree.String():
                return Literal(node.value)
            case tree.Date():
                return self._moment(node)
            case tree.Unary():
                return self._unary(node)
            case tree.Binary() if (date := _NEARLY_A_DATE.fullmatch(node.span.text)) is not None:
                self._nearly_a_date(node, date)
                return None
            case tree.Binary():
                return self._membership(node) if node.operator == "in" else self._apply(node.operator, [node.left, node.right])
            case tree.Over():
                aggregate, window = self(node.operand), self._window(node.window)
                return None if aggregate is None or window is None else Window(aggregate, window)
            case tree.Call():
                return self._call(node)
            case tree.Items() | tree.Interval():
                self.findings.error("MLA207", "a list or a range stands only after `in`", node.span, "not a value by itself")
        return None

    def _nearly_a_date(self, node: tree.Binary, date: re.Match[str]) -> None:
        year, sign, month, day = date.groups()
        written = f"{year}-{month:>02}-{day:>02}"
        fix = Fix(f"write `{written}`", node.span, written)
        if sign == "/":
            self.findings.error("MLA207", "a date is written with dashes", node.span, "a division", fixes=(fix,))
        else:
            told = "a date has two digits for its month and two for its day"
            self.findings.error("MLA207", told, node.span, "a subtraction", fixes=(fix,))

    def _window(self, node: tree.Number) -> Quantity | None:
        window = self.quantity(node)
        if window is not None and (window.dimension is not Dimension.DURATION or window.value <= 0):
            told = f"a window lasts some time, and `{window.text}` is none"
            self.findings.error("MLA208", told, node.span, "not a duration", help="durations are written `50ms 2s 10min 1h 7d`")
            return None
        return window

    def _moment(self, node: tree.Date) -> Expression | None:
        try:
            datetime.fromisoformat(node.text)
        except ValueError:
            self.findings.error("MLA207", f"there is no date `{node.text}`", node.span, "not in the calendar")
            return None
        return Moment(node.text)

    def _number(self, node: tree.Number) -> Expression | None:
        quantity = self.quantity(node)
        if quantity is None:
            return None
        if quantity.dimension is not Dimension.NUMBER:
            return Amount(quantity)
        whole = quantity.text.lstrip("+-").replace("_", "").isdigit() and abs(quantity.base) < 2**63
        return Literal(int(quantity.base) if whole else quantity.value)

    def _unary(self, node: tree.Unary) -> Expression | None:
        operand = self(node.operand)
        if operand is None:
            return None
        if node.operator == "-" and isinstance(operand, Literal) and isinstance(operand.value, (int, float)):
            return Literal(-operand.value)
        return Apply("neg" if node.operator == "-" else node.operator, (operand,))

    def _apply(self, function: str, parts: list[tree.Expression]) -> Expression | None:
        arguments = [self(part) for part in parts]
        made = tuple(argument for argument in arguments if argument is not None)
        return Apply(function, made) if len(made) == len(parts) else None

    def _membership(self, node: tree.Binary) -> Expression | None:
        match node.right:
            case tree.Interval(low, high):
                bounds = self(node.left), self(low), self(high)
                value, least, most = bounds
                return None if value is None or least is None or most is None else Between(value, least, most)
            case tree.Items(items):
                value, choices = self(node.left), [self(item) for item in items]
                found = tuple(choice for choice in choices if choice is not None)
                return None if value is None or len(found) < len(choices) else Among(value, found)
            case tree.Path():
                self.findings.error(
                    "MLA207", "after `in` stands a list or a range", node.right.span, "neither", help="`in 0..1`, `in [1, 2]`"
                )
                return None
        return self._apply("in", [node.left, node.right])

    def _call(self, node: tree.Call) -> Expression | None:
        arguments = [(argument.name, self(argument.value)) for argument in node.arguments]
        if any(value is None for _, value in arguments):
            return None
        positional = tuple(value for name, value in arguments if name is None and value is not None)
        keywords = {name.text: value for name, value in arguments if name is not None and value is not None}
        return Apply(node.function.text, positional, keywords)
