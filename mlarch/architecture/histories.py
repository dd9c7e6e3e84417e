"""From the features of a model to its program: what is of the row itself, and what comes from the history of an entity.

In a block over the source of the observations a bare name is the row's own column; in one over another source it is that of the latest
row of the entity. An aggregate `over` a window and `lag` are of the history of the block's entity in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from ..language.reuse import once
from .architecture import Architecture
from .blocks.features import Features
from .blocks.model import Model
from .blocks.source import Refresh, Source
from .expressions import Apply, Expression, Follow, Literal, Name, Window, children, rebuilt, render, walk
from .functions import FUNCTIONS, WINDOWED, Role
from .observations import columns_in, columns_of, inlined, observations_of, over_columns
from .program import FeatureProgram, History, HistoryValue, ProgramFeature
from .types import Column, ColumnType, ValueKind
from .typing import TypeProblem, counted, kind_of, unknown_column

#: A window that is longer (73,000 years) is one over everything: moments of such sizes can be added and subtracted in 64 bits.
LONGEST = 2**61
#: How far back `lag` reaches: each row of a history is looked at so often.
MOST_LAGS = 100


def program_of(architecture: Architecture, model: Model) -> FeatureProgram:
    """Return the feature program of a model: its features in order, others that they name put in place.

    Raises TypeProblem where a feature cannot be computed for the model's observations.
    """
    groups = [architecture.features[reference.name] for reference in model.features]
    return program_with(architecture, model, [(group, name) for group in groups for name in group.feature])


def program_with(architecture: Architecture, model: Model, features: Iterable[tuple[Features, str]]) -> FeatureProgram:
    """Return the program of some features of a model. Raises TypeProblem as `program_of` does."""
    observations = observations_of(architecture, model)
    assert observations is not None, "checks come before programs"
    reading = Reading(architecture, model, observations)
    resolved = [(group, name, reading.feature(group, name)) for group, name in features]
    columns = {column.name: column for column in observations.schema.columns}
    histories = reading.histories()
    columns |= {value.name: value.column for history in histories for value in history.values}
    made = tuple(
        ProgramFeature(f"{group.name}.{name}", expression, kind_of(expression, columns), group.feature[name].doc)
        for group, name, expression in resolved
    )
    inputs = tuple(column for column in observations.schema.columns if column.name in reading.read)
    return FeatureProgram(inputs, made, reading.as_of, histories)


def columns_asked(architecture: Architecture, model: Model, features: Iterable[tuple[Features, str]]) -> tuple[Column, ...]:
    """Return the columns of the observations that some features of a model read, its request schema; those that are wrong read nothing."""
    observations = observations_of(architecture, model)
    if observations is None:
        return ()
    reading = Reading(architecture, model, observations)
    for group, name in features:
        with suppress(TypeProblem):
            reading.feature(group, name)
    return tuple(column for column in observations.schema.columns if column.name in reading.read)


def moment_of(model: Model, observations: Source) -> Expression | None:
    """Return the moment at which a model is asked about a row, over the observations' columns; None where none is said."""
    if model.as_of is not None:
        return over_columns(model.as_of, observations.name)
    return Name((observations.timestamp,)) if observations.timestamp is not None else None


def is_of_history(node: Expression) -> bool:
    """Tell whether an expression is of earlier rows and not of the row itself."""
    return isinstance(node, Window) or (isinstance(node, Apply) and node.function == "lag")


def is_moment(node: Expression) -> bool:
    """Tell whether an expression is the moment at which the model is asked."""
    return isinstance(node, Apply) and node.function in FUNCTIONS and FUNCTIONS[node.function].role is Role.MOMENT


def of_this_row(expression: Expression) -> Iterator[Expression]:
    """Yield the parts that are of the row itself: in a history, which is of earlier rows, there are none."""
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        if not is_of_history(node):
            yield node
            waiting += reversed(children(node))


def reads_history(group: Features, observations: str) -> bool:
    """Tell whether a block reads more of the data than the row that is asked about."""
    return group.source.name != observations or once("looks back", (group,), lambda: _looks_back(group))


def _looks_back(group: Features) -> bool:
    return any(is_of_history(node) for feature in group.feature.values() for node in walk(feature.expression))


def asks_when(group: Features) -> bool:
    """Tell whether a block reads the moment at which the model is asked."""
    return once("asks when", (group,), lambda: any(is_moment(node) for each in group.feature.values() for node in walk(each.expression)))


def entity_of(architecture: Architecture, group: Features) -> tuple[str, ...]:
    """Return the columns that name whose history a block is over: its own, else its source's."""
    return group.entity or architecture.source[group.source.name].entity


def history_value(architecture: Architecture, group: Features, node: Expression, follow: Follow | None = None) -> HistoryValue:
    """Return what a window or a `lag` in a block takes of a history, whoever asks; its name does not say yet of which.

    Raises TypeProblem where it makes no sense.
    """
    columns = columns_of(architecture.source[group.source.name])
    if isinstance(node, Window):
        aggregate = node.aggregate
        if not isinstance(aggregate, Apply) or aggregate.function not in WINDOWED:
            told = "`over` says of which rows an aggregate is, and this is no aggregate of rows"
            raise TypeProblem(node, "MLA302", told, "nothing is aggregated", "say which: `mean(…) over 7d`, `last(…) over 7d`")
        inner = _of_each_row(architecture, group, node, aggregate.arguments[0], follow) if aggregate.arguments else None
        plain = Apply(aggregate.function, () if inner is None else (inner, *aggregate.arguments[1:]), aggregate.keywords)
        if follow is not None:
            follow(aggregate, plain)
        made = counted(plain, columns)
        kind = _kind_of(node, made, columns)
        assert isinstance(made, Apply), "an aggregate"
        window, taken = min(int(node.duration.base * 1_000_000), LONGEST), made.arguments[0] if made.arguments else None
        return HistoryValue(render(Window(plain, node.duration)), made.function, taken, kind, window=window)
    assert isinstance(node, Apply), "a window or a lag"
    given = node.arguments[1] if len(node.arguments) == 2 else Literal(1)
    rank = given.value if isinstance(given, Literal) else None
    if not isinstance(rank, int) or not 1 <= rank <= MOST_LAGS:
        told = f"`lag` counts rows back, from 1 for the latest to {MOST_LAGS}"
        raise TypeProblem(node, "MLA321", told, "which row?", "such as `lag(delay, 1)`")
    inner = _of_each_row(architecture, group, node, node.arguments[0], follow)
    return HistoryValue(render(Apply("lag", (inner, Literal(rank)))), "lag", inner, _kind_of(node, inner, columns), rank=rank)


def _kind_of(node: Expression, taken: Expression, columns: Mapping[str, Column]) -> ValueKind:
    """Return the kind of what is taken of a history. Raises TypeProblem for a duration, which only a constant can be."""
    kind = kind_of(taken, columns)
    if kind is ValueKind.DURATION:
        raise TypeProblem(node, "MLA302", "a duration is the same in every row", "nothing to look back for")
    return kind


def _of_each_row(architecture: Architecture, group: Features, node: Expression, inner: Expression, follow: Follow | None) -> Expression:
    """Return what is taken of each row of a history, over the source's columns."""
    plain = inlined(architecture, inner, group.source.name, follow)
    other = next((part for part in walk(plain) if _is_feature(architecture, part)), None)
    if isinstance(other, Name):
        source = architecture.features[other.parts[0]].source
        told = f"`{other.text}` is over `{source}`, and each earlier row is of `source.{group.source.name}`"
        raise TypeProblem(node, "MLA322", told, "of another source", f"let it stand around: `{other.text} * mean(…) over 7d`")
    told = next((told for part in walk(plain) if (told := _not_of_one_row(part))), "")
    if told:
        help = "what is taken of each earlier row is of that row alone; the rest stands around it: `standardize(mean(x) over 7d)`"
        raise TypeProblem(node, "MLA320", told, "not of one row", help)
    kind_of(plain, columns_of(architecture.source[group.source.name]))
    return plain


def _is_feature(architecture: Architecture, node: Expression) -> bool:
    """Tell whether a node names a feature."""
    if not isinstance(node, Name) or len(node.parts) != 2:
        return False
    group = architecture.features.get(node.parts[0])
    return group is not None and node.parts[1] in group.feature


@dataclass
class Reading:
    """What the features of one model read of its observations and of histories, found out feature by feature."""

    architecture: Architecture
    model: Model
    observations: Source
    follow: Follow | None = None
    read: set[str] = field(default_factory=set)
    as_of: Expression | None = None
    _made: dict[tuple[str, str], Expression] = field(default_factory=dict)
    _values: dict[tuple[str, tuple[str, ...]], dict[str, HistoryValue]] = field(default_factory=dict)

    def feature(self, group: Features, name: str) -> Expression:
        """Return a feature over the columns of the observations and the values of histories. Raises TypeProblem."""
        made = self._made.get((group.name, name))
        if made is None:
            made = self._made[group.name, name] = self._resolved(group, group.feature[name].expression)
        return made

    def histories(self) -> tuple[History, ...]:
        """Return every history that was read, with its values."""
        return tuple(self._history(source, entity, values) for (source, entity), values in self._values.items())

    def _resolved(self, group: Features, node: Expression) -> Expression:
        if is_of_history(node):
            return self._value(group, node, history_value(self.architecture, group, node, self.follow))
        if is_moment(node):
            made = self._moment(node)
            self.read.update(columns_in(made))
        else:
            made = self._name(group, node) if isinstance(node, Name) else rebuilt(node, lambda part: self._resolved(group, part))
        if self.follow is not None:
            self.follow(node, made)
        return made

    def _name(self, group: Features, node: Name) -> Expression:
        other = self.architecture.features.get(node.parts[0]) if len(node.parts) == 2 else None
        if other is not None and node.parts[1] in other.feature:
            return self.feature(other, node.parts[1])
        columns = columns_of(self.architecture.source[group.source.name])
        column = over_columns(node, group.source.name)
        if not isinstance(column, Name) or column.text not in columns:
            raise unknown_column(node, node.parts, columns)
        if group.source.name == self.observations.name:
            self.read.add(column.text)
            return column
        return self._value(group, node, HistoryValue(column.text, "lag", column, columns[column.text].kind, rank=1))

    def _value(self, group: Features, node: Expression, value: HistoryValue) -> Expression:
        """Note that a value of a history is read, and return the name that stands for it."""
        source, entity = self.architecture.source[group.source.name], entity_of(self.architecture, group)
        self._possible(group, node, source, entity)
        known = self._values.setdefault((source.name, entity), {})
        if value.name not in known:
            taken = {column.name for column in self.observations.schema.columns}
            name = f"{value.name} of {source.name} by {', '.join(entity)}"
            while name in taken:
                name += "'"
            known[value.name] = HistoryValue(name, value.function, value.expression, value.kind, value.window, value.rank)
        return Name((known[value.name].name,))

    def _possible(self, group: Features, node: Expression, source: Source, entity: tuple[str, ...]) -> None:
        """A history has a time and an entity, and the observations say whose and as of when."""
        problem = self._lacking(group, node, source, entity)
        if problem is not None:
            raise problem
        if self.as_of is None:
            self.as_of = self._moment(node)
            self.read.update(columns_in(self.as_of))
        self.read.update(entity)

    def _moment(self, node: Expression) -> Expression:
        moment = moment_of(self.model, self.observations)
        if moment is None:
            told = f"`model.{self.model.name}` does not say as of when a row's history is seen"
            help = f"set `as_of` of the model, or `timestamp` of `source.{self.observations.name}`"
            raise TypeProblem(node, "MLA461", told, "as of when?", help)
        return moment

    def _lacking(self, group: Features, node: Expression, source: Source, entity: tuple[str, ...]) -> TypeProblem | None:
        what = f"`{render(node)}` is of the rows of `source.{source.name}` that were visible before"
        if source.timestamp is None:
            told = f"{what}, and nothing tells when they happened"
            return TypeProblem(node, "MLA460", told, "no time", f"name the column: `timestamp = …` in `source.{source.name}`")
        if not entity:
            told = f"{what}, and nothing tells whose rows"
            help = f"name a column of both: `entity = …` in `features.{group.name}` or in `source.{source.name}`"
            return TypeProblem(node, "MLA460", told, "no entity", help)
        theirs, ours = columns_of(source), columns_of(self.observations)
        for name in entity:
            if name not in theirs:
                return unknown_column(node, (name,), theirs)
            if name not in ours:
                told = f"{what} with the same `{name}`, and `source.{self.observations.name}` has no such column"
                help = "the entity is named alike in both: rename a column, or choose another entity"
                return TypeProblem(node, "MLA460", told, "whose rows?", help)
            if theirs[name].kind is not ours[name].kind or ColumnType.FLOAT in (theirs[name].type, ours[name].type):
                told = (
                    f"`{name}` is {ours[name].type} in `source.{self.observations.name}` and {theirs[name].type} in `source.{source.name}`"
                )
                return TypeProblem(node, "MLA460", told, "nothing to join by", "an entity is of one type in both, and no float")
        return None

    def _history(self, name: str, entity: tuple[str, ...], values: Mapping[str, HistoryValue]) -> History:
        source = self.architecture.source[name]
        assert source.timestamp is not None, "said above"
        read = dict.fromkeys((*entity, source.timestamp, *((source.known_at,) if source.known_at else ())))
        for value in values.values():
            read |= dict.fromkeys(columns_in(value.expression)) if value.expression is not None else {}
        columns = tuple(column for column in source.schema.columns if column.name in read)
        refresh = source.refresh or Refresh.CONTINUOUS
        return History(name, entity, source.timestamp, source.known_at, refresh, columns, tuple(values.values()))


def _not_of_one_row(part: Expression) -> str:
    """Say why an expression cannot be computed from one row of a history, or nothing."""
    if is_of_history(part):
        return f"`{render(part)}` is of a history itself: a history of histories is not kept"
    role = FUNCTIONS[part.function].role if isinstance(part, Apply) and part.function in FUNCTIONS else Role.SCALAR
    if role is Role.FITTED:
        assert isinstance(part, Apply)
        return f"`{part.function}` is learnt from the observations, not from the rows of a history"
    if role is Role.MOMENT:
        return f"`{render(part)}` is when the prediction is asked for, and not when an earlier row was"
    return f"`{render(part)}` is over many rows" if role is Role.AGGREGATE else ""
