"""XGBoost: boosted trees grown level by level."""

from typing import Annotated

from ..blocks.system import Problem
from .declaration import Bounds, Family, Hyperparameters


class XGBoost(Hyperparameters, frozen=True, kw_only=True):
    """Hyperparameters as XGBoost's scikit-learn interface names them."""

    n_estimators: Annotated[int, Bounds("How many rounds of boosting.", 1, 100_000)] = 300
    learning_rate: Annotated[float, Bounds("How much each tree counts.", 0, 1, exclusive=True)] = 0.1
    max_depth: Annotated[int, Bounds("How deep a tree may grow.", 1, 64)] = 6
    min_child_weight: Annotated[float, Bounds("The smallest sum of weights in a leaf.", 0)] = 1.0
    subsample: Annotated[float, Bounds("Share of the rows that each tree sees.", 0, 1, exclusive=True)] = 1.0
    colsample_bytree: Annotated[float, Bounds("Share of the features that each tree sees.", 0, 1, exclusive=True)] = 1.0
    reg_lambda: Annotated[float, Bounds("Strength of the L2 penalty on leaf values.", 0)] = 1.0


FAMILY = Family(
    "xgboost",
    "Gradient-boosted trees, level by level.",
    (Problem.CLASSIFICATION, Problem.REGRESSION),
    XGBoost,
    missing=True,
    rounds=True,
    extra="boosting",
    library="xgboost",
)
