"""`system`: what the whole is for, and how its success is measured."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from ..quantities import Dimension, Quantity
from ..vocabulary import DOCUMENTED, Block, Limit, NamedBlock, about


class Problem(StrEnum):
    CLASSIFICATION = "classification"
    REGRESSION = "regression"
    CLUSTERING = "clustering"
    RECOMMENDATION = "recommendation"
    NLP = "nlp"
    VISION = "vision"
    TIME_SERIES = "time_series"


class Metric(Block, frozen=True, kw_only=True):
    """A measure of success. The target is reported; the baseline is what the model must beat where no evaluation says otherwise."""

    target: Annotated[
        Limit | None,
        about(
            "What the system aims at; reported, never blocking.",
            operators=("<", "<=", ">", ">="),
            dimension=(Dimension.NUMBER, Dimension.RATIO),
        ),
    ] = None
    baseline: Annotated[
        Quantity | None, about("What was reached before this model, or by the naive answer.", dimension=(Dimension.NUMBER, Dimension.RATIO))
    ] = None


class System(NamedBlock, frozen=True, kw_only=True):
    """The ML system that the file describes; exactly one in a file."""

    kind: ClassVar[str] = "system"

    problem: Annotated[
        Problem,
        about("What kind of answer the system gives.", planned=("clustering", "recommendation", "nlp", "vision", "time_series")),
    ]
    title: Annotated[str | None, about("A title for documents; the name if absent.", DOCUMENTED)] = None
    overview: Annotated[str | None, about("One paragraph: what it does and for whom.", DOCUMENTED)] = None
    owners: Annotated[tuple[str, ...], about('E-mail addresses or `"team:name"`; shown on every asset.')] = ()
    storage: Annotated[
        str | None,
        about("Storage that this machine and the nodes of a cluster share: `s3://bucket/path`, or `file:///folder` of all of them."),
    ] = None
    metric: Annotated[dict[str, Metric], about("The metrics by which success is judged.")] = {}
