"""Logistic regression: the linear answer to a classification, and a hard one to beat on few rows."""

from typing import Annotated

from ..blocks.system import Problem
from .declaration import Bounds, Family, Hyperparameters


class LogisticRegression(Hyperparameters, frozen=True, kw_only=True):
    """Hyperparameters as scikit-learn's `LogisticRegression` names them."""

    C: Annotated[float, Bounds("Inverse strength of the L2 penalty; smaller is stronger.", 0, exclusive=True)] = 1.0
    max_iter: Annotated[int, Bounds("At most so many iterations of the solver.", 1)] = 1000
    class_weight: Annotated[str | None, Bounds("`balanced` weighs classes by their rarity.", choices=("balanced",))] = None


FAMILY = Family("logistic_regression", "Linear classifier with an L2 penalty.", (Problem.CLASSIFICATION,), LogisticRegression)
