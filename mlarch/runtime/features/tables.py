"""The lowering to tables: every expression becomes a lazy Polars expression."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial, reduce
from typing import Any, TypeVar

import numpy as np
import polars as pl

from ...architecture.expressions import Among, Amount, Apply, Between, Expression, Literal, Lookup, Moment, Name, Term, walk
from ...architecture.observations import columns_in
from ...architecture.program import FeatureProgram
from ...architecture.types import Column, ColumnType, ValueKind
from ...architecture.typing import kind_of
from . import requests
from .closures import DAYS, MONTHS, pattern, split_part, word_count
from .constants import bucket, constant, moment, reciprocal
from .own.calling import calls_own
from .own.modules import learn
from .tfidf import columns_of_terms
from .times import on_clock, passed

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)
TIME = pl.Datetime("us", "UTC")

#: How a column of each type is held in a table.
POLARS_TYPES: dict[ColumnType, pl.DataType] = {
    ColumnType.ID: pl.String(),
    ColumnType.STRING: pl.String(),
    ColumnType.CATEGORY: pl.String(),
    ColumnType.INT: pl.Int64(),
    ColumnType.FLOAT: pl.Float64(),
    ColumnType.BOOL: pl.Boolean(),
    ColumnType.TIMESTAMP: TIME,
    ColumnType.DATE: TIME,
}

#: How a value of each kind is held in a table.
OF_KIND: dict[ValueKind, pl.DataType] = {
    ValueKind.NUMBER: pl.Float64(),
    ValueKind.BOOLEAN: pl.Boolean(),
    ValueKind.TEXT: pl.String(),
    ValueKind.TIMESTAMP: TIME,
    ValueKind.DURATION: pl.Duration("us"),
}


def apply(program: FeatureProgram, frame: Frame) -> Frame:
    """Return a table with one float column for each feature, in order; booleans are 0 and 1, missing is null.

    The program must be fitted, and a table have the values from histories beside the inputs.
    """
    learn(program)
    texts = [columns_of_terms(lower(held.expression, program.columns), held) for held in program.vocabularies]
    return (frame.with_columns(texts) if texts else frame).select(to_polars(program))


def to_polars(program: FeatureProgram) -> list[pl.Expr]:
    """Return one Float64 expression for each feature, named by it, over a table that has the columns of terms."""
    return [lower(feature.expression, program.columns).cast(pl.Float64).alias(feature.name) for feature in program.features]


def lower(expression: Expression, columns: Mapping[str, Column]) -> pl.Expr:
    """Return the Polars expression of a fitted expression over columns: one value for each row of a table, constants too.

    Polars folds what it can (`when(false)`), and gives some functions of constants one row, whatever the table's height. Which ones
    is its secret, so that every result is spread over the row numbers, which no optimiser knows.
    """
    made = _by_row(expression, columns) if calls_own(expression) else _lower(expression, columns)
    return pl.when(pl.int_range(pl.len()) >= 0).then(made)


def _by_row(expression: Expression, columns: Mapping[str, Column]) -> pl.Expr:
    """Compute an expression as a request does, row by row: all of one that calls a function of the user's.

    What stands around the call decides whether it is made at all, as in `if(is_missing(x), 0, python("m:f", x))`: Polars would make it.
    """
    closure, dtype, read = requests.lower(expression, columns), OF_KIND[kind_of(expression, columns)], columns_in(expression)
    if not read:
        return pl.lit(closure({}), dtype=dtype)

    def over(series: pl.Series) -> pl.Series:
        table = series.struct.unnest()
        rows = zip(*(table[name].to_list() for name in read), strict=True)
        return pl.Series(series.name, [closure(dict(zip(read, row, strict=True))) for row in rows], dtype=dtype)

    return pl.struct(list(read)).map_batches(over, return_dtype=dtype)


def _lower(expression: Expression, columns: Mapping[str, Column]) -> pl.Expr:
    if not isinstance(expression, (Literal, Amount, Moment)) and _is_constant(expression):
        # Computed once, by the request's own code.
        return pl.lit(requests.lower(expression, {})({}), dtype=OF_KIND[kind_of(expression, {})])
    match expression:
        case Name((name,)):
            return _column(columns[name])
        case Literal(value):
            return pl.lit(float(value) if isinstance(value, int) and not isinstance(value, bool) else value)
        case Amount():
            return pl.lit(constant(expression))
        case Moment(text):
            return pl.lit(moment(text), dtype=TIME)
        case Between(value, low, high):
            middle = _lower(value, columns)
            return (middle >= _lower(low, columns)) & (middle <= _lower(high, columns))
        case Among(value, choices):
            wanted = _lower(value, columns)
            return reduce(lambda left, right: left | right, [wanted == _lower(choice, columns) for choice in choices])
        case Lookup(value, table, default):
            return _by_value(_lower(value, columns), lambda text: table.get(text, default), pl.Float64())
        case Term(column, number):
            return pl.col(column).struct.field(str(number))
        case Apply(function, arguments, _):
            return _apply(function, arguments, columns)
    raise TypeError(f"`{type(expression).__name__}` has no lowering to tables")


def _column(column: Column) -> pl.Expr:
    found = pl.col(column.name)
    if column.kind is ValueKind.NUMBER:
        return _finite(found.cast(pl.Float64))
    return found


def _apply(function: str, arguments: tuple[Expression, ...], columns: Mapping[str, Column]) -> pl.Expr:
    if function == "/" and (inverse := reciprocal(arguments[1])) is not None:
        return _finite(_lower(arguments[0], columns) * inverse)
    if function == "/" and _is_constant(arguments[1]):  # Polars would multiply by its reciprocal all the same
        return _finite(_by_numpy(np.divide, [_lower(argument, columns) for argument in arguments]))
    if function in WITH_CONSTANTS:
        given = [constant(argument) for argument in arguments[1:]]
        return WITH_CONSTANTS[function](_lower(arguments[0], columns), given)
    if function in ("+", "-") and any(_is_time(argument, columns) for argument in arguments):
        left, right = (_lower(argument, columns) for argument in arguments)
        return left + right if function == "+" else left - right
    return SCALARS[function]([_lower(argument, columns) for argument in arguments])


def _is_constant(expression: Expression) -> bool:
    return not any(isinstance(part, (Name, Term)) for part in walk(expression))


def _is_time(argument: Expression, columns: Mapping[str, Column]) -> bool:
    return kind_of(argument, columns) in (ValueKind.TIMESTAMP, ValueKind.DURATION)


def _finite(expression: pl.Expr) -> pl.Expr:
    """What is not a finite number is missing.

    The expression stands in it once: written twice (`when(x.is_finite()).then(x)`), a sum of n terms would be planned 2**n times.
    """
    return expression.replace([math.inf, -math.inf, math.nan], None)


def _by_value(expression: pl.Expr, function: Callable[[str], object], dtype: pl.DataType) -> pl.Expr:
    """Compute a text function in Python, once for each different value: the very code that a request runs."""

    def over(series: pl.Series) -> pl.Series:
        unique = series.drop_nulls().unique()
        made = pl.Series([function(text) for text in unique], dtype=dtype)
        if unique.is_empty():
            return pl.Series(series.name, [None] * len(series), dtype=dtype)
        return series.replace_strict(unique, made, default=None, return_dtype=dtype)

    return expression.map_batches(over, return_dtype=dtype)


def _by_numpy(function: Callable[..., Any], parts: Sequence[pl.Expr]) -> pl.Expr:
    """Compute a function of numbers by numpy: Polars makes it of others, and 1000 would have a logarithm that is no whole number."""

    def over(columns: Sequence[pl.Series]) -> pl.Series:
        with np.errstate(all="ignore"):  # what is not finite is missing, and what is missing is NaN meanwhile
            return pl.Series(columns[0].name, function(*(column.to_numpy() for column in columns)))

    return pl.map_batches(list(parts), over, return_dtype=pl.Float64)


def _named(number: pl.Expr, names: Sequence[str]) -> pl.Expr:
    return number.replace_strict(list(range(1, len(names) + 1)), list(names), default=None, return_dtype=pl.String)


def _extreme(parts: Sequence[pl.Expr], chosen: pl.Expr) -> pl.Expr:
    return pl.when(pl.all_horizontal([part.is_not_null() for part in parts])).then(chosen)


def _bucket(series: pl.Series, edges: list[float]) -> pl.Series:
    places = np.searchsorted(edges, series.to_numpy(), side="right").astype(np.float64)
    return pl.Series(series.name, places).set(series.is_null(), None)


def _case(parts: Sequence[pl.Expr]) -> pl.Expr:
    made = parts[-1]
    for place in range(len(parts) - 3, -1, -2):
        made = pl.when(parts[place]).then(parts[place + 1]).otherwise(made)
    return made


Lowering = Callable[[Sequence[pl.Expr]], pl.Expr]

#: One line for each scalar function and operator of the language.
SCALARS: dict[str, Lowering] = {
    "+": lambda x: _finite(x[0] + x[1]),
    "-": lambda x: _finite(x[0] - x[1]),
    "*": lambda x: _finite(x[0] * x[1]),
    "/": lambda x: _finite(x[0] / x[1]),
    "neg": lambda x: -x[0],
    "<": lambda x: x[0] < x[1],
    "<=": lambda x: x[0] <= x[1],
    ">": lambda x: x[0] > x[1],
    ">=": lambda x: x[0] >= x[1],
    "==": lambda x: x[0] == x[1],
    "!=": lambda x: x[0] != x[1],
    "and": lambda x: x[0] & x[1],
    "or": lambda x: x[0] | x[1],
    "not": lambda x: ~x[0],
    "abs": lambda x: x[0].abs(),
    "sqrt": lambda x: _finite(x[0].sqrt()),
    "exp": lambda x: _finite(x[0].exp()),
    "log": lambda x: _finite(x[0].log()),
    "log1p": lambda x: _finite(x[0].log1p()),
    "log10": lambda x: _finite(_by_numpy(np.log10, x)),
    "log2": lambda x: _finite(_by_numpy(np.log2, x)),
    "sin": lambda x: _finite(x[0].sin()),
    "cos": lambda x: _finite(x[0].cos()),
    "mod": lambda x: _finite(_by_numpy(np.mod, x)),
    "floor": lambda x: x[0].floor(),
    "ceil": lambda x: x[0].ceil(),
    "sign": lambda x: x[0].sign(),
    "power": lambda x: _finite(x[0].pow(x[1])),
    "min_of": lambda x: _extreme(x, pl.min_horizontal(x)),
    "max_of": lambda x: _extreme(x, pl.max_horizontal(x)),
    "if": lambda x: pl.when(x[0]).then(x[1]).otherwise(x[2]),
    "case": _case,
    "null_if": lambda x: pl.when((x[0] == x[1]).fill_null(value=False)).then(None).otherwise(x[0]),
    "coalesce": lambda x: pl.coalesce(x),
    "is_missing": lambda x: x[0].is_null(),
    "lower": lambda x: _by_value(x[0], str.lower, pl.String()),
    "upper": lambda x: _by_value(x[0], str.upper, pl.String()),
    "length": lambda x: x[0].str.len_chars().cast(pl.Float64),
    "trim": lambda x: _by_value(x[0], str.strip, pl.String()),
    "word_count": lambda x: _by_value(x[0], word_count, pl.Float64()),
    "concat": lambda x: pl.concat_str(x),
    "seconds_between": lambda x: passed(x[0], x[1], timedelta(seconds=1)),
    "minutes_between": lambda x: passed(x[0], x[1], timedelta(minutes=1)),
    "hours_between": lambda x: passed(x[0], x[1], timedelta(hours=1)),
    "days_between": lambda x: passed(x[0], x[1], timedelta(days=1)),
}

#: Functions whose later arguments are constants.
WITH_CONSTANTS: dict[str, Callable[[pl.Expr, list[Any]], pl.Expr]] = {
    "round": lambda x, given: x.round(int(given[0]) if given else 0, mode="half_to_even"),
    "clip": lambda x, given: x.clip(pl.lit(given[0], pl.Float64), pl.lit(given[1], pl.Float64)),
    "bucket": lambda x, given: x.map_batches(partial(_bucket, edges=[float(edge) for edge in given]), return_dtype=pl.Float64),
    "contains": lambda x, given: x.str.contains(str(given[0]), literal=True),
    "starts_with": lambda x, given: x.str.starts_with(str(given[0])),
    "matches": lambda x, given: _by_value(x, pattern(given[0]), pl.Boolean()),
    "ends_with": lambda x, given: x.str.ends_with(str(given[0])),
    "replace": lambda x, given: _by_value(x, lambda text: text.replace(given[0], given[1]), pl.String()),
    "left": lambda x, given: x.str.head(int(given[0])),
    "right": lambda x, given: x.str.tail(int(given[0])),
    "substring": lambda x, given: x.str.slice(int(given[0]) - 1, int(given[1])),
    "split_part": lambda x, given: _by_value(x, lambda text: split_part(text, given[0], int(given[1])), pl.String()),
    "hash_bucket": lambda x, given: _by_value(x, lambda text: bucket(text, int(given[0])), pl.Float64()),
    "year": lambda x, given: on_clock(x, given).dt.year().cast(pl.Float64),
    "quarter": lambda x, given: on_clock(x, given).dt.quarter().cast(pl.Float64),
    "month": lambda x, given: on_clock(x, given).dt.month().cast(pl.Float64),
    "week": lambda x, given: on_clock(x, given).dt.week().cast(pl.Float64),
    "day": lambda x, given: on_clock(x, given).dt.day().cast(pl.Float64),
    "hour": lambda x, given: on_clock(x, given).dt.hour().cast(pl.Float64),
    "minute": lambda x, given: on_clock(x, given).dt.minute().cast(pl.Float64),
    "second": lambda x, given: on_clock(x, given).dt.second().cast(pl.Float64),
    "day_name": lambda x, given: _named(on_clock(x, given).dt.weekday(), DAYS),
    "month_name": lambda x, given: _named(on_clock(x, given).dt.month(), MONTHS),
    "day_of_week": lambda x, given: on_clock(x, given).dt.weekday().cast(pl.Float64),
    "day_of_year": lambda x, given: on_clock(x, given).dt.ordinal_day().cast(pl.Float64),
    "is_weekend": lambda x, given: on_clock(x, given).dt.weekday() >= 6,
}
