"""The four families on real data: they learn, they keep what they learnt without pickle, and every hyperparameter reaches the library."""

from __future__ import annotations

import subprocess
import sys
import typing
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from mlarch.architecture.blocks.system import Problem
from mlarch.architecture.families import FAMILIES, family_named
from mlarch.runtime.models.estimator import Estimator, TrainingData, module_of

from .datasets import DATASETS, given, skill

PAIRS = [(family, name) for family in FAMILIES for name, (_, problem, _, _) in DATASETS.items() if problem in family_named(family).problems]
#: Enough for small tables; the defaults are for larger ones.
QUICK: dict[str, dict[str, Any]] = {
    "lightgbm": {"n_estimators": 60, "min_child_samples": 5},
    "xgboost": {"n_estimators": 60, "max_depth": 3},
    "random_forest": {"n_estimators": 60},
    "logistic_regression": {},
}


def fitted(family: str, name: str, **rest: Any) -> tuple[TrainingData, Any, Estimator]:
    """Fit a family on a data set."""
    data, held = given(family, name, **{**QUICK[family], **rest})
    return data, held, module_of(family).fit(data)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("family", "name"), PAIRS)
def test_a_family_beats_the_baseline_and_only_by_the_label(family: str, name: str, seed: int) -> None:
    """On three divisions each family beats the data set's baseline on unseen rows, and does not once the labels are shuffled."""
    baseline = DATASETS[name][3]
    data, held, estimator = fitted(family, name, seed=seed)
    assert skill(data, held, estimator.scores(held.matrix)) > baseline
    data, held, estimator = fitted(family, name, seed=seed, shuffled=True)
    assert skill(data, held, estimator.scores(held.matrix)) < baseline


@pytest.mark.parametrize(("family", "name"), PAIRS)
def test_scores_have_the_shape_and_range_of_the_problem(family: str, name: str) -> None:
    """Two classes give one probability a row, more give one for each class, adding up to 1; a regression gives values."""
    data, held, estimator = fitted(family, name)
    scores = estimator.scores(held.matrix)
    classes = DATASETS[name][2]
    assert scores.shape == ((len(held.matrix), classes) if classes > 2 else (len(held.matrix),)) and scores.dtype == np.float64
    if data.problem is Problem.CLASSIFICATION:
        assert scores.min() >= 0 and scores.max() <= 1
        if classes > 2:
            assert np.allclose(scores.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(("family", "name"), PAIRS)
def test_what_is_kept_scores_the_same_without_pickle(family: str, name: str, tmp_path: Path) -> None:
    """A model read back gives the very same scores, one row at a time as well, and nothing in its folder is a pickle."""
    data, held, estimator = fitted(family, name)
    estimator.save(tmp_path)
    loaded = module_of(family).load(tmp_path, data.problem, data.classes)
    scores = estimator.scores(held.matrix)
    assert np.array_equal(loaded.scores(held.matrix), scores)
    for row, score in zip(held.matrix[:20].tolist(), scores, strict=False):
        assert np.allclose(loaded.score_one(row), score, rtol=1e-12, atol=1e-12)
    for file in tmp_path.iterdir():
        held_bytes = {file.name: file.read_bytes()}
        if zipfile.is_zipfile(file):
            held_bytes = {each: zipfile.ZipFile(file).read(each) for each in zipfile.ZipFile(file).namelist()}
        for inner, content in held_bytes.items():
            assert not inner.endswith((".pkl", ".pickle", ".joblib"))
            assert not content.startswith(b"\x80") and b"csklearn" not in content, inner


@pytest.mark.parametrize("family", FAMILIES)
def test_one_row_is_scored_as_in_a_table(family: str) -> None:
    """A row of None where a value is missing gives the score that the table gives with NaN in that place."""
    _, held, estimator = fitted(family, "cancer")
    rows = held.matrix[:5].tolist()
    rows[0][3] = rows[1][0] = None
    table = np.array([[np.nan if value is None else value for value in row] for row in rows])
    scores = estimator.scores(table)
    assert np.allclose([estimator.score_one(row) for row in rows], scores, rtol=1e-12, equal_nan=True)
    assert np.isnan(scores).tolist() == [not family_named(family).missing] * 2 + [False] * 3


EXTREMES = [0.0, 1.0, -1.0, 1e39, -1e39, 1e300, -1e300, 1.7e308, -1.7e308, 5e-324]


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore:lbfgs failed to converge")  # the libraries', on such training rows
@pytest.mark.parametrize(("family", "name"), PAIRS)
def test_no_finite_row_is_without_a_score(family: str, name: str) -> None:
    """However large its values, a row has a finite score, a probability where it should be one, alone as in a table."""
    data, held, estimator = fitted(family, name)
    rows = np.random.default_rng(0).choice(EXTREMES, size=(50, held.matrix.shape[1]))
    scores = estimator.scores(rows)
    assert np.isfinite(scores).all()
    if data.problem is Problem.CLASSIFICATION:
        assert scores.min() >= 0 and scores.max() <= 1
    alone = [estimator.score_one(row) for row in rows.tolist()]
    assert np.isfinite(alone).all()
    if family != "logistic_regression":  # sums of such values depend on their order
        assert np.allclose(alone, scores, rtol=1e-9, atol=1e-9)
    assert np.isfinite(module_of(family).fit(TrainingData(**{**vars(data), "matrix": data.matrix * 1e300})).scores(rows)).all()


@pytest.mark.parametrize(("family", "name"), [pair for pair in PAIRS if pair[1] in ("cancer", "diabetes")])
def test_the_same_seed_gives_the_same_model_whatever_the_threads(family: str, name: str, tmp_path: Path) -> None:
    """Fitted twice with one seed, by one thread or by two, a model gives the same scores; forests differ with the seed."""
    data, held, first = fitted(family, name)
    threaded = module_of(family).fit(TrainingData(**{**vars(data), "threads": 2}))
    assert np.allclose(first.scores(held.matrix), threaded.scores(held.matrix), rtol=1e-6, atol=1e-6)
    again = module_of(family).fit(data)
    assert np.array_equal(first.scores(held.matrix), again.scores(held.matrix))
    if family == "random_forest":
        other = module_of(family).fit(TrainingData(**{**vars(data), "seed": 99}))
        assert not np.array_equal(first.scores(held.matrix), other.scores(held.matrix))


#: Another value of each hyperparameter, one that matters on the breast cancer table.
OTHER: dict[str, dict[str, Any]] = {
    "lightgbm": {
        "n_estimators": 20,
        "learning_rate": 0.2,
        "num_leaves": 4,
        "max_depth": 2,
        "min_child_samples": 40,
        "subsample": 0.5,
        "colsample_bytree": 0.3,
        "reg_lambda": 10.0,
    },
    "xgboost": {
        "n_estimators": 20,
        "learning_rate": 0.3,
        "max_depth": 2,
        "min_child_weight": 8.0,
        "subsample": 0.5,
        "colsample_bytree": 0.3,
        "reg_lambda": 10.0,
    },
    "random_forest": {"n_estimators": 20, "max_depth": 2, "min_samples_leaf": 20, "max_features": 0.1, "class_weight": "balanced"},
    "logistic_regression": {"C": 0.01, "max_iter": 2, "class_weight": "balanced"},
}


@pytest.mark.parametrize(
    ("family", "name"),
    [(family, field.name) for family in FAMILIES for field in msgspec.structs.fields(family_named(family).hyperparameters)],
)
@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
def test_every_hyperparameter_reaches_the_library(family: str, name: str) -> None:
    """Each hyperparameter by itself, with another value, gives another model."""
    _, held, usual = fitted(family, "cancer")
    _, _, changed = fitted(family, "cancer", **{name: OTHER[family][name]})
    assert not np.allclose(usual.scores(held.matrix), changed.scores(held.matrix), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
def test_defaults_are_within_the_declared_bounds(family: str) -> None:
    """A family's own defaults pass its own checks, and every hyperparameter has a sentence."""
    declared = family_named(family)
    assert declared.mistakes({name: value for name, value in declared.settings({}).items() if value is not None}) == []
    hints = typing.get_type_hints(declared.hyperparameters, include_extras=True)
    assert all(hint.__metadata__[0].doc.endswith(".") for hint in hints.values())


@pytest.mark.parametrize("family", ["lightgbm", "xgboost"])
@pytest.mark.parametrize("name", ["cancer", "wine", "diabetes"])
def test_validation_rows_stop_boosting_early(family: str, name: str, tmp_path: Path) -> None:
    """With validation rows a booster keeps the rounds up to the best one, fewer than it was given, and is kept and read back so."""
    data, held = given(family, name, validation=True, n_estimators=2000, learning_rate=0.3)
    estimator = module_of(family).fit(data)
    estimator.save(tmp_path)
    loaded = module_of(family).load(tmp_path, data.problem, data.classes)
    rounds = loaded.booster.num_boosted_rounds() if family == "xgboost" else loaded.booster.current_iteration()  # type: ignore[attr-defined]
    assert 0 < rounds < 500
    assert np.array_equal(loaded.scores(held.matrix), estimator.scores(held.matrix))


HIDDEN = """
import sys
sys.modules[{module!r}] = None
import mlarch
result = mlarch.load(sys.argv[1]).run()
problem = result.problem
print(problem.code, problem.message, "|", problem.help, "|", result.lock.place(problem.at)[1], "|", dict(result.outcomes))
"""


@pytest.mark.parametrize("family", ["lightgbm", "xgboost"])
def test_a_library_that_is_not_installed_says_the_command(family: str, project: Path, edit: Callable[[Path, str, str], Path]) -> None:
    """Without the library the run ends at the training with the pip command, at the line of the family; what was done before is kept."""
    edit(project, "family   = logistic_regression", f"family   = {family}")
    code = HIDDEN.format(module=family)
    done = subprocess.run([sys.executable, "-c", code, str(project)], capture_output=True, text=True, check=True)
    said, help, line, outcomes = done.stdout.strip().split(" | ")
    assert said == f"MLA602 `{family}` needs {family}, which is not installed" and help == "pip install 'mlarch[boosting]'"
    assert "family" in project.read_text().splitlines()[int(line) - 1]
    assert "'classifier/features': <Outcome.DONE" in outcomes and "'classifier/registered': <Outcome.NOT_RUN" in outcomes
