"""Validation: every rule of a schema and every expectation, measured in one pass over the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from ...architecture.blocks.source import Source
from ...architecture.expressions import Apply, Expression, Name, children, render
from ...architecture.functions import FUNCTIONS, Role
from ...architecture.lock import Lock
from ...architecture.types import Column, ColumnType, ValueKind
from ..artifacts import Dataset, RuleResult, Scalar, ValidationReport
from ..conditions import evaluate
from ..features.tables import lower
from ..state import State, made_anew
from .ingestion import undamaged

EXAMPLES = 5


@dataclass(frozen=True)
class _Rule:
    """A rule about rows: `bad` is true for each row that breaks it."""

    name: str
    rule: str
    at: str
    bad: pl.Expr
    shown: str


def validate(lock: Lock, source: str, dataset: Dataset, state: State) -> ValidationReport:
    """Check every rule of a source on a dataset; the report says what broke, how often, and shows example rows."""
    block = lock.architecture.source[source]
    with made_anew(lock.root / dataset.path), undamaged(dataset.path, f"source.{source}"):
        results = measure(pl.scan_parquet(lock.root / dataset.path), block)
    path = state.path("validation", f"{source}-{dataset.digest[:16]}-{lock.code_version(f'source.{source}')}.json")
    report = ValidationReport(
        source=source, digest=dataset.digest, rows=dataset.rows, rules=tuple(results), path=path.relative_to(lock.root).as_posix()
    )
    state.write_value(path, report, "validation.report")
    return report


def measure(frame: pl.LazyFrame, block: Source, *, whole: bool = True) -> list[RuleResult]:
    """Return how the rows keep the rules of the columns that there are and, if it is the whole table, the expectations."""
    present = frame.collect_schema().names()
    rules = [rule for column in block.schema.columns if column.name in present for rule in _column_rules(block, column)]
    conditions = [condition.expression for condition in (block.expect.conditions if whole and block.expect else ())]
    aggregates = _aggregates(conditions, block)
    counts = frame.select(
        pl.len().alias("rows"),
        *(rule.bad.fill_null(False).sum().alias(f"r{number}") for number, rule in enumerate(rules)),
        *(expression.alias(f"a{number}") for number, (_, expression) in enumerate(aggregates)),
    )
    measured = counts.collect(engine="streaming").row(0, named=True)
    results = [_row_result(rule, int(measured[f"r{number}"]), frame) for number, rule in enumerate(rules)]
    values = {render(node): measured[f"a{number}"] for number, (node, _) in enumerate(aggregates)}
    return results + [_expectation(number, condition, values, block) for number, condition in enumerate(conditions)]


def rule_names(block: Source) -> list[tuple[str, str, str]]:
    """Return name, rule and path of every rule of a source, without reading data: an engine declares its checks from this."""
    rules = [(rule.name, rule.rule, rule.at) for column in block.schema.columns for rule in _column_rules(block, column)]
    conditions = block.expect.conditions if block.expect else ()
    return rules + [
        (f"expect_{number}", render(each.expression), f"source.{block.name}.expect.{number}") for number, each in enumerate(conditions)
    ]


def _column_rules(block: Source, column: Column) -> list[_Rule]:
    at, held, safe = (
        f"source.{block.name}.schema.{column.name}",
        pl.col(column.name),
        "".join(c if c.isalnum() else "_" for c in column.name),
    )
    rules: list[_Rule] = []
    if not column.nullable:
        rules.append(_Rule(f"{safe}_present", f"{column.name} is never missing", at, held.is_null(), column.name))
    if column.low is not None and column.high is not None:
        bad = (held < column.low) | (held > column.high)
        rules.append(_Rule(f"{safe}_range", f"{column.name} in {column.low:g}..{column.high:g}", at, bad, column.name))
    if column.categories:
        shown = ", ".join(column.categories)
        rules.append(_Rule(f"{safe}_category", f"{column.name} is one of {shown}", at, ~held.is_in(list(column.categories)), column.name))
    if column.type is ColumnType.ID:
        rules.append(_Rule(f"{safe}_unique", f"{column.name} is unique", at, held.is_not_null() & held.is_duplicated(), column.name))
    return rules


def _row_result(rule: _Rule, failing: int, frame: pl.LazyFrame) -> RuleResult:
    examples: tuple[dict[str, Scalar], ...] = ()
    if failing:
        shown = frame.with_row_index("row", offset=1).filter(rule.bad).head(EXAMPLES).collect()
        examples = tuple({name: _plain(value) for name, value in row.items()} for row in shown.to_dicts())
    return RuleResult(name=rule.name, rule=rule.rule, at=rule.at, passed=failing == 0, failing=failing, examples=examples)


def _plain(value: object) -> Scalar:
    return value if value is None or isinstance(value, (float, int, str, bool)) else str(value)


# --- expectations ---------------------------------------------------------------------------------------------------


def _aggregates(conditions: list[Expression], block: Source) -> list[tuple[Expression, pl.Expr]]:
    """Every different aggregate in the conditions with its lowering."""
    found: dict[str, tuple[Expression, pl.Expr]] = {}
    columns = {column.name: column for column in block.schema.columns}

    def look(node: Expression) -> None:
        if _is_aggregate(node):
            found.setdefault(render(node), (node, _lower_aggregate(node, columns)))
            return
        for part in children(node):
            look(part)

    for condition in conditions:
        look(condition)
    return list(found.values())


def _is_aggregate(node: Expression) -> bool:
    if isinstance(node, Name):
        return node.parts == ("rows",)
    return isinstance(node, Apply) and node.function in FUNCTIONS and FUNCTIONS[node.function].role is Role.AGGREGATE


def _lower_aggregate(node: Expression, columns: dict[str, Column]) -> pl.Expr:
    if isinstance(node, Name) or (isinstance(node, Apply) and node.function in ("count", "rows")):
        return pl.len().cast(pl.Float64)
    assert isinstance(node, Apply)
    inner = [_of_rows(argument, columns) for argument in node.arguments]
    return _AGGREGATES[node.function](inner)


def _of_rows(argument: Expression, columns: dict[str, Column]) -> pl.Expr:
    """A column alone is read in a stream; what is worked out of columns is held for all rows at once."""
    match argument:
        case Name((name,)):
            return pl.col(name).cast(pl.Float64) if columns[name].kind is ValueKind.NUMBER else pl.col(name)
    return lower(argument, columns)


_AGGREGATES: dict[str, Callable[[list[pl.Expr]], pl.Expr]] = {
    "sum": lambda x: x[0].sum(),
    "mean": lambda x: x[0].mean(),
    "min": lambda x: x[0].min(),
    "max": lambda x: x[0].max(),
    "std": lambda x: x[0].std(ddof=1),
    "distinct": lambda x: x[0].drop_nulls().n_unique().cast(pl.Float64),
    "null_ratio": lambda x: x[0].is_null().mean(),
    "unique": lambda x: pl.struct(part.alias(str(number)) for number, part in enumerate(x)).is_unique().mean(),
}


def _expectation(number: int, condition: Expression, values: dict[str, float | None], block: Source) -> RuleResult:
    passed = evaluate(condition, values)
    shown = [
        f"{text} is {value:g}" if value is not None else f"{text} is missing" for text, value in values.items() if text in render(condition)
    ]
    return RuleResult(
        name=f"expect_{number}",
        rule=render(condition),
        at=f"source.{block.name}.expect.{number}",
        passed=passed is True,
        failing=0 if passed else 1,
        measured="; ".join(shown),
    )
