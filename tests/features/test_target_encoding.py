"""Target encoding: the formula, out of fold in training, and no leak."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from mlarch.architecture.expressions import Apply, Expression, Name
from mlarch.architecture.program import FeatureProgram, ProgramFeature
from mlarch.architecture.types import Column, ColumnType, ValueKind
from mlarch.runtime.features import requests, tables
from mlarch.runtime.features.fitting import fit_transform
from mlarch.runtime.features.target_encoding import FOLDS, SMOOTHING, Labelled

COLUMNS = (Column(name="t", type=ColumnType.STRING, nullable=True),)
ENCODED: Expression = Apply("target_encode", (Name(("t",)),))


def fitted(
    texts: list[str | None], label: list[float], expression: Expression = ENCODED, seed: int = 7
) -> tuple[FeatureProgram, pl.Series]:
    program = FeatureProgram(COLUMNS, (ProgramFeature("f.y", expression, ValueKind.NUMBER),))
    made, rows = fit_transform(program, pl.DataFrame({"t": texts}, schema={"t": pl.String}), pl.Series(label), seed)
    return made, rows["f.y"]


def random_texts(seed: int, rows: int, values: int) -> list[str | None]:
    return [None if value == 0 else f"v{value}" for value in np.random.default_rng(seed).integers(0, values, rows)]


def test_a_row_that_is_no_training_row_gets_the_smoothed_mean() -> None:
    """(sum + m * prior) / (n + m) of all training rows; the prior for what is unknown or missing; table and request alike."""
    program, _ = fitted(["a", "a", "b", None], [1.0, 0.0, 1.0, 1.0])
    prior = 0.75
    wanted = [(1 + SMOOTHING * prior) / (2 + SMOOTHING), (1 + SMOOTHING * prior) / (1 + SMOOTHING), prior, prior]
    asked = ["a", "b", "c", None]
    shown = tables.apply(program, pl.DataFrame({"t": asked}, schema={"t": pl.String}))["f.y"].to_list()
    assert shown == [requests.to_closure(program)({"t": text})[0] for text in asked]
    assert shown == pytest.approx(wanted)


def test_a_training_row_is_encoded_by_the_other_folds() -> None:
    """Its value is the formula over the rows outside of its fold, prior included; each fold has as many rows as any other."""
    texts, label = random_texts(1, 203, 6), np.random.default_rng(2).normal(size=203)
    fold = Labelled(pl.Series(label), 7).fold
    assert set(np.bincount(fold)) == {40, 41} and len(set(fold)) == FOLDS
    _, rows = fitted(texts, label.tolist())
    for row, text in enumerate(texts):
        others = [place for place in range(len(texts)) if fold[place] != fold[row]]
        own = [label[place] for place in others if texts[place] == text and text is not None]
        prior = label[others].mean()
        assert rows[row] == pytest.approx((sum(own) + SMOOTHING * prior) / (len(own) + SMOOTHING))


def test_no_training_row_sees_its_own_label() -> None:
    """When one label changes, however much, the encoding of its own row stays to the last bit, and that of others changes."""
    texts, label = random_texts(3, 60, 8), np.random.default_rng(4).normal(size=60).tolist()
    _, before = fitted(texts, label)
    for row in range(0, 60, 7):
        changed = [1e12 if place == row else value for place, value in enumerate(label)]
        _, after = fitted(texts, changed)
        assert after[row] == before[row]
        assert (after != before).any()


def test_a_category_of_chance_is_no_advantage_in_training() -> None:
    """A random category of 1,000 values over 4,000 rows does not tell a random label; encoded by all rows it would."""
    label = np.random.default_rng(5).integers(0, 2, 4000).astype(float)
    texts = random_texts(6, 4000, 1000)
    program, rows = fitted(texts, label.tolist())
    naive = tables.apply(program, pl.DataFrame({"t": texts}))["f.y"]
    assert roc_auc_score(label, naive) > 0.65
    assert 0.46 < roc_auc_score(label, rows) < 0.53


def test_what_stands_around_an_encoding_is_fitted_out_of_fold_too() -> None:
    """`standardize(target_encode(t))` has mean 0 and deviation 1 over the training rows as they are trained on."""
    label = np.random.default_rng(8).normal(size=300)
    _, rows = fitted(random_texts(9, 300, 20), label.tolist(), Apply("standardize", (ENCODED,)))
    assert rows.mean() == pytest.approx(0, abs=1e-12) and rows.std(ddof=0) == pytest.approx(1)


def test_the_seed_decides_the_folds() -> None:
    """The same seed gives the same encoding, another one another, and the program that serves does not depend on it."""
    texts, label = random_texts(1, 100, 5), np.random.default_rng(2).normal(size=100).tolist()
    (one, rows), (same, again), (other, apart) = (fitted(texts, label, seed=seed) for seed in (1, 1, 2))
    assert one == same == other
    assert rows.equals(again) and not rows.equals(apart)
