"""The model families: one module each declares its hyperparameters; `mlarch.runtime.models` has a module of the same name that fits it."""

from __future__ import annotations

import importlib
from typing import cast

from .declaration import Bounds, Family, Hyperparameters, Mistake

#: Every family by name; its module is imported when it is asked for.
FAMILIES: tuple[str, ...] = ("lightgbm", "logistic_regression", "random_forest", "xgboost")


def family_named(name: str) -> Family:
    """Return the declaration of a family. Raises KeyError for a name that is none."""
    if name not in FAMILIES:
        raise KeyError(name)
    return cast(Family, importlib.import_module(f"{__name__}.{name}").FAMILY)


__all__ = ["FAMILIES", "Bounds", "Family", "Hyperparameters", "Mistake", "family_named"]
