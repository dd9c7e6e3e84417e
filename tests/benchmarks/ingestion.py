"""Ingestion and validation: rows a second of the processor, beside plain Polars that reads the file and checks it by hand.

`python -m tests.benchmarks.ingestion [ROUNDS]` measures these figures alone. Times are of the processor, so that what else runs on the
machine counts little. What plain Polars does not do, and is in ours: every value is cast, digested and written anew, and the report has
histograms.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl

import mlarch
from mlarch.runtime.data.ingestion import ingest
from mlarch.runtime.data.validation import validate
from mlarch.runtime.state import State

from .figures import Figure, Result, Series, Target
from .machine import facts

ROWS = 5_000_000
HAND, REWRITTEN = "pl.read_parquet, and the same checks by hand", "pl.read_parquet and write_parquet"
FEW, MANY = 10, 100
#: The least rate by a hundred rules, as a share of that by ten on the same rows: they are measured in one pass.
PASS = 0.33
#: The least rate of ingestion, as a share of that at which the table is read and written by itself.
ITSELF = 0.5
TEN = "by ten rules"
_NUMBERS, _TEXTS = 8, 2
T = TypeVar("T")
CARRIERS = ("AA", "B6", "DL", "EV", "UA", "WN")


def table(rows: int) -> pl.DataFrame:
    """Made-up rows: numbers, two texts, and a time."""
    draw = np.random.default_rng(1)
    numbers = {f"x{place}": draw.uniform(0, 1000, rows) for place in range(_NUMBERS)}
    texts = {f"c{place}": pl.Series(draw.integers(0, len(CARRIERS), rows)).replace_strict(range(6), CARRIERS) for place in range(_TEXTS)}
    at = pl.Series(draw.integers(1_356_998_400_000_000, 1_388_534_400_000_000, rows)).cast(pl.Datetime("us", "UTC"))
    return pl.DataFrame({**numbers, **texts, "at": at})


def architecture(folder: Path, rules: int) -> mlarch.Project:
    """A source with so many rules: those of its schema, fewer where columns may lack values, and expectations."""
    few = rules == FEW
    columns = [f"x{place} : float?" if few else f"x{place} : float in 0..1000" for place in range(_NUMBERS)]
    columns += [f"c{place} : category({', '.join(map(_quoted, CARRIERS))})" for place in range(_TEXTS)]
    held = [f"{name}(x{place}) >= 0" for name in ("mean", "min", "max", "std", "sum", "null_ratio") for place in range(_NUMBERS)]
    held += [f"mean(x{one} - x{other}) < 1000" for one in range(_NUMBERS) for other in range(one)]
    held += [f"max(x{one} + x{other}) > 0" for one in range(_NUMBERS) for other in range(one)]
    schema, expect = "\n    ".join([*columns, "at : timestamp"]), "\n    ".join(held[: rules - (5 if few else 21)])
    file = folder / f"s{rules}.mlarch"
    file.write_text(
        f'language = "1.0"\nsystem s {{ problem = regression, metric rmse {{ baseline = 9 }} }}\n'
        f'source rows {{\n  connector = parquet("rows.parquet")\n  schema {{\n    {schema}\n  }}\n  expect {{\n    {expect}\n  }}\n}}\n',
        encoding="utf-8",
    )
    return mlarch.load(file)


def _quoted(text: str) -> str:
    return f'"{text}"'


def checked(file: Path) -> None:
    """Read the file, and measure what the hundred rules ask for, as somebody would for one table. Raises AssertionError."""
    x = [pl.col(f"x{place}") for place in range(_NUMBERS)]
    pairs = [(one, other) for one in range(_NUMBERS) for other in range(one)]
    measured = {
        **{f"missing {each.meta.output_name()}": each.null_count() for each in (*x, pl.col("c0"), pl.col("c1"), pl.col("at"))},
        **{f"range {place}": (~each.is_between(0, 1000)).sum() for place, each in enumerate(x)},
        **{f"unknown {place}": (~pl.col(f"c{place}").is_in(CARRIERS)).sum() for place in range(_TEXTS)},
        **{f"mean {place}": each.mean() for place, each in enumerate(x)},
        **{f"min {place}": each.min() for place, each in enumerate(x)},
        **{f"max {place}": each.max() for place, each in enumerate(x)},
        **{f"std {place}": each.std() for place, each in enumerate(x)},
        **{f"sum {place}": each.sum() for place, each in enumerate(x)},
        **{f"null ratio {place}": each.is_null().mean() for place, each in enumerate(x)},
        **{f"apart {pair}": (x[pair[0]] - x[pair[1]]).mean() for pair in pairs},
        **{f"together {pair}": (x[pair[0]] + x[pair[1]]).max() for pair in pairs[: MANY - 21 - 48 - len(pairs)]},
    }
    found = pl.read_parquet(file).select(**measured).row(0, named=True)
    assert len(found) == MANY, len(found)
    assert not any(found[name] for name in found if name.startswith(("missing", "range", "unknown", "null")))
    assert all(found[name] >= 0 for name in found if name.startswith(("mean", "min", "max", "std", "sum", "together")))
    assert all(found[name] < 1000 for name in found if name.startswith("apart"))


def rewritten(file: Path) -> None:
    """Read the file, and write it again as ingestion does."""
    pl.read_parquet(file).write_parquet(file.with_name("again.parquet"), compression="zstd")


class Ingestion:
    """Rows a second of the processor, by what was done."""

    def __init__(self, rows: int = ROWS) -> None:
        self.rows = rows
        self.rates: dict[str, list[float]] = defaultdict(list)

    def round(self) -> None:
        """Measure everything once. Raises AssertionError where a rule is broken, or the rows are not all there."""
        with tempfile.TemporaryDirectory(prefix="mlarch-bench-") as name:
            folder = Path(name)
            table(self.rows).write_parquet(folder / "rows.parquet")
            self._time(REWRITTEN, lambda: rewritten(folder / "rows.parquet"))
            self._time(HAND, lambda: checked(folder / "rows.parquet"))
            few, many = (architecture(folder, rules).compile().lock for rules in (FEW, MANY))
            state = State(folder)
            dataset = self._time("ingestion", lambda: ingest(many, "rows", state))
            assert dataset.rows == self.rows
            for kind, lock, rules in (("few", few, FEW), ("many", many, MANY)):
                report = self._time(kind, lambda: validate(lock, "rows", dataset, state))  # noqa: B023  # called at once
                assert report.passed and len(report.rules) == rules, [rule for rule in report.rules if not rule.passed]

    def _time(self, name: str, run: Callable[[], T]) -> T:
        started = time.process_time()
        result = run()
        self.rates[name].append(self.rows / (time.process_time() - started))
        return result

    def figures(self) -> Iterator[Figure]:
        """Yield the figures that are to be reached."""
        held = {name: Series(tuple(values)) for name, values in self.rates.items()}
        least, flat, unit = Target(ratio=(REWRITTEN, ITSELF)), Target(ratio=(TEN, PASS)), "rows/CPU s"
        itself, beside = {REWRITTEN: held[REWRITTEN]}, {HAND: held[HAND], TEN: held["few"]}
        yield Figure(name=f"ingestion of {self.rows:,} rows", unit=unit, ours=held["ingestion"], references=itself, target=least)
        yield Figure(name=f"validation by {MANY} rules", unit=unit, ours=held["many"], references=beside, target=flat)


def main(rounds: int) -> int:
    """Run the benchmark; a missed target is no failure, a rule that is broken is."""
    bench = Ingestion()
    for _ in range(rounds):
        bench.round()
    print(Result(machine=facts(), rounds=rounds, figures=tuple(bench.figures())).text())
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
