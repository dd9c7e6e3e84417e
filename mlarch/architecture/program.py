"""The feature program of a model: every feature it reads, as expressions over the columns of a request row and over histories.

The program is a value: it is checked before data is read, fitted on the training rows, stored beside the model's weights, and
lowered from this one form both to tables and to single requests. That is why training and serving cannot differ.
"""

from __future__ import annotations

from functools import cached_property

import msgspec

from .blocks.source import Refresh
from .expressions import Expression
from .types import Column, ColumnType, ValueKind

#: How a value that is computed from a history is held.
_HELD = {
    ValueKind.NUMBER: ColumnType.FLOAT,
    ValueKind.BOOLEAN: ColumnType.BOOL,
    ValueKind.TEXT: ColumnType.STRING,
    ValueKind.TIMESTAMP: ColumnType.TIMESTAMP,
}


class ProgramFeature(msgspec.Struct, frozen=True):
    """One output column: `name` is qualified (`shape.roundness`), `expression` is over the columns of the program."""

    name: str
    expression: Expression
    kind: ValueKind
    doc: str | None = None


class HistoryValue(msgspec.Struct, frozen=True):
    """One value from the history of an entity, as it was known at the moment of a row.

    `function` is an aggregate over the rows that became visible in the last `window` microseconds, or `lag`: of the `rank`-th latest
    row. `expression` is over the columns of the source; a count has none.
    """

    name: str
    function: str
    expression: Expression | None
    kind: ValueKind
    window: int | None = None
    rank: int | None = None

    @property
    def column(self) -> Column:
        """The column that stands for the value in the expressions of the features."""
        return Column(name=self.name, type=_HELD[self.kind], nullable=True)


class History(msgspec.Struct, frozen=True):
    """What is read of the rows of one source about the entity of an observation.

    A row is visible from the first refresh at or after the later of its `timestamp` and its `known_at`. `columns` are those that are
    read, the entity's among them; the observations have columns of the same names as the entity's.
    """

    source: str
    entity: tuple[str, ...]
    timestamp: str
    known_at: str | None
    refresh: Refresh
    columns: tuple[Column, ...]
    values: tuple[HistoryValue, ...]


class Vocabulary(msgspec.Struct, frozen=True):
    """The terms of a text that a fitted program weighs, in order, with the inverse document frequency of each.

    The weights of all terms are computed from the text at once, and stand in one `column` beside the others.
    """

    name: str
    expression: Expression
    terms: tuple[str, ...]
    weights: tuple[float, ...]

    @property
    def column(self) -> str:
        """The column from which the features of the terms are read."""
        return f"tfidf({self.name})"


class CodeFile(msgspec.Struct, frozen=True):
    """One file of Python, by its path beside the architecture file."""

    path: str
    text: str


class Code(msgspec.Struct, frozen=True):
    """The Python files that hold the functions of `python(…)`, and all that these import from beside the architecture file.

    A bound program has them whole: what answers requests is what was trained with. `libraries` are what else they import, with the
    versions that were installed. `digest` is of it all.
    """

    digest: str
    files: tuple[CodeFile, ...]
    libraries: dict[str, str] = {}


class FeatureProgram(msgspec.Struct, frozen=True, dict=True):
    """Input columns and the features computed from them, in order.

    `inputs` are exactly the observation columns that the features, the entities and the moment are read from: they are the request
    schema. `as_of` is that moment, over the inputs; only a program with histories has one. A fitted program has
    `vocabularies`, if it weighs terms; one that is bound to functions of the user's has their `code`.
    """

    inputs: tuple[Column, ...]
    features: tuple[ProgramFeature, ...]
    as_of: Expression | None = None
    histories: tuple[History, ...] = ()
    vocabularies: tuple[Vocabulary, ...] = ()
    code: Code | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @cached_property
    def columns(self) -> dict[str, Column]:
        """The columns that the features' expressions name: the inputs, and the values from histories."""
        values = [value.column for history in self.histories for value in history.values]
        return {column.name: column for column in (*self.inputs, *values)}
