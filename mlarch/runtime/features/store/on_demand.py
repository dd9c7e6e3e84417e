"""The function of a model that Feast calls: from the events of entities and the columns of requests to features, at each request's moment.

Feast keeps the text of a small function that calls this one, and hands over columns: lists of what it read and of what it was asked with.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from ....architecture.feature_views import field_of
from ....architecture.program import FeatureProgram
from ....architecture.types import ValueKind
from ..requests import lower
from .answering import to_store_completion
from .events import decode

#: What Feast calls a function with when it is registered, in the place of bytes: it wants to see values of the declared types.
SAMPLE = b"hello world"
_SAMPLES = {ValueKind.NUMBER: 0.0, ValueKind.BOOLEAN: False, ValueKind.TEXT: "", ValueKind.TIMESTAMP: datetime(1970, 1, 1, tzinfo=UTC)}

Columns = Mapping[str, Sequence[Any]]


def answered(program: str, inputs: Columns) -> dict[str, list[Any]]:
    """Return the features of each request, by their names.

    `program` is the feature program as JSON; nothing in it is learnt from training rows. An entity that is not in the store has no history.
    Raises AskedTooEarly where the store no longer has what was known at a moment.
    """
    return _compiled(program)(inputs)


@lru_cache(maxsize=64)
def _compiled(text: str) -> Callable[[Columns], dict[str, list[Any]]]:
    program = msgspec.json.decode(text, type=FeatureProgram)
    completion = to_store_completion(program)
    features = [(feature.name, lower(feature.expression, program.columns)) for feature in program.features]
    fields = [field_of(view) for view in completion.views]
    given = [(column.name, _GIVEN[column.kind]) for column in program.inputs]

    def features_of(inputs: Columns) -> dict[str, list[Any]]:
        if any(SAMPLE in inputs[field] for field in fields):
            return {feature.name: [_SAMPLES[feature.kind]] for feature in program.features}
        made: dict[str, list[Any]] = {name: [] for name, _ in features}
        for place in range(len(inputs[fields[0]])):
            row = {name: value(inputs[name][place]) for name, value in given}
            blobs = [inputs[field][place] for field in fields]
            complete = completion.complete(row, [decode(blob) if blob else None for blob in blobs])
            for name, feature in features:
                made[name].append(feature(complete))
        return made

    return features_of


def _number(value: Any) -> float | int | None:
    return None if value is None or (isinstance(value, float) and math.isnan(value)) else value


def _time(value: Any) -> datetime | None:
    """A time of Python's or of pandas'; without a zone it is UTC."""
    if value is None or value != value:
        return None
    time: datetime = value.to_pydatetime(warn=False) if hasattr(value, "to_pydatetime") else value
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _truth(value: Any) -> bool | None:
    return None if _number(value) is None else bool(value)


_GIVEN: dict[ValueKind, Callable[[Any], Any]] = {
    ValueKind.NUMBER: _number,
    ValueKind.BOOLEAN: _truth,
    ValueKind.TEXT: _text,
    ValueKind.TIMESTAMP: _time,
}
