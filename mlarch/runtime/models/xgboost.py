"""XGBoost, kept in its own UBJSON format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xgboost

from ...architecture.blocks.system import Problem
from .estimator import Matrix, TrainingData, one_row, within_float32


class Boosted:
    """A booster scored in place, without building a DMatrix."""

    def __init__(self, booster: Any) -> None:
        self.booster = booster

    def scores(self, matrix: Matrix) -> Matrix:
        return np.asarray(self.booster.inplace_predict(matrix), dtype=np.float64)

    def score_one(self, row: Sequence[float | None]) -> Any:
        return self.scores(one_row(row))[0].tolist()

    def save(self, folder: Path) -> None:
        self.booster.save_model(folder / "model.ubj")


def fit(data: TrainingData) -> Boosted:
    """Fit a booster; with validation rows it keeps the rounds up to the best one."""
    objective, extra = _objective(data)
    kind = xgboost.XGBRegressor if data.problem is Problem.REGRESSION else xgboost.XGBClassifier
    stopping = {"early_stopping_rounds": 50} if data.validation else {}
    estimator = kind(
        **data.settings, objective=objective, **extra, n_jobs=data.threads, random_state=data.seed, tree_method="hist", **stopping
    )
    held = [(within_float32(data.validation[0]), data.validation[1])] if data.validation else None
    estimator.fit(within_float32(data.matrix), data.label, eval_set=held, verbose=False)
    booster = estimator.get_booster()
    if data.validation:
        booster = booster[: estimator.best_iteration + 1]
    return Boosted(booster)


def _objective(data: TrainingData) -> tuple[str, dict[str, Any]]:
    if data.problem is Problem.REGRESSION:
        return "reg:squarederror", {}
    return ("binary:logistic", {}) if data.classes == 2 else ("multi:softprob", {"num_class": data.classes})


def load(folder: Path, problem: Problem, classes: int) -> Boosted:
    """Read the booster back."""
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(folder / "model.ubj")
    return Boosted(booster)
