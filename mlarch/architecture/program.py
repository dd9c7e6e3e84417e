"""The feature program of a model: every feature it reads, as expressions over the columns of a request row.

The program is a value: it is checked before data is read, fitted on the training rows, stored beside the model's weights, and
lowered from this one form both to tables and to single requests. That is why training and serving cannot differ.
"""

from __future__ import annotations

import msgspec

from .expressions import Expression
from .types import Column, ValueKind


class ProgramFeature(msgspec.Struct, frozen=True):
    """One output column: `name` is qualified (`shape.roundness`), `expression` is over input columns only."""

    name: str
    expression: Expression
    kind: ValueKind
    doc: str | None = None


class FeatureProgram(msgspec.Struct, frozen=True):
    """Input columns and the features computed from them, in order.

    `inputs` are exactly the observation columns that the features read: they are the request schema.
    """

    inputs: tuple[Column, ...]
    features: tuple[ProgramFeature, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)
