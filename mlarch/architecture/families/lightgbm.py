"""LightGBM: boosted trees grown leaf by leaf; fast on many rows."""

from typing import Annotated

from ..blocks.system import Problem
from .declaration import Bounds, Family, Hyperparameters


class LightGBM(Hyperparameters, frozen=True, kw_only=True):
    """Hyperparameters as LightGBM's scikit-learn interface names them."""

    n_estimators: Annotated[int, Bounds("How many rounds of boosting.", 1, 100_000)] = 300
    learning_rate: Annotated[float, Bounds("How much each tree counts.", 0, 1, exclusive=True)] = 0.05
    num_leaves: Annotated[int, Bounds("The most leaves of a tree.", 2, 131_072)] = 31
    max_depth: Annotated[int, Bounds("How deep a tree may grow; -1 is no limit.", -1)] = -1
    min_child_samples: Annotated[int, Bounds("The fewest rows in a leaf.", 1)] = 20
    subsample: Annotated[float, Bounds("Share of the rows that each tree sees.", 0, 1, exclusive=True)] = 1.0
    colsample_bytree: Annotated[float, Bounds("Share of the features that each tree sees.", 0, 1, exclusive=True)] = 1.0
    reg_lambda: Annotated[float, Bounds("Strength of the L2 penalty on leaf values.", 0)] = 0.0


FAMILY = Family(
    "lightgbm",
    "Gradient-boosted trees, leaf by leaf.",
    (Problem.CLASSIFICATION, Problem.REGRESSION),
    LightGBM,
    missing=True,
    rounds=True,
    extra="boosting",
    library="lightgbm",
)
