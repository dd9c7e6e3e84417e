"""What a feature store shows of the features that are of histories: the values of each block now, and those of a model at any moment.

What is learnt from the training rows belongs to a version of a model and not to the store: `impute_median(mean(x) over 1d)` is shown as
`mean(x) over 1d`, and a feature in which something learnt stands deeper is not shown. Neither is one that calls code of the user's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from .architecture import Architecture
from .blocks.features import Features
from .blocks.model import Model
from .expressions import Apply, Expression, Name, walk
from .feature_views import FeatureView, programs_asked, views_of
from .functions import FUNCTIONS, Role
from .histories import entity_of, program_with
from .observations import columns_in
from .program import FeatureProgram, ProgramFeature
from .types import Column, ColumnType
from .typing import kind_of

#: The column of the moment at which values are asked for, as Feast calls it.
MOMENT = "event_timestamp"


class CurrentValues(msgspec.Struct, frozen=True, kw_only=True):
    """The features of a block that are of one history alone, as of a moment: its values are the same whoever asks.

    `program` asks about an entity at `event_timestamp`; its features are called by their own names. `view` is the name under which a store
    keeps the values, `block` that of the block.
    """

    view: str
    block: str
    source: str
    entity: tuple[Column, ...]
    program: FeatureProgram
    doc: str | None = None


class ExactValues(msgspec.Struct, frozen=True, kw_only=True):
    """The features of a model as of the moment of a request, before anything is learnt.

    `program` is over the columns of the request. `view` is the name under which a store offers the values.
    """

    view: str
    model: str
    program: FeatureProgram
    doc: str | None = None


def current_values(architecture: Architecture) -> tuple[CurrentValues, ...]:
    """Return the values of each block that a model which answers requests reads, those of histories alone."""
    found: dict[str, CurrentValues] = {}
    taken = {name.lower() for name in views_of(architecture)}
    for name in programs_asked(architecture):
        model = architecture.model[name]
        for reference in model.features:
            if reference.name not in found:
                made = _current(architecture, model, architecture.features[reference.name], taken)
                found |= {reference.name: made} if made is not None else {}
    return tuple(found.values())


def exact_values(architecture: Architecture) -> tuple[ExactValues, ...]:
    """Return the values of each model that answers requests and reads histories."""
    taken = {name.lower() for name in (*views_of(architecture), *(each.view for each in current_values(architecture)))}
    found = []
    for model, program in programs_asked(architecture).items():
        features = tuple(_kept(program))
        found.append(
            ExactValues(
                view=_free(model, "_exact", taken), model=model, program=_with(program, features), doc=architecture.model[model].doc
            )
        )
    return tuple(found)


def blocks_over(architecture: Architecture, view: FeatureView) -> tuple[CurrentValues, ...]:
    """Return the values of the blocks that are of the history which a view keeps."""
    names = (view.source, view.entity)
    return tuple(each for each in current_values(architecture) if (each.source, tuple(key.name for key in each.entity)) == names)


def kept_of(architecture: Architecture, view: FeatureView) -> list[Any]:
    """Return what decides what is written of a view, beside the rows of its source."""
    blocks = [[block.view, block.program] for block in blocks_over(architecture, view)]
    return [view.name, view.keys, view.columns, view.timestamp, view.known_at, view.refresh, view.window, view.rank, blocks]


def before_fitting(expression: Expression) -> Expression | None:
    """Return what a feature is learnt of, or None where something learnt stands inside of something else."""
    while isinstance(expression, Apply) and _role(expression) is Role.FITTED:
        expression = expression.arguments[0]
    return None if _has(expression, Role.FITTED) else expression


def _has(expression: Expression, role: Role) -> bool:
    return any(_role(node) is role for node in walk(expression))


def _role(node: Expression) -> Role | None:
    return FUNCTIONS[node.function].role if isinstance(node, Apply) and node.function in FUNCTIONS else None


def _current(architecture: Architecture, model: Model, group: Features, taken: set[str]) -> CurrentValues | None:
    source, entity = group.source.name, entity_of(architecture, group)
    names = [name for name in group.feature if _of_one_history(program_with(architecture, model, [(group, name)]), source, entity)]
    if not names or MOMENT in entity:
        return None
    program = program_with(architecture, model, [(group, name) for name in names])
    columns = {column.name: column for column in architecture.source[source].schema.columns}
    keys = tuple(columns[name] for name in entity)
    features = tuple(_called({name.lower() for name in (*entity, MOMENT)}, _kept(program)))
    inputs = (*keys, Column(name=MOMENT, type=ColumnType.TIMESTAMP))
    asked = msgspec.structs.replace(_with(program, features), inputs=inputs, as_of=Name((MOMENT,)))
    return CurrentValues(
        view=_free(group.name, "_values", taken), block=group.name, source=source, entity=keys, program=asked, doc=group.doc
    )


def _of_one_history(program: FeatureProgram, source: str, entity: tuple[str, ...]) -> bool:
    """Tell whether the one feature of a program is of a history alone, and not of the row that is asked about."""
    taken = before_fitting(program.features[0].expression)
    if taken is None or not any(_kept(program)) or [(each.source, each.entity) for each in program.histories] != [(source, entity)]:
        return False
    return {*columns_in(taken)} <= {*entity, *(value.name for value in program.histories[0].values)}


def _kept(program: FeatureProgram) -> Iterator[ProgramFeature]:
    values = {value.name: value.expression for history in program.histories for value in history.values}
    for feature in program.features:
        taken = before_fitting(feature.expression)
        parts = [] if taken is None else [taken, *(values.get(name) for name in columns_in(taken))]
        if taken is not None and not any(_has(part, Role.OWN) for part in parts if part is not None):
            yield msgspec.structs.replace(feature, expression=taken, kind=kind_of(taken, program.columns))


def _called(taken: set[str], features: Iterator[ProgramFeature]) -> Iterator[ProgramFeature]:
    """Features by their own names, as a column of the block's table is called; where the table has such a column, `_value` is added."""
    for feature in features:
        yield msgspec.structs.replace(feature, name=_free(feature.name.partition(".")[2], "_value", taken))


def _free(name: str, more: str, taken: set[str]) -> str:
    """Return a name that is not taken, and take it; a store may read capital letters as small ones."""
    while name.lower() in taken:
        name += more
    taken.add(name.lower())
    return name


def _with(program: FeatureProgram, features: tuple[ProgramFeature, ...]) -> FeatureProgram:
    """Return a program with these features, and only those histories and values that they read."""
    read = {name for feature in features for name in columns_in(feature.expression)}
    histories = []
    for history in program.histories:
        values = tuple(value for value in history.values if value.name in read)
        histories += [msgspec.structs.replace(history, values=values)] if values else []
    return msgspec.structs.replace(program, features=features, histories=tuple(histories))
