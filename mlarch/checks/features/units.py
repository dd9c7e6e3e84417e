"""Units of columns: metres are not added to seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ...architecture.blocks.source import Source
from ...architecture.expressions import COMPARISONS, Among, Amount, Apply, Between, Expression, Name, Window, render, walk
from ...architecture.observations import inlined, observations_of, over_columns
from ...architecture.quantities import Dimension
from ..base import Context
from .chains import chains_of

#: What each name is measured in; None where it is not known.
Units = Mapping[str, str | None]
#: Functions whose result is in the unit of their argument.
_KEEPING = (
    *("abs", "neg", "floor", "ceil", "clip", "round", "mod", "impute_mean", "impute_median"),
    *("sum", "mean", "min", "max", "std", "last", "lag"),
)
#: Functions and operators that only make sense of values in one unit.
_ALIKE = ("+", "-", "min_of", "max_of", "coalesce", "null_if", *COMPARISONS)
#: Functions whose result is in a unit of their own.
_GIVING = {"seconds_between": "s", "minutes_between": "min", "hours_between": "h", "days_between": "d"}


@dataclass(frozen=True)
class UnitsFit:
    """Sums, differences and comparisons are of values in one unit, where the schema says in which they are."""

    name: str = "units"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        if all(column.unit is None for source in context.architecture.source.values() for column in source.schema.columns):
            return
        for source in context.architecture.source.values():
            for expression, at in _expressions(context, source):
                self._expression(context, expression, _units(context, source, expression), at)

    def _expression(self, context: Context, expression: Expression, units: Units, at: str) -> None:
        reading = _Reading(units)
        reading.unit(expression)
        for node, one, other in reading.mixed:
            span = context.where(node, at)
            if any(item.code == "MLA309" and item.span == span for item in context.findings):
                continue
            context.findings.warning(
                "MLA309",
                f"`{render(one[0])}` is in {one[1]}, and `{render(other[0])}` in {other[1]}",
                span,
                "two units",
                help="bring them to one unit by a factor (`x * 1.609`), or divide one by the other",
            )


_Measured = tuple[Expression, str]


def _units(context: Context, source: Source, expression: Expression) -> Units:
    """Return the units of the columns of a source, and of the features over other sources that an expression over its rows names."""
    units: dict[str, str | None] = {column.name: column.unit for column in source.schema.columns}
    for node in walk(expression):
        group = context.architecture.features.get(node.parts[0]) if isinstance(node, Name) and len(node.parts) == 2 else None
        if group is None or not isinstance(node, Name) or node.parts[1] not in group.feature or group.source.name == source.name:
            continue
        other = context.architecture.source.get(group.source.name)
        if other is None or not chains_of(context.architecture).hold(node.text):
            units[node.text] = None
            continue
        inner = inlined(context.architecture, group.feature[node.parts[1]].expression, other.name)
        units[node.text] = _Reading(_units(context, other, inner)).unit(inner)
    return units


@dataclass
class _Reading:
    """The unit of an expression, and the nodes in it that mix two."""

    units: Units
    mixed: list[tuple[Expression, _Measured, _Measured]] = field(default_factory=list)

    def unit(self, node: Expression) -> str | None:
        """Return the unit, or None where none is known: a constant fits every unit, a product has one of its own."""
        match node:
            case Name(parts):
                return self.units[node.text] if node.text in self.units else self.units.get(parts[-1])
            case Amount(quantity):
                return "%" if quantity.dimension is Dimension.RATIO else None
            case Window(aggregate, _):
                return self.unit(aggregate)
            case Between(value, low, high):
                self._alike(node, (value, low, high))
            case Among(value, choices):
                self._alike(node, (value, *choices))
            case Apply("if", (condition, one, other)):
                self.unit(condition)
                return self._alike(node, (one, other))
            case Apply("case", (*chosen, otherwise)):
                for condition in chosen[::2]:
                    self.unit(condition)
                return self._alike(node, (*chosen[1::2], otherwise))
            case Apply(function, arguments) if function in _ALIKE:
                unit = self._alike(node, arguments)
                return None if function in COMPARISONS else unit
            case Apply("*" | "/" as operator, (one, other)):
                return _product(operator, self.unit(one), self.unit(other))
            case Apply(function, arguments):
                found = [self.unit(part) for part in arguments]
                return found[0] if function in _KEEPING and found else _GIVING.get(function)
        return None

    def _alike(self, node: Expression, parts: tuple[Expression, ...]) -> str | None:
        measured = [(part, unit) for part in parts if (unit := self.unit(part)) is not None]
        other = next((each for each in measured if each[1] != measured[0][1]), None)
        if other is not None:
            self.mixed.append((node, measured[0], other))
            return None
        return measured[0][1] if measured else None


def _product(operator: str, one: str | None, other: str | None) -> str | None:
    """The unit of a product or a quotient; a constant may be the factor to another unit, so that none is known then."""
    if one is None or other is None or "%" in (one, other) or (operator == "/" and one == other):
        return None
    return f"{one}/{other}" if operator == "/" else "·".join(sorted((one, other)))


def _expressions(context: Context, source: Source) -> Iterator[tuple[Expression, str]]:
    """Yield every expression over the rows of a source, over its columns, with its path."""
    architecture, chains, carry = context.architecture, chains_of(context.architecture), context.positions.carry
    at = f"source.{source.name}"
    for number, condition in enumerate(source.expect.conditions if source.expect else ()):
        yield condition.expression, f"{at}.expect.{number}"
    if source.clean is not None:
        yield from ((condition, f"{at}.clean.null_if") for condition in source.clean.null_if)
        if source.clean.where is not None:
            yield source.clean.where, f"{at}.clean.where"
    for group in architecture.features.values():
        for name, feature in group.feature.items() if group.source.name == source.name else ():
            if chains.hold(f"{group.name}.{name}"):
                yield inlined(architecture, feature.expression, source.name, carry), f"features.{group.name}.feature.{name}"
    for model in architecture.model.values():
        if model.label is not None and observations_of(architecture, model) is source:
            yield over_columns(model.label, source.name, carry), f"model.{model.name}.label"
