"""Training: rows are split, the feature program is fitted on the training rows alone, and an estimator on its matrix."""
