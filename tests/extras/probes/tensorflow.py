"""A Keras model learns, is exported as a SavedModel, and answers the same once it is loaded."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import scale

X, y = load_breast_cancer(return_X_y=True)
X = scale(X).astype(np.float32)
model = tf.keras.Sequential([tf.keras.layers.Input((30,)), tf.keras.layers.Dense(1, activation="sigmoid")])
model.compile(optimizer=tf.keras.optimizers.Adam(0.05), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(X, y, epochs=10, verbose=0)
assert model.evaluate(X, y, verbose=0)[1] > 0.9
model.export("saved", verbose=False)
served = tf.saved_model.load("saved").signatures["serving_default"]
(answers,) = served(tf.constant(X[:5])).values()
assert np.allclose(answers, model.predict(X[:5], verbose=0), atol=1e-6)
