"""Every rule of a schema and every expectation is measured as a plain reading of the rows would measure it."""

from __future__ import annotations

import json
import math
import statistics
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mlarch
from mlarch.architecture.lock import Lock
from mlarch.runtime.artifacts import RuleResult, ValidationReport
from mlarch.runtime.data.ingestion import ingest
from mlarch.runtime.data.validation import rule_names, validate
from mlarch.runtime.state import State

ARCHITECTURE = """language = "1.0"
system s {{ problem = regression, metric rmse {{ baseline = 9 }} }}
source rows {{
  connector = parquet("rows.parquet")
  schema {{
    key   : id?
    n     : int in -5..5
    x     : float? in 0..1
    kind  : category("a", "b")
    free  : string?
  }}
  expect {{
    {expect}
  }}
}}
"""
TYPES = {"key": pl.String, "n": pl.Int64, "x": pl.Float64, "kind": pl.String, "free": pl.String}


def lock_of(folder: Path, expect: str = "rows >= 1") -> Lock:
    """Compile the architecture with these expectations."""
    file = folder / "s.mlarch"
    file.write_text(ARCHITECTURE.format(expect=expect))
    return mlarch.load(file).compile().lock


def validated(lock: Lock, rows: list[dict[str, Any]]) -> ValidationReport:
    """Ingest and validate rows."""
    pl.DataFrame(rows, schema=TYPES).write_parquet(lock.root / "rows.parquet")
    state = State(lock.root)
    return validate(lock, "rows", ingest(lock, "rows", state), state)


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(["p", "q", "r", "s", "t", None]),
            "n": st.one_of(st.integers(-7, 7), st.none()),
            "x": st.one_of(st.floats(-0.5, 1.5), st.none()),
            "kind": st.sampled_from(["a", "b", "c", "", None]),
            "free": st.sampled_from(["u", "v", None]),
        }
    ),
    min_size=1,
    max_size=12,
).filter(lambda rows: any(row["n"] is not None for row in rows) and any(row["kind"] is not None for row in rows))


def broken(rows: list[dict[str, Any]]) -> dict[str, list[int]]:
    """The rows that break each rule, counted from 1: read one after the other, by the words of the rule."""
    keys = Counter(row["key"] for row in rows if row["key"] is not None)
    rules = {
        "key_unique": lambda row: row["key"] is not None and keys[row["key"]] > 1,
        "n_present": lambda row: row["n"] is None,
        "n_range": lambda row: row["n"] is not None and not -5 <= row["n"] <= 5,
        "x_range": lambda row: row["x"] is not None and not 0 <= row["x"] <= 1,
        "kind_present": lambda row: row["kind"] is None,
        "kind_category": lambda row: row["kind"] is not None and row["kind"] not in ("a", "b"),
    }
    return {name: [number for number, row in enumerate(rows, 1) if rule(row)] for name, rule in rules.items()}


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS)
def test_each_rule_counts_the_rows_that_break_it(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    """A rule fails by exactly the rows that break it, and shows the first five of them with their numbers."""
    report = validated(lock_of(tmp_path), rows)
    found = {rule.name: rule for rule in report.rules if not rule.name.startswith("expect")}
    wanted = broken(rows)
    assert {name: rule.failing for name, rule in found.items()} == {name: len(numbers) for name, numbers in wanted.items()}
    for name, rule in found.items():
        assert [example["row"] for example in rule.examples] == wanted[name][:5]
        for example in rule.examples:
            assert {key: value for key, value in example.items() if key != "row"} == rows[int(example["row"] or 0) - 1]  # type: ignore[call-overload]
    assert report.passed == (not any(wanted.values()))


def oracle(rows: list[dict[str, Any]]) -> dict[str, float | None]:
    """Each aggregate, by Python's own means."""
    xs = [row["x"] for row in rows if row["x"] is not None]
    pairs = Counter((row["kind"], row["free"]) for row in rows)
    return {
        "rows": len(rows),
        "count()": len(rows),
        "sum(x)": math.fsum(xs),
        "mean(x)": math.fsum(xs) / len(xs) if xs else None,
        "min(x)": min(xs, default=None),
        "max(x)": max(xs, default=None),
        "std(x)": statistics.stdev(xs) if len(xs) > 1 else None,
        "distinct(free)": len({row["free"] for row in rows} - {None}),
        "null_ratio(x)": sum(row["x"] is None for row in rows) / len(rows),
        "unique(kind, free)": sum(pairs[row["kind"], row["free"]] == 1 for row in rows) / len(rows),
        "mean(x * 2 + 1)": math.fsum(2 * x + 1 for x in xs) / len(xs) if xs else None,
        "sum(2)": 2 * len(rows),
    }


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS)
def test_each_aggregate_is_what_python_makes_of_the_rows(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    """An expectation holds at the value that the standard library gives, and fails above and below it; without a value it fails."""
    lines, wanted = [], []
    for text, value in oracle(rows).items():
        at = value if value is not None else 0.0
        low, high = f"{at - 1e-9:.12f}", f"{at + 1e-9:.12f}"
        lines += [f"{text} in {low}..{high}", f"{text} < {low}", f"{text} > {high}"]
        wanted += [value is not None, False, False]
    report = validated(lock_of(tmp_path, "\n    ".join(lines)), rows)
    found = [rule for rule in report.rules if rule.name.startswith("expect")]
    assert [rule.passed for rule in found] == wanted, [(rule.rule, rule.measured) for rule in found]


ORDINARY = [{"key": f"k{number}", "n": number % 3, "x": number / 10, "kind": "a", "free": None} for number in range(10)]


@pytest.mark.parametrize(
    ("expect", "passed", "measured"),
    [
        ("rows >= 10", True, "rows is 10"),
        ("rows >= 10 and mean(n) < 1", True, "mean(n) is 0.9; rows is 10"),
        ("rows > 10 or max(n) == 2", True, "max(n) is 2; rows is 10"),
        ("rows != 10 or not rows > 10", True, "rows is 10"),
        ("null_ratio(free) <= 5%", False, "null_ratio(free) is 1"),
        ("null_ratio(x) <= 5%", True, "null_ratio(x) is 0"),
        ("unique(key) >= 99%", True, "unique(key) is 1"),
        ("distinct(kind) == 1", True, "distinct(kind) is 1"),
        ("max(x) - min(x) in 0.8..1", True, "max(x) is 0.9; min(x) is 0"),
        ("mean(length(free)) > 0", False, "mean(length(free)) is missing"),
    ],
)
def test_expectations_combine_and_say_what_was_measured(expect: str, passed: bool, measured: str, tmp_path: Path) -> None:
    """Conditions take arithmetic, logic and percentages; the result names each measured value; what is missing does not pass."""
    rule = validated(lock_of(tmp_path, expect), ORDINARY).rules[-1]
    assert rule.passed is passed and rule.rule == expect and rule.at == "source.rows.expect.0"
    assert "; ".join(sorted(str(rule.measured).split("; "))) == measured


def test_the_report_is_kept_where_the_message_says(tmp_path: Path) -> None:
    """The report is a JSON file at its own path, with every rule that an engine was told of, in the same order."""
    lock = lock_of(tmp_path)
    report = validated(lock, [{**ORDINARY[0], "n": 9}, *ORDINARY[1:]])
    kept = json.loads((lock.root / report.path).read_text())
    assert [rule["name"] for rule in kept["rules"]] == [name for name, _, _ in rule_names(lock.architecture.source["rows"])]
    (failed,) = (rule for rule in kept["rules"] if not rule["passed"])
    assert failed["rule"] == "n in -5..5" and failed["examples"] == [{"row": 1, **ORDINARY[0], "n": 9}]
    for name, _, at in rule_names(lock.architecture.source["rows"]):
        assert lock.place(at) is not None, name


def test_a_changed_rule_is_a_new_report(tmp_path: Path) -> None:
    """Reports of other rules on the same rows are kept apart."""
    first = validated(lock_of(tmp_path), ORDINARY)
    second = validated(lock_of(tmp_path, "rows >= 11"), ORDINARY)
    assert first.digest == second.digest and first.path != second.path
    assert first.passed and not second.passed
    assert isinstance(second.rules[0], RuleResult)
