"""What callers of a deployment rely on: the request that it takes and the shape of its answers."""

from __future__ import annotations

from collections.abc import Iterator

from ..architecture.architecture import Architecture
from ..architecture.blocks.model import Output
from ..architecture.blocks.system import Problem
from ..architecture.expressions import Name
from ..architecture.pipeline import Pipeline, pipeline_of
from ..architecture.types import Column, ColumnType

#: Types whose values are all of another type too: a request that was right stays right.
_WIDER = {
    ColumnType.INT: (ColumnType.FLOAT,),
    ColumnType.CATEGORY: (ColumnType.STRING, ColumnType.ID),
    ColumnType.STRING: (ColumnType.ID,),
    ColumnType.ID: (ColumnType.STRING,),
    ColumnType.DATE: (ColumnType.TIMESTAMP,),
}


def served_by(architecture: Architecture, deployment: str) -> Pipeline | None:
    """Return the pipeline of the model that a deployment serves, None for a model trained elsewhere."""
    name = architecture.deployment[deployment].model.name
    return pipeline_of(architecture, name) if architecture.model[name].label is not None else None


def narrowed(old: Pipeline, new: Pipeline) -> Iterator[tuple[str, str]]:
    """Yield column and reason for every request that the old model takes and the new one refuses."""
    before, after = ({column.name: column for column in side.program.inputs} for side in (old, new))
    for name in before:
        if name not in after:
            yield name, "is not in the request any more: a request that has it is refused"
    for name, column in after.items():
        if name in before:
            yield from ((name, why) for why in _column(before[name], column))
        elif not column.nullable and column.default is None:
            yield name, "is new in the request, and required"


def _column(old: Column, new: Column) -> Iterator[str]:
    if new.type is not old.type and new.type not in _WIDER.get(old.type, ()):
        yield f"is {new.type.value}, was {old.type.value}"
        return
    if old.unit != new.unit:
        yield f"is in {new.unit or 'no unit'}, was in {old.unit or 'no unit'}"
    if old.nullable and not new.nullable:
        yield "may not be null any more"
    if (old.nullable or old.default is not None) and not (new.nullable or new.default is not None):
        yield "may not be left out any more"
    if new.low is not None and (old.low is None or new.low > old.low):
        yield f"is at least {new.low:g}" + (f", was at least {old.low:g}" if old.low is not None else "")
    if new.high is not None and (old.high is None or new.high < old.high):
        yield f"is at most {new.high:g}" + (f", was at most {old.high:g}" if old.high is not None else "")
    gone = [each for each in old.categories if each not in new.categories]
    if new.categories and not old.categories:
        yield f"takes only {', '.join(new.categories)}"
    elif new.categories and gone:
        yield f"does not take {', '.join(gone)} any more"


def answer(pipeline: Pipeline) -> str:
    """Return the shape of an answer in words: two that differ break whoever reads them."""
    if pipeline.problem is not Problem.CLASSIFICATION:
        return "value"
    column = next((each for each in pipeline.observations.schema.columns if pipeline.label == Name((each.name,))), None)
    if column is None or column.type is ColumnType.BOOL:
        label, classes = "label true or false", 2
    else:
        label, classes = f"label {' or '.join(sorted(column.categories)) or 'of any text'}", len(column.categories)
    if pipeline.output is Output.CLASS:
        return label
    return f"probability and {label}" if classes == 2 else f"probabilities and {label}"
