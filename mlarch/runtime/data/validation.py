"""Validation: every rule of a schema and every expectation, measured in one pass over the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ...architecture.blocks.source import Source
from ...architecture.expressions import Apply, Expression, Name, children, render
from ...architecture.functions import FUNCTIONS, Role
from ...architecture.lock import Lock
from ...architecture.types import Column, ValueKind
from ..artifacts import Dataset, Drift, Profile, RuleResult, Scalar, ValidationReport
from ..conditions import evaluate
from ..features.tables import lower
from ..state import State, made_anew, read_value
from .ingestion import undamaged
from .profiles import Binned, Ends, bins_again, bins_of, drifts, profile
from .rules import Rule, rules_about, rules_of

EXAMPLES = 5


@dataclass(frozen=True)
class Measured:
    """What one pass over a table gives: the rules, and how its columns are distributed, by their own bins and by earlier ones."""

    rules: list[RuleResult]
    profiles: tuple[Profile, ...] = ()
    drifts: tuple[Drift, ...] = ()


def validate(lock: Lock, source: str, dataset: Dataset, state: State) -> ValidationReport:
    """Check every rule of a source on a dataset; the report says what broke, how often, and shows example rows and histograms."""
    block = lock.architecture.source[source]
    before = _before(state, source, dataset.digest)
    file = lock.root / dataset.path
    with made_anew(file), undamaged(dataset.path, f"source.{source}"):
        found = measure(pl.scan_parquet(file), block, ends=_ends(file), before=before.profiles if before else ())
    path = state.path("validation", f"{source}-{dataset.digest[:16]}-{lock.code_version(f'source.{source}')}.json")
    report = ValidationReport(
        source=source,
        digest=dataset.digest,
        rows=dataset.rows,
        rules=(*found.rules, *_moved(block, found.drifts)),
        path=path.relative_to(lock.root).as_posix(),
        profiles=found.profiles,
        before=before.digest if before else None,
        drifts=found.drifts,
    )
    state.write_value(path, report, "validation.report")
    return report


def measure(
    frame: pl.LazyFrame, block: Source, *, whole: bool = True, ends: Ends | None = None, before: Sequence[Profile] = ()
) -> Measured:
    """Return how the rows keep the rules of the columns that there are and, if it is the whole table, the expectations.

    With the `ends` of its columns they are profiled as well. It is one pass, whatever the number of rules; where some are broken, two more
    show the first rows that break each.
    """
    present = frame.collect_schema().names()
    rules = [rule for column in block.schema.columns if column.name in present for rule in rules_about(block, column)]
    conditions = [condition.expression for condition in (block.expect.conditions if whole and block.expect else ())]
    aggregates = _aggregates(conditions, block)
    own = bins_of(block, ends) if ends is not None else []
    earlier = bins_again(block, before) if ends is not None else []
    counts = frame.select(
        pl.len().alias("rows"),
        *(rule.bad.fill_null(False).sum().alias(f"r{number}") for number, rule in enumerate(rules)),
        *(expression.alias(f"a{number}") for number, (_, expression) in enumerate(aggregates)),
        *(pl.col(name).null_count().alias(f"m_{name}") for name in dict.fromkeys(each.column.name for each in (*own, *earlier))),
        *(each.alias(f"o{number}_{bin}") for number, binned in enumerate(own) for bin, each in enumerate(binned.counts())),
        *(each.alias(f"e{number}_{bin}") for number, binned in enumerate(earlier) for bin, each in enumerate(binned.counts())),
    )
    measured = counts.collect(engine="streaming").row(0, named=True)
    results = list(_row_results(rules, [int(measured[f"r{number}"]) for number in range(len(rules))], frame))
    values = {render(node): measured[f"a{number}"] for number, (node, _) in enumerate(aggregates)}
    results += [_expectation(number, condition, values, block) for number, condition in enumerate(conditions)]
    missing = {each.column.name: int(measured[f"m_{each.column.name}"]) for each in (*own, *earlier)}
    binned = {name: _counts(measured, name, bins) for name, bins in (("o", own), ("e", earlier))}
    profiles = tuple(profile(each, binned["o"][each.column.name], missing[each.column.name], ends or {}) for each in own)
    return Measured(results, profiles, tuple(drifts(before, binned["e"], missing)))


def _counts(measured: Mapping[str, Any], kind: str, bins: Sequence[Binned]) -> dict[str, list[int]]:
    return {
        each.column.name: [int(measured[f"{kind}{number}_{bin}"]) for bin in range(len(each.labels) or len(each.edges) + 1)]
        for number, each in enumerate(bins)
    }


def _ends(file: Path) -> dict[str, tuple[float, float]]:
    """The least and the largest value of each column of numbers, which a Parquet file knows without being read."""
    import pyarrow
    import pyarrow.parquet as parquet

    try:
        metadata = parquet.read_metadata(file)
    except pyarrow.ArrowException as problem:
        raise pl.exceptions.ComputeError(str(problem)) from None
    found: dict[str, tuple[float, float]] = {}
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            column = metadata.row_group(group).column(place)
            known = column.statistics
            if known is not None and known.has_min_max and isinstance(known.min, (int, float)):
                low, high = found.get(column.path_in_schema, (known.min, known.max))
                found[column.path_in_schema] = (min(low, known.min) + 0.0, max(high, known.max) + 0.0)  # minus nothing is 0
    return found


def _before(state: State, source: str, digest: str) -> ValidationReport | None:
    """The report of the version before: the latest of another digest."""
    files = sorted(state.path("validation", "report").parent.glob(f"{source}-*.json"), key=lambda file: file.stat().st_mtime_ns)
    reports = (read_value(file, ValidationReport) for file in reversed(files))
    return next((each for each in reports if each is not None and each.source == source and each.digest != digest and each.passed), None)


def _moved(block: Source, found: Sequence[Drift]) -> Iterator[RuleResult]:
    """Yield the rule about drift, where the file asks for one; without a version before it holds."""
    if block.drift is None:
        return
    far = [each for each in found if not block.drift.holds(each.psi)]
    shown = "; ".join(f"{each.column} is {each.psi:.3g}" for each in sorted(found, key=lambda each: -each.psi)[:EXAMPLES])
    yield RuleResult(
        name="drift",
        rule=f"drift {block.drift}",
        at=f"source.{block.name}.drift",
        passed=not far,
        failing=len(far),
        measured=shown or "there is no version before",
    )


def rule_names(block: Source) -> list[tuple[str, str, str]]:
    """Return name, rule and path of every rule of a source, without reading data: an engine declares its checks from this."""
    rules = [(rule.name, rule.rule, rule.at) for rule in rules_of(block)]
    at, conditions = f"source.{block.name}", block.expect.conditions if block.expect else ()
    rules += [(f"expect_{number}", render(each.expression), f"{at}.expect.{number}") for number, each in enumerate(conditions)]
    return rules + ([("drift", f"drift {block.drift}", f"{at}.drift")] if block.drift is not None else [])


def _row_results(rules: Sequence[Rule], failing: Sequence[int], frame: pl.LazyFrame) -> Iterator[RuleResult]:
    """Yield the result of each rule, with the first rows that break it."""
    shown = iter(_examples([rule for rule, count in zip(rules, failing, strict=True) if count], frame))
    for rule, count in zip(rules, failing, strict=True):
        examples = next(shown) if count else ()
        yield RuleResult(name=rule.name, rule=rule.rule, at=rule.at, passed=not count, failing=count, examples=examples)


def _examples(broken: Sequence[Rule], frame: pl.LazyFrame) -> list[tuple[dict[str, Scalar], ...]]:
    """The first rows that break each rule, their numbers from 1 ahead: one pass finds the numbers, however many rules, and one the rows."""
    if not broken:
        return []
    row = "row"
    while row in frame.collect_schema():
        row += "_"
    numbered = frame.with_row_index(row, offset=1)
    firsts = (pl.col(row).filter(rule.bad).head(EXAMPLES).implode().alias(str(place)) for place, rule in enumerate(broken))
    numbers: tuple[list[int], ...] = numbered.select(*firsts).collect(engine="streaming").row(0)
    wanted = sorted({number for each in numbers for number in each})
    found = numbered.filter(pl.col(row).is_in(wanted)).collect(engine="streaming").to_dicts()
    rows = {each[row]: {column: _plain(value) for column, value in each.items()} for each in found}
    return [tuple(rows[number] for number in each) for each in numbers]


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
