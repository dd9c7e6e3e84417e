"""Splits: every row once, in the declared shares, the same rows for the same seed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from mlarch.architecture.blocks.training import Split, SplitBy
from mlarch.architecture.quantities import parse_quantity
from mlarch.runtime.training.splitting import PARTS, split_rows

SHARES = st.tuples(st.integers(0, 45), st.integers(1, 45))
HOW = st.sampled_from([SplitBy.RANDOM, SplitBy.STRATIFIED, SplitBy.TIME])


def divide(by: SplitBy, label: list[int], shares: tuple[int, int], seed: int = 0, times: list[int] | None = None) -> dict[str, Any]:
    """Split rows with such labels; times are hours after a moment."""
    split = Split(validation=parse_quantity(f"{shares[0]}%"), test=parse_quantity(f"{shares[1]}%"), seed=seed)
    hours = times if times is not None else list(range(len(label)))
    moments = pl.Series([datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in hours])
    return split_rows(by, split, pl.Series(label, dtype=pl.Int64), moments)


@settings(max_examples=300, deadline=None)
@given(HOW, st.lists(st.integers(0, 3), min_size=1, max_size=200), SHARES, st.integers(0, 5))
def test_every_row_is_in_one_part_and_parts_have_their_shares(by: SplitBy, label: list[int], shares: tuple[int, int], seed: int) -> None:
    """No row is lost or in two parts; a part differs from its share by less than one row, stratified by less than one a class."""
    parts = divide(by, label, shares, seed)
    every = np.concatenate([parts[part] for part in PARTS])
    assert sorted(every.tolist()) == list(range(len(label)))
    slack = len(set(label)) if by is SplitBy.STRATIFIED else 1
    for part, share in zip(("validation", "test"), shares, strict=True):
        assert abs(len(parts[part]) - len(label) * share / 100) <= slack / 2 + 1e-9


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=300), SHARES)
def test_stratified_parts_have_each_class_in_its_share(label: list[int], shares: tuple[int, int]) -> None:
    """Every class is divided by itself: its rows in the test part are its share, to half a row."""
    parts = divide(SplitBy.STRATIFIED, label, shares)
    values = np.array(label)
    for each in set(label):
        assert abs((values[parts["test"]] == each).sum() - (values == each).sum() * shares[1] / 100) <= 0.5


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=200, unique=True), SHARES)
def test_by_time_the_past_trains_and_the_future_tests(times: list[int], shares: tuple[int, int]) -> None:
    """No row that is trained on is later than one that is validated or tested on."""
    parts = divide(SplitBy.TIME, [0] * len(times), shares, times=times)
    latest = -1
    for part in PARTS:
        moments = [times[row] for row in parts[part]]
        assert all(moment > latest for moment in moments)
        latest = max([latest, *moments])


@given(st.sampled_from([SplitBy.RANDOM, SplitBy.STRATIFIED]))
def test_the_seed_decides_the_rows(by: SplitBy) -> None:
    """The same seed gives the same rows, another one others; by chance or by class, the order of the file does not matter."""
    label = [0, 1] * 100
    first, again, other = (divide(by, label, (10, 20), seed) for seed in (7, 7, 8))
    assert all(np.array_equal(first[part], again[part]) for part in PARTS)
    assert not np.array_equal(first["test"], other["test"])
    assert not np.array_equal(first["train"], np.arange(len(first["train"])))
