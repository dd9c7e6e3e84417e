"""LightGBM, kept in its own text format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from ...architecture.blocks.system import Problem
from .estimator import Matrix, TrainingData, one_row


class Boosted:
    """A booster; scoring uses `threads` threads."""

    def __init__(self, booster: Any, threads: int = 1) -> None:
        self.booster = booster
        self.threads = threads

    def scores(self, matrix: Matrix) -> Matrix:
        return np.asarray(self.booster.predict(matrix, num_threads=self.threads), dtype=np.float64)

    def score_one(self, row: Sequence[float | None]) -> Any:
        return self.scores(one_row(row))[0].tolist()

    def save(self, folder: Path) -> None:
        self.booster.save_model(str(folder / "model.txt"))


def fit(data: TrainingData) -> Boosted:
    """Fit a booster; with validation rows it keeps the rounds up to the best one.

    Raises ValueError with the library's own words when it cannot.
    """
    settings = dict(data.settings)
    rounds = settings.pop("n_estimators")
    parameters = {**settings, **_objective(data), "num_threads": data.threads, "seed": data.seed, "verbosity": -1, "deterministic": True}
    if settings["subsample"] < 1:
        parameters["subsample_freq"] = 1  # otherwise the library ignores `subsample`
    training = lightgbm.Dataset(data.matrix, data.label)
    callbacks: list[Any] = [lightgbm.early_stopping(50, verbose=False)] if data.validation else []
    sets = [lightgbm.Dataset(*data.validation, reference=training)] if data.validation else []
    try:
        booster = lightgbm.train(parameters, training, num_boost_round=rounds, valid_sets=sets, callbacks=callbacks)
    except lightgbm.basic.LightGBMError as problem:
        raise ValueError(str(problem)) from problem
    return Boosted(booster, data.threads)


def _objective(data: TrainingData) -> dict[str, Any]:
    if data.problem is Problem.REGRESSION:
        return {"objective": "regression"}
    return {"objective": "binary"} if data.classes == 2 else {"objective": "multiclass", "num_class": data.classes}


def load(folder: Path, problem: Problem, classes: int) -> Boosted:
    """Read the booster back."""
    return Boosted(lightgbm.Booster(model_file=str(folder / "model.txt")))
