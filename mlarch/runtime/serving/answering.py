"""From decoded rows to answers: features by closures, then the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..models.bundle import Bundle
from .decoding import Problem, Refused
from .histories import Completed, Unavailable


def answer_completed(bundle: Bundle, completed: Completed) -> list[dict[str, Any]]:
    """Return one answer a row; where histories gave none, the answer names them in `fallback`.

    Raises as `answer_rows` does, and Unavailable where it is for want of a history that the model has no answer.
    """
    try:
        answers = answer_rows(bundle, completed.rows)
    except Refused:
        lacking = dict.fromkeys(view for views in completed.fallback for view in views)
        if not lacking:
            raise
        told = f"the feature store gives no answer of {', '.join(lacking)}, and the model takes no missing values"
        raise Unavailable(told) from None
    for answer, views in zip(answers, completed.fallback, strict=True):
        if views:
            answer["fallback"] = views
    return answers


def answer_rows(bundle: Bundle, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one answer a row, in order. A single row takes the estimator's shortest way.

    Raises Refused (422) where a feature cannot be computed and the model takes no missing values.
    """
    features = bundle.features
    if len(rows) == 1:
        values = features(rows[0])
        scores = [bundle.score_one(values)]
        computed = [values]
    else:
        computed = [features(row) for row in rows]
        matrix = np.array([[np.nan if value is None else value for value in row] for row in computed], dtype=np.float64)
        scores = bundle.scores(matrix).tolist()
    for number, score in enumerate(scores):
        if _missing(score):
            raise _uncomputed(bundle, computed[number], number)
    return [bundle.answer(score) for score in scores]


def _missing(score: Any) -> bool:
    first = score[0] if isinstance(score, list) else score
    return bool(first != first)


def _uncomputed(bundle: Bundle, values: tuple[float | None, ...], number: int) -> Refused:
    """Say which features are missing: the model has no answer for such a row."""
    missing = [name for name, value in zip(bundle.head.features, values, strict=True) if value is None]
    problems = [Problem(name, "cannot be computed from this row, and the model takes no missing values", number) for name in missing]
    return Refused(422, f"no answer for row {number}: {', '.join(missing)} cannot be computed from it", problems)
