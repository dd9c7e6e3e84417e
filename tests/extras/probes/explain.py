"""SHAP's values add up to a prediction, LIME names features, Fairlearn compares groups."""

from __future__ import annotations

import numpy as np
import shap
from fairlearn.metrics import demographic_parity_difference
from lime.lime_tabular import LimeTabularExplainer
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression

X, y = load_diabetes(return_X_y=True)
model = LinearRegression().fit(X, y)
values = shap.LinearExplainer(model, X)(X[:5])
assert np.allclose(values.values.sum(axis=1) + values.base_values, model.predict(X[:5]))
said = LimeTabularExplainer(X, mode="regression", random_state=0).explain_instance(X[0], model.predict, num_features=3, num_samples=200)
assert len(said.as_list()) == 3
assert demographic_parity_difference([1, 0, 1, 0], [1, 1, 0, 0], sensitive_features=["a", "a", "b", "b"]) == 1.0
