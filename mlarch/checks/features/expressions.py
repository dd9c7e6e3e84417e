"""Expressions name columns and functions that exist, with types that fit, and no feature sees the label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from ...architecture.architecture import Architecture
from ...architecture.blocks.features import Features
from ...architecture.blocks.model import Model
from ...architecture.blocks.source import Source
from ...architecture.expressions import Apply, Expression, Name, Window, walk
from ...architecture.functions import FUNCTIONS, Role
from ...architecture.histories import history_value, is_of_history
from ...architecture.observations import columns_in, columns_of, observations_of, over_columns
from ...architecture.types import Column, ColumnType, ValueKind
from ...architecture.typing import TypeProblem, kind_of, unknown_column
from ...language.diagnostics import Fix
from ...language.suggest import correction, names, nearest
from ..base import Context
from ..data.rows import of_features_alone
from .chains import DEEPEST, LARGEST, Chains, chains_of, made_of, named_in, sketched, written_out
from .elsewhere import columns_seen, read_of_the_row, several_inside


def typed(context: Context, expression: Expression, columns: Mapping[str, Column], at: str) -> ValueKind | None:
    """Return the kind of an expression, or report what is wrong with it and return None."""
    try:
        return kind_of(expression, columns)
    except TypeProblem as problem:
        _say(context, problem, at)
        return None


def _say(context: Context, problem: TypeProblem, at: str) -> None:
    """Report a mistake once, though every feature that names a wrong one has it."""
    span = context.where(problem.node, at)
    if all(item.span != span or item.code != problem.code for item in context.findings):
        fixes = correction(problem.misspelt, problem.known, span)
        if problem.meant and span is not None:
            fixes = (Fix(f"write `{problem.meant}`", span, problem.meant),)
        context.findings.error(problem.code, problem.message, span, problem.caption, help=problem.help, fixes=fixes)


@dataclass(frozen=True)
class FeaturesAreTyped:
    """Every feature is an expression over its source's columns, and comes to a value that a model can take, or another feature does."""

    name: str = "features"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        chains = chains_of(context.architecture)
        for circle in chains.circles:
            self._chain(context, "MLA403", circle[0], f"the feature is defined by itself: {' → '.join(circle)}", "a circle")
        for feature in sorted(chains.too_large):
            told = f"written out over columns, the feature is more than {DEEPEST} levels deep or {LARGEST} parts large"
            self._chain(context, "MLA107", feature, told, "too large")
        within = _within(context.architecture)
        for group in context.architecture.features.values():
            source = context.architecture.source.get(group.source.name)
            if source is None:
                continue  # reported as a dangling reference
            if not group.feature and not context.positions.lacks(f"features.{group.name}", "feature"):
                context.error(
                    "MLA402",
                    f"`features.{group.name}` has no features",
                    f"features.{group.name}",
                    "empty",
                    help="add `feature <name> = <expression>`",
                )
            held = [name for name in group.feature if chains.hold(f"{group.name}.{name}")]
            made = made_of(context.architecture, group)
            others = [context.architecture.source.get(each.source.name) for each in made]
            inner = frozenset(name for name in held if f"{group.name}.{name}" in within)
            parts = (*made, source, *others, " ".join(held), " ".join(sorted(inner)))
            context.once("features", parts, partial(self._features, group, held, source, inner))

    def _chain(self, context: Context, code: str, feature: str, message: str, caption: str) -> None:
        block, _, name = feature.partition(".")
        context.error(code, message, f"features.{block}.feature.{name}", caption)

    def _features(self, group: Features, names: list[str], source: Source, inner: frozenset[str], context: Context) -> None:
        for name in names:
            self._feature(context, group, name, source, taken=name not in inner)

    def _feature(self, context: Context, group: Features, name: str, source: Source, *, taken: bool) -> None:
        at = f"features.{group.name}.feature.{name}"
        expression = group.feature[name].expression
        if not _names_exist(context, expression, source, at):
            return
        resolved = written_out(context, group, name)
        kind = typed(context, resolved, columns_seen(context, group, resolved), at)
        several = several_inside(context, group, resolved)
        if several is not None:
            _say(context, several, at)
        if kind is ValueKind.DURATION or (taken and kind in (ValueKind.TEXT, ValueKind.TIMESTAMP)):
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
        _roles(context, group, expression, at)


def _within(architecture: Architecture) -> frozenset[str]:
    """Return the features that are parts of others alone: of blocks that no model takes, and named by a feature."""
    taken = {each.name for model in architecture.model.values() for each in model.features}
    named = {name for group in architecture.features.values() for name in named_in(group)}
    return frozenset(name for name in named if name.partition(".")[0] not in taken)


def _names_exist(context: Context, expression: Expression, source: Source, at: str) -> bool:
    """Report names that are neither a feature nor a column of the source."""
    fine = True
    columns = columns_of(source)
    for node in walk(expression):
        if not isinstance(node, Name):
            continue
        if len(node.parts) == 1 or node.parts[:-1] in ((source.name,), ("source", source.name)):
            if node.parts[-1] not in columns:
                _say(context, unknown_column(node, node.parts, columns), at)
                fine = False
            continue
        group = context.architecture.features.get(node.parts[0])
        if group is not None and len(node.parts) == 2 and node.parts[1] in group.feature:
            continue
        fine = False
        declared = f"features.{node.parts[0]}"
        if (group is None and declared in context.positions.blocks) or context.positions.lacks(declared, "feature"):
            continue  # it may have an error of its own
        known = [f"{each.name}.{feature}" for each in context.architecture.features.values() for feature in each.feature]
        guess = nearest(node.text, known)
        context.findings.error(
            "MLA301",
            f"there is no feature `{node.text}`",
            context.where(node, at),
            f"did you mean `{guess}`?" if guess else "unknown",
            help=f"the features are {names(known)}",
            fixes=correction(node.text, known, context.where(node, at)),
        )
    return fine


def _roles(context: Context, group: Features, expression: Expression, at: str) -> None:
    """An aggregate needs a window; a fitted function that has no lowering is said."""
    nodes = tuple(walk(expression))
    windowed = {id(node.aggregate) for node in nodes if isinstance(node, Window)}
    for node in nodes:
        if isinstance(node, Window) and _is_unknown(node.aggregate):
            continue  # reported as an unknown function
        if isinstance(node, Window) and not _is_aggregate(node.aggregate):
            context.findings.error(
                "MLA302",
                "`over` says of which rows an aggregate is, and this is no aggregate",
                context.where(node, at),
                "nothing is aggregated",
                help="say which: `mean(…) over 7d`, `last(…) over 7d`",
            )
        elif is_of_history(node):
            _history(context, group, node, at)
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


def _history(context: Context, group: Features, node: Expression, at: str) -> None:
    """Report a window or a lag that makes no sense, whoever reads it."""
    try:
        history_value(context.architecture, group, node, context.positions.carry)
    except TypeProblem as problem:
        _say(context, problem, at)


@dataclass(frozen=True)
class SourcesAreConsistent:
    """What a source says of its own columns fits its schema."""

    name: str = "sources"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for source in context.architecture.source.values():
            context.once("sources", (source,), partial(self._source, source))

    def _source(self, source: Source, context: Context) -> None:
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
                    misspelt=name,
                    known=columns,
                )
            elif name is not None and key in ("timestamp", "known_at") and columns[name].type is not ColumnType.TIMESTAMP:
                context.error("MLA302", f"`{key}` names a timestamp; `{name}` is of type {columns[name].type}", at, "not a timestamp")

    def _expectation(self, context: Context, expression: Expression, columns: Mapping[str, Column], at: str) -> None:
        """`rows` stands for `rows()`; everything else is aggregates compared with constants."""
        rows = Column(name="rows", type=ColumnType.INT)
        kind = typed(context, expression, {"rows": rows, **columns}, at)
        if kind is None:
            return
        of_features_alone(context, "an expectation", expression, at)
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


def _is_unknown(node: Expression) -> bool:
    return isinstance(node, Apply) and node.function not in FUNCTIONS


@dataclass(frozen=True)
class FeaturesDoNotSeeTheLabel:
    """No feature of a model reads a column that its label is made of: that column is not there when a prediction is asked for."""

    name: str = "leakage"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        architecture = context.architecture
        chains = chains_of(architecture)
        for model in architecture.model.values():
            observations = observations_of(architecture, model)
            if model.label is None or observations is None:
                continue
            groups = [group for each in model.features if (group := architecture.features.get(each.name)) is not None]
            made = {each.name: each for group in groups for each in made_of(architecture, group)}
            if all(each.source.name != observations.name for each in made.values()):
                continue
            loose = " ".join(name for group in made.values() for name in sketched(group) if not chains.hold(name))
            parts = (model, *made.values(), observations.name, loose)
            context.once("leakage", (*parts, observations.schema), partial(self._model, chains, model, observations, groups))

    def _model(self, chains: Chains, model: Model, observations: Source, groups: list[Features], context: Context) -> None:
        read = columns_in(over_columns(model.label, observations.name)) if model.label is not None else ()
        columns = columns_of(observations)
        label = {name if name in columns else nearest(name, columns) or name for name in read}  # a misspelt one is the one that is meant
        for group in groups:
            self._group(context, chains, model.name, group, label, observations.name)

    def _group(self, context: Context, chains: Chains, model: str, group: Features, label: set[str], observations: str) -> None:
        for feature, sketch in sketched(group).items():
            if not chains.hold(feature) or (sketch.of_columns and label.isdisjoint(sketch.names)):
                continue
            name = feature.removeprefix(f"{group.name}.")
            for node in read_of_the_row(context, group, name, observations):
                if node.text in label:
                    problem = TypeProblem(
                        node,
                        "MLA404",
                        f"the feature reads `{node.text}`, and the label of `model.{model}` is made of it",
                        "not known when a prediction is asked for",
                        "build the feature from other columns",
                    )
                    _say(context, problem, f"features.{group.name}.feature.{name}")
