"""Optuna finds a minimum, and Ray Tune's search hands out points of a space."""

from __future__ import annotations

import optuna
from ray import train, tune
from ray.tune.search.optuna import OptunaSearch

study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
study.optimize(lambda trial: (trial.suggest_float("x", -2, 2) - 1) ** 2, n_trials=30)
assert abs(study.best_params["x"] - 1) < 0.3
point = OptunaSearch({"rate": tune.loguniform(1e-4, 1e-1)}, metric="loss", mode="min", seed=0).suggest("first")
assert 1e-4 <= point["rate"] <= 1e-1 and train.ScalingConfig(num_workers=2).num_workers == 2
