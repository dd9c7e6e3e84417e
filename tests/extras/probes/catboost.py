"""CatBoost learns a table."""

from __future__ import annotations

from catboost import CatBoostClassifier
from sklearn.datasets import load_breast_cancer

X, y = load_breast_cancer(return_X_y=True)
learner = CatBoostClassifier(iterations=20, thread_count=1, verbose=False, allow_writing_files=False).fit(X[:400], y[:400])
assert learner.score(X[400:], y[400:]) > 0.9
