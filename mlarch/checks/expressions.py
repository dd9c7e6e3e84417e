"""Expressions name columns and functions that exist, with types that fit, and no feature sees the label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..architecture.architecture import Architecture
from ..architecture.blocks.features import Features
from ..architecture.blocks.source import Source
from ..architecture.expressions import Apply, Expression, Name, Window, children, walk
from ..architecture.functions import FUNCTIONS, Role
from ..architecture.pipeline import columns_in, inlined, observations_of, over_columns
from ..architecture.types import Column, ColumnType, ValueKind
from ..architecture.typing import TypeProblem, kind_of
from ..language.diagnostics import Severity
from ..language.suggest import names, nearest
from .base import Context


def columns_of(source: Source) -> dict[str, Column]:
    """Return the columns of a source by name."""
    return {column.name: column for column in source.schema.columns}


def typed(context: Context, expression: Expression, columns: Mapping[str, Column], at: str) -> ValueKind | None:
    """Return the kind of an expression, or report what is wrong with it and return None."""
    try:
        return kind_of(expression, columns)
    except TypeProblem as problem:
        context.findings.error(problem.code, problem.message, context.where(problem.node, at), problem.caption, help=problem.help)
        return None


@dataclass(frozen=True)
class FeaturesAreTyped:
    """Every feature is an expression over its source's columns, and comes to a value that a model can take."""

    name: str = "features"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for group in context.architecture.features.values():
            source = context.architecture.source.get(group.source.name)
            if source is None:
                continue  # reported as a dangling reference
            if not group.feature:
                context.error(
                    "MLA402",
                    f"`features.{group.name}` has no features",
                    f"features.{group.name}",
                    "empty",
                    help="add `feature <name> = <expression>`",
                )
            for name in group.feature:
                self._feature(context, group, name, source)

    def _feature(self, context: Context, group: Features, name: str, source: Source) -> None:
        at = f"features.{group.name}.feature.{name}"
        expression = group.feature[name].expression
        circle = _circle(context.architecture, f"{group.name}.{name}")
        if circle:
            # A circle is said once, at the first of its names; what only leads to it cannot be typed, and is not wrong itself.
            members = circle[circle.index(circle[-1]) :]
            if f"{group.name}.{name}" == min(members):
                context.error("MLA403", f"the feature is defined by itself: {' → '.join(members)}", at, "a circle")
            return
        if not _names_exist(context, expression, source, at):
            return
        resolved = inlined(context.architecture, expression, source.name)
        kind = typed(context, expression if resolved == expression else resolved, columns_of(source), at)
        if kind in (ValueKind.TEXT, ValueKind.TIMESTAMP, ValueKind.DURATION):
            help = (
                "encode it: `ordinal(…)`, `one_hot(…)`, `hash_bucket(…, 64)`"
                if kind is ValueKind.TEXT
                else "take a part of it: `hour(…)`, `day_of_week(…)`"
            )
            context.findings.error(
                "MLA306",
                f"the feature is a {kind}; a model takes numbers and booleans",
                context.where(expression, at),
                f"this is a {kind}",
                help=help,
            )
        _roles(context, expression, at, source)


def _names_exist(context: Context, expression: Expression, source: Source, at: str) -> bool:
    """Report names with a dot that are neither a feature nor a column of the source."""
    fine = True
    for node in walk(expression):
        if not isinstance(node, Name) or len(node.parts) == 1 or node.parts[:-1] in ((source.name,), ("source", source.name)):
            continue
        group = context.architecture.features.get(node.parts[0])
        if group is not None and len(node.parts) == 2 and node.parts[1] in group.feature:
            if group.source.name != source.name:
                context.findings.error(
                    "MLA801",
                    f"`{node.text}` is over `{group.source}`: joins between sources are not carried out yet",
                    context.where(node, at),
                    "another source",
                )
                fine = False
            continue
        fine = False
        known = [f"{each.name}.{feature}" for each in context.architecture.features.values() for feature in each.feature]
        guess = nearest(node.text, known)
        context.findings.error(
            "MLA301",
            f"there is no feature `{node.text}`",
            context.where(node, at),
            f"did you mean `{guess}`?" if guess else "unknown",
            help=f"the features are {names(known)}",
        )
    return fine


def _circle(architecture: Architecture, start: str) -> list[str]:
    """Return the way from a feature into a circle of definitions, its last name twice, or nothing where none is reached."""
    done: set[str] = set()

    def follow(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path, name]
        if name in done:
            return []
        done.add(name)
        block, _, key = name.partition(".")
        definition = architecture.features[block].feature.get(key) if block in architecture.features else None
        for node in walk(definition.expression) if definition else ():
            if isinstance(node, Name) and len(node.parts) == 2 and (found := follow(node.text, [*path, name])):
                return found
        return []

    return follow(start, [])


def _roles(context: Context, expression: Expression, at: str, source: Source) -> None:
    """An aggregate needs a window; a fitted function that has no lowering is said."""
    windowed = {id(node.aggregate) for node in walk(expression) if isinstance(node, Window)}
    for node in walk(expression):
        if isinstance(node, Window):
            context.findings.error(
                "MLA801",
                "windows are not carried out yet",
                context.where(node, at),
                "valid, but not lowered",
                help="see docs/reference/support.md",
                severity=Severity.WARNING,
            )
        if not isinstance(node, Apply) or node.function not in FUNCTIONS:
            continue
        function = FUNCTIONS[node.function]
        if function.role is Role.AGGREGATE and id(node) not in windowed:
            context.findings.error(
                "MLA307",
                f"`{node.function}` is over many rows; a feature is of one",
                context.where(node, at),
                "no window",
                help=f"say over which: `{node.function}(…) over 7d`",
            )
        if not function.lowered:
            context.findings.error(
                "MLA801",
                f"`{node.function}` is not carried out yet",
                context.where(node, at),
                "valid, but not lowered",
                help="see docs/reference/support.md",
                severity=Severity.WARNING,
            )


@dataclass(frozen=True)
class SourcesAreConsistent:
    """What a source says of its own columns fits its schema."""

    name: str = "sources"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for source in context.architecture.source.values():
            columns = columns_of(source)
            self._named(context, source, columns)
            for number, condition in enumerate(source.expect.conditions if source.expect else ()):
                self._expectation(context, condition.expression, columns, f"source.{source.name}.expect.{number}")

    def _named(self, context: Context, source: Source, columns: Mapping[str, Column]) -> None:
        wanted = [("entity", name) for name in source.entity] + [("timestamp", source.timestamp), ("known_at", source.known_at)]
        for key, name in wanted:
            at = f"source.{source.name}.{key}"
            if name is not None and name not in columns:
                guess = nearest(name, columns)
                context.error(
                    "MLA301",
                    f"there is no column `{name}`",
                    at,
                    f"did you mean `{guess}`?" if guess else "unknown column",
                    help=f"the columns are {names(columns)}",
                )
            elif name is not None and key in ("timestamp", "known_at") and columns[name].type is not ColumnType.TIMESTAMP:
                context.error("MLA302", f"`{key}` names a timestamp; `{name}` is of type {columns[name].type}", at, "not a timestamp")

    def _expectation(self, context: Context, expression: Expression, columns: Mapping[str, Column], at: str) -> None:
        """`rows` stands for `rows()`; everything else is aggregates compared with constants."""
        rows = Column(name="rows", type=ColumnType.INT)
        kind = typed(context, expression, {"rows": rows, **columns}, at)
        if kind is None:
            return
        if kind is not ValueKind.BOOLEAN:
            context.error(
                "MLA308", "an expectation is a condition", at, f"this is a {kind}", help="compare it: `mean(distance) in 800..1300`"
            )
            return
        inside = {id(part) for node in walk(expression) if _is_aggregate(node) for part in walk(node) if part is not node}
        for node in walk(expression):
            if isinstance(node, Name) and node.parts != ("rows",) and id(node) not in inside:
                context.findings.error(
                    "MLA308",
                    f"`{node.text}` is one value a row; an expectation is about the table",
                    context.where(node, at),
                    "not aggregated",
                    help=f"say which: `mean({node.text})`, `min({node.text})`",
                )


def _is_aggregate(node: Expression) -> bool:
    return isinstance(node, Apply) and node.function in FUNCTIONS and FUNCTIONS[node.function].role is Role.AGGREGATE


def _of_this_row(expression: Expression) -> Iterator[Expression]:
    """Yield the parts that are of the predicted row itself: a window is of earlier rows, whose label is known."""
    if isinstance(expression, Window):
        return
    yield expression
    for part in children(expression):
        yield from _of_this_row(part)


@dataclass(frozen=True)
class FeaturesDoNotSeeTheLabel:
    """No feature of a model reads a column that its label is made of: that column is not there when a prediction is asked for."""

    name: str = "leakage"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        architecture = context.architecture
        for model in architecture.model.values():
            observations = observations_of(architecture, model)
            if model.label is None or observations is None:
                continue
            label = set(columns_in(over_columns(model.label, observations.name)))
            for reference in model.features:
                group = architecture.features.get(reference.name)
                for name, definition in group.feature.items() if group else ():
                    for node in _of_this_row(definition.expression):
                        if (
                            isinstance(node, Name)
                            and node.parts[-1] in label
                            and (len(node.parts) == 1 or node.parts[-2] == observations.name)
                        ):
                            at = f"features.{reference.name}.feature.{name}"
                            context.findings.error(
                                "MLA404",
                                f"the feature reads `{node.parts[-1]}`, which is the label of `model.{model.name}`",
                                context.where(node, at),
                                "not known when a prediction is asked for",
                                help="build the feature from other columns",
                            )
