"""Expressions over columns that fit their types and still make no sense: impossible constants, and parts that always come to the same."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from ...architecture.blocks.features import Features
from ...architecture.blocks.model import Model
from ...architecture.blocks.source import Source
from ...architecture.expressions import COMPARISONS, Among, Amount, Apply, Between, Expression, Literal, Name, Window, render, walk
from ...architecture.observations import columns_of, observations_of, over_columns
from ...architecture.types import Column
from ...language.diagnostics import Findings, Severity
from ..base import Context
from .chains import chains_of, made_of, written_out
from .ranges import Range, decided, range_of

#: Functions that only do something where their first argument is missing.
_FOR_MISSING = ("is_missing", "coalesce", "impute_mean", "impute_median", "impute_mode", "null_ratio")
Told = Callable[[Context, Expression, Mapping[str, Column], str], None]


@dataclass(frozen=True)
class ConstantsArePossible:
    """Counts are whole numbers that make sense, bounds and edges are in order, and nothing is divided by 0."""

    name: str = "constants"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        _over_rows(context, "constants", self._expression)

    def _expression(self, context: Context, expression: Expression, columns: Mapping[str, Column], at: str) -> None:
        for node in walk(expression):
            told = _impossible(node) if isinstance(node, Apply) else None
            if told is not None:
                _once(context, Severity.ERROR, "MLA310", *told, node, at)


#: The least and the most that a count among the constants of a function may be, by its place, and an example.
_COUNTS: dict[str, tuple[dict[int, tuple[int, int]], str]] = {
    "hash_bucket": ({1: (1, 2**31)}, "hash_bucket(…, 64)"),
    "round": ({1: (0, 15)}, "round(…, 2)"),
    "left": ({1: (1, 2**31)}, "left(…, 3)"),
    "right": ({1: (1, 2**31)}, "right(…, 3)"),
    "substring": ({1: (1, 2**31), 2: (1, 2**31)}, "substring(…, 1, 3)"),
    "tfidf": ({1: (1, 5000)}, "tfidf(…, 100)"),
    "split_part": ({2: (1, 2**31)}, 'split_part(…, "-", 1)'),
}
#: Where a text among the constants must not be empty.
_TEXTS = {"replace": 1, "split_part": 1}


def _impossible(node: Apply) -> tuple[str, str, str | None] | None:
    """Message, caption and help of a constant that makes no sense, or None."""
    if node.function in _COUNTS:
        told = _miscounted(node)
        if told is not None:
            return told
    place = _TEXTS.get(node.function)
    if place is not None and len(node.arguments) > place and node.arguments[place] == Literal(""):
        return f"`{node.function}` looks for a text, and this one is empty", "nothing to look for", None
    match node:
        case Apply("matches", (_, Literal(str() as pattern))):
            wrong = _no_pattern(pattern)
            return (f"this is no regular expression: {wrong}", "as Python reads it", None) if wrong else None
        case Apply("bucket", (_, *edges)):
            ends = [_number(edge) for edge in edges]
            for one, other in pairwise(ends):
                if one is not None and other is not None and one >= other:
                    return f"no bucket lies between {one:g} and {other:g}", "the edges ascend", "for example `bucket(…, 0, 10, 100)`"
        case Apply("clip", (_, low, high)):
            ends = [_number(low), _number(high)]
            if ends[0] is not None and ends[1] is not None and ends[0] >= ends[1]:
                between = f"nothing lies between {ends[0]:g} and {ends[1]:g}"
                return between, "the lower bound comes first", f"write `clip(…, {ends[1]:g}, {ends[0]:g})`" if ends[0] > ends[1] else None
        case Apply("/", (_, divisor)) if _number(divisor) == 0:
            return "what is divided by 0 is always missing", "divided by 0", None
    return None


def _no_pattern(text: str) -> str:
    """Say what is wrong with a regular expression, or nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what may be read otherwise one day
            re.compile(text)
    except (re.error, OverflowError, RecursionError) as problem:
        return str(problem) or type(problem).__name__
    return ""


def _miscounted(node: Apply) -> tuple[str, str, str | None] | None:
    """Say that a constant is no whole number, or none that the function takes."""
    bounds, example = _COUNTS[node.function]
    for place, (least, most) in bounds.items():
        number = _number(node.arguments[place]) if place < len(node.arguments) else None
        if number is not None and (number < least or number > most or number != int(number)):
            wanted = f"a whole number from {least}" if most == 2**31 else f"a whole number from {least} to {most}"
            return f"`{node.function}` takes {wanted} here, and gets {number:g}", wanted, f"for example `{example}`"
    return None


def _number(node: Expression) -> float | None:
    found = range_of(node, lambda _: None)
    return found.low if found.low == found.high else None


@dataclass(frozen=True)
class ExpressionsVary:
    """No feature and no part of a feature or of a label is the same for every row."""

    name: str = "variation"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        _over_rows(context, "variation", self._expression)

    def _expression(self, context: Context, expression: Expression, columns: Mapping[str, Column], at: str) -> None:
        def between(name: Name) -> Range | None:
            column = columns.get(name.text)  # of a feature over another source nothing is known here
            return Range(*_ends(column)) if column is not None else None

        said = False
        for node in walk(expression):
            same = _same(node, columns, between) if isinstance(node, (Apply, Between, Among)) else None
            if same is not None:
                _once(context, Severity.WARNING, "MLA311", *same, node, at)
                said = True
        if not said and _constant(expression, between):
            told = f"`{render(expression)}` is the same for every row: no model learns from it"
            _once(context, Severity.WARNING, "MLA311", told, "always the same", None, expression, at)


def _ends(column: Column) -> tuple[float, float]:
    return column.low if column.low is not None else float("-inf"), column.high if column.high is not None else float("inf")


def _same(node: Expression, columns: Mapping[str, Column], between: Callable[[Name], Range | None]) -> tuple[str, str, str | None] | None:
    match node:
        case Apply(operator, (left, right)) if operator in COMPARISONS:
            if _null(left) or _null(right):
                other = render(right if _null(left) else left)
                told = f"`{render(node)}` is always missing: nothing compares with `null`"
                return told, "never true", f"write `{'not ' * (operator == '!=')}is_missing({other})`"
        case Apply(function, (Name(parts), *_)) if function in _FOR_MISSING:
            column = columns.get(".".join(parts))
            if column is not None and not column.nullable:
                told = f"`{column.name}` is never missing: its type has no `?`"
                return told, "does nothing", f"say that it may be missing, `{column.name} : {column.type}?`, or take `{function}` away"
    always = decided(node, between)
    if always is None:
        return None
    of = [part.text for part in walk(node) if isinstance(part, Name)]
    known = f"`{of[0]}` {_span(columns, of[0])}" if len(of) == 1 and of[0] in columns and _span(columns, of[0]) else None
    swapped = isinstance(node, Between) and always is False and _swapped(node)
    help = (
        f"write the lower end first: `{render(Between(node.value, node.high, node.low))}`"
        if swapped and isinstance(node, Between)
        else None
    )
    return f"`{render(node)}` is {'always' if always else 'never'} true", known or "says nothing", help


def _swapped(node: Between) -> bool:
    low, high = _number(node.low), _number(node.high)
    return low is not None and high is not None and low > high


def _span(columns: Mapping[str, Column], name: str) -> str | None:
    low, high = _ends(columns[name])
    ends = [f"at least {low:g}"] * (low > float("-inf")) + [f"at most {high:g}"] * (high < float("inf"))
    return f"is {' and '.join(ends)}" if ends else None


def _null(node: Expression) -> bool:
    return isinstance(node, Literal) and node.value is None


def _constant(expression: Expression, between: Callable[[Name], Range | None]) -> bool:
    parts = tuple(walk(expression))
    if any(isinstance(part, (Window, Among)) for part in parts):
        return False
    if all(isinstance(part, (Literal, Amount)) or (isinstance(part, Apply) and part.arguments) for part in parts):
        return True
    found = range_of(expression, between)
    return found.low == found.high


def _once(context: Context, severity: Severity, code: str, told: str, caption: str, help: str | None, node: Expression, at: str) -> None:
    """Report a part once, though every feature that names it has it."""
    span = context.where(node, at)
    if all(item.span != span or item.code != code for item in context.findings):
        context.findings.error(code, told, span, caption, help=help, severity=severity)


def _over_rows(context: Context, what: str, told: Told) -> None:
    """Look at every feature and every label, over the columns of its source."""
    architecture, chains = context.architecture, chains_of(context.architecture)
    for group in architecture.features.values():
        source = architecture.source.get(group.source.name)
        if source is not None:
            held = tuple(name for name in group.feature if chains.hold(f"{group.name}.{name}"))
            parts = (*made_of(architecture, group), source, " ".join(held))
            found = Findings()
            replace(context, findings=found).once(what, parts, partial(_group, group, held, source, told))
            context.add(found)
    for model in architecture.model.values():
        observations = observations_of(architecture, model)
        if model.label is not None and observations is not None:
            found = Findings()
            replace(context, findings=found).once(what, (model, observations), partial(_label, model, observations, told))
            context.add(found)


def _label(model: Model, observations: Source, told: Told, context: Context) -> None:
    if model.label is not None:
        label = over_columns(model.label, observations.name, context.positions.carry)
        told(context, label, columns_of(observations), f"model.{model.name}.label")


def _group(group: Features, held: tuple[str, ...], source: Source, told: Told, context: Context) -> None:
    columns = columns_of(source)
    for name in held:
        expression = written_out(context, group, name)
        told(context, expression, columns, f"features.{group.name}.feature.{name}")
