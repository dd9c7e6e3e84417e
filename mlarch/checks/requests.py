"""What a model is asked with: a batch has the columns that the model reads, and drift is measured against the same model's rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..architecture.blocks.deployment import Deployment
from ..architecture.blocks.model import Model
from ..architecture.pipeline import columns_in, inlined, observations_of
from ..architecture.types import Column
from ..language.suggest import names
from .base import Context
from .chains import chains_of
from .expressions import columns_of


def columns_asked(context: Context, model: Model) -> Iterator[Column]:
    """Yield the columns of the observations that the features of a model read: its request schema."""
    architecture, chains = context.architecture, chains_of(context.architecture)
    observations = observations_of(architecture, model)
    if observations is None:
        return
    read: set[str] = set()
    for reference in model.features:
        group = architecture.features.get(reference.name)
        if group is not None and group.source.name == observations.name:
            for name, feature in group.feature.items():
                if chains.hold(f"{group.name}.{name}"):
                    read.update(columns_in(inlined(architecture, feature.expression, observations.name)))
    yield from (column for column in observations.schema.columns if column.name in read)


@dataclass(frozen=True)
class RequestsFit:
    """The rows of a batch have what the model reads, and a monitor compares with the training of the model that it watches."""

    name: str = "requests"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for deployment in context.architecture.deployment.values():
            model = context.architecture.model.get(deployment.model.name)
            if deployment.input is not None and model is not None:
                self._input(context, deployment, model, deployment.input.name)
        for monitor in context.architecture.monitor.values():
            watched = context.architecture.deployment.get(monitor.deployment.name)
            training = context.architecture.training.get(monitor.reference.name) if monitor.reference is not None else None
            if watched is not None and training is not None and watched.model != training.model:
                context.error(
                    "MLA432",
                    f"`deployment.{watched.name}` serves `{watched.model}`, and `training.{training.name}` is of `{training.model}`",
                    f"monitor.{monitor.name}.reference",
                    "another model's rows",
                    help=f"name the training of `{watched.model}`",
                )

    def _input(self, context: Context, deployment: Deployment, model: Model, name: str) -> None:
        source = context.architecture.source.get(name)
        if source is None:
            return
        there, at = columns_of(source), f"deployment.{deployment.name}.input"
        asked = list(columns_asked(context, model))
        missing = [column.name for column in asked if column.name not in there]
        if missing:
            context.error(
                "MLA431",
                f"`model.{model.name}` reads {names(missing)}, which `source.{name}` does not have",
                at,
                "lacks what the model reads",
                help=f"its columns are {names(there)}",
            )
        for column in asked:
            other = there.get(column.name)
            if other is not None and other.kind is not column.kind:
                message = f"`model.{model.name}` reads `{column.name}` as a {column.kind}, and in `source.{name}` it is a {other.kind}"
                context.error("MLA431", message, at, "another type")
