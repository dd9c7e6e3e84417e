"""Random forest: many deep trees on resampled rows, averaged."""

from typing import Annotated

from ..blocks.system import Problem
from .declaration import Bounds, Family, Hyperparameters


class RandomForest(Hyperparameters, frozen=True, kw_only=True):
    """Hyperparameters as scikit-learn's `RandomForestClassifier` and `RandomForestRegressor` name them."""

    n_estimators: Annotated[int, Bounds("How many trees.", 1, 10_000)] = 200
    max_depth: Annotated[int | None, Bounds("How deep a tree may grow; no limit if absent.", 1)] = None
    min_samples_leaf: Annotated[int, Bounds("The fewest rows in a leaf.", 1)] = 1
    max_features: Annotated[float, Bounds("Share of the features that a split may choose from.", 0, 1, exclusive=True)] = 0.5
    class_weight: Annotated[
        str | None, Bounds("`balanced` weighs classes by their rarity (classification only).", choices=("balanced",))
    ] = None


FAMILY = Family(
    "random_forest",
    "Averaged deep trees on resampled rows; strong without tuning.",
    (Problem.CLASSIFICATION, Problem.REGRESSION),
    RandomForest,
)
