"""LightGBM and XGBoost each learn a table."""

from __future__ import annotations

import lightgbm
import xgboost
from sklearn.datasets import load_breast_cancer

X, y = load_breast_cancer(return_X_y=True)
for learner in (
    lightgbm.LGBMClassifier(n_estimators=20, n_jobs=1, verbose=-1),
    xgboost.XGBClassifier(n_estimators=20, n_jobs=1),
):
    assert learner.fit(X[:400], y[:400]).score(X[400:], y[400:]) > 0.9
