"""Leakage by rows: a window looks back in time, and test rows lie after those that a model has learnt from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...architecture.blocks.features import Features
from ...architecture.blocks.model import Model
from ...architecture.blocks.source import Source
from ...architecture.blocks.training import SplitBy
from ...architecture.expressions import Apply, Expression, Name, Window, children, walk
from ...architecture.histories import is_of_history, reads_history
from ...architecture.observations import columns_in, columns_of, observations_of, over_columns
from ...architecture.pipeline import training_of
from ...architecture.types import ColumnType
from ..base import Context
from .chains import named_in, sketched, written_out
from .elsewhere import reached


@dataclass(frozen=True)
class EntitiesAreKnown:
    """The entity by which earlier rows are found is known when a prediction is asked for: it is not the label."""

    name: str = "entities"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for model in context.architecture.model.values():
            self._entities(context, model)

    def _entities(self, context: Context, model: Model) -> None:
        observations = observations_of(context.architecture, model)
        if observations is None or model.label is None:
            return
        label = columns_in(over_columns(model.label, observations.name))
        for group in _own(context, model, observations):
            leaking = next((each for each in group.entity if each in label), None)
            if leaking is not None:
                told = f"the rows are found by `{leaking}`, and the label of `model.{model.name}` is made of it"
                help = "name what the row is about: an identifier, a place, a customer"
                context.error("MLA404", told, f"features.{group.name}.entity", "not known when a prediction is asked for", help=help)


@dataclass(frozen=True)
class OutcomesAreKnownInTime:
    """A window over the label says when outcomes become known, and what is made of time is tested on later rows."""

    name: str = "outcomes"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for model in context.architecture.model.values():
            observations = observations_of(context.architecture, model)
            if observations is None or model.label is None:
                continue
            windows = list(_windows(context, model, observations))
            if windows:
                self._known(context, model, observations, windows)
                if observations.timestamp is not None:
                    self._split(context, model)

    def _known(self, context: Context, model: Model, observations: Source, windows: list[tuple[str, Expression]]) -> None:
        """A label that may be missing is one that comes later than its row."""
        if observations.known_at is not None or model.label is None:
            return
        columns = columns_of(observations)
        late = {name for name in columns_in(over_columns(model.label, observations.name)) if name in columns and columns[name].nullable}
        for at, window in windows:
            read = next((node for node in walk(window) if isinstance(node, Name) and node.text in late), None)
            if read is not None:
                told = f"`source.{observations.name}` does not say when `{read.text}` becomes known: it may be read before"
                span, help = context.where(window, at), "name the column that says so: `known_at = …`, in the source"
                if all(item.span != span for item in context.findings if item.code == "MLA404"):
                    context.findings.warning("MLA404", told, span, "perhaps not known yet", help=help)

    def _split(self, context: Context, model: Model) -> None:
        training = training_of(context.architecture, model.name)
        if training is None or training.split.by in (SplitBy.TIME, SplitBy.GROUP) or context.wrong(f"training.{training.name}.split"):
            return
        place = f"training.{training.name}.split"
        context.warn(
            "MLA455",
            f"`model.{model.name}` looks back in time, and learns from rows that come after the test rows",
            f"{place}.by" if f"{place}.by" in context.positions.paths else place,
            "mixes past and future",
            help="write `split { by = time }`",
        )


def _own(context: Context, model: Model, observations: Source) -> Iterator[Features]:
    groups = {group.name: group for group, _ in reached(context, model) if group.source.name == observations.name}
    yield from groups.values()


def _windows(context: Context, model: Model, observations: Source) -> Iterator[tuple[str, Expression]]:
    for group, name in reached(context, model):
        if group.source.name != observations.name or (not named_in(group) and not reads_history(group, observations.name)):
            continue
        sketch = sketched(group)[f"{group.name}.{name}"]
        if sketch.names or is_of_history(sketch.expression):
            at = f"features.{group.name}.feature.{name}"
            expression = written_out(context, group, name)
            yield from ((at, node) for node in walk(expression) if is_of_history(node) and not context.wrong(at))


@dataclass(frozen=True)
class IdentifiersAreNoFeatures:
    """An identifier of rows is learnt by heart: it says nothing of the next row."""

    name: str = "identifiers"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for group in context.architecture.features.values():
            source = context.architecture.source.get(group.source.name)
            ids = {name for name, column in columns_of(source).items() if column.type is ColumnType.ID} if source is not None else set()
            if not ids or source is None:
                continue
            for name, sketch in sketched(group).items():
                for node in _of_this_row(sketch.expression):
                    at = f"features.{group.name}.feature.{name.partition('.')[2]}"
                    if (
                        isinstance(node, Name)
                        and not context.wrong(at)
                        and node.parts[-1] in ids
                        and (len(node.parts) == 1 or node.parts[-2] == source.name)
                    ):
                        told = f"`{node.text}` tells the rows apart: a model learns it by heart, and it says nothing of the next one"
                        help = f"leave it out; if many rows share it, give it the type `string`: `{node.parts[-1]} : string`"
                        context.findings.warning("MLA454", told, context.where(node, at), "an identifier", help=help)


def _of_this_row(node: Expression) -> Iterator[Expression]:
    if isinstance(node, Window) or (isinstance(node, Apply) and node.function in ("is_missing", "length", "starts_with")):
        return
    yield node
    for part in children(node):
        yield from _of_this_row(part)
