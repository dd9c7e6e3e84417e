"""What a model is asked with: a batch has the columns that the model reads, and drift is measured against the same model's rows."""

from __future__ import annotations

from dataclasses import dataclass

from ...architecture.blocks.deployment import Deployment
from ...architecture.blocks.model import Model
from ...architecture.histories import columns_asked
from ...architecture.observations import columns_of
from ...architecture.types import Column
from ...language.diagnostics import Severity
from ...language.suggest import names
from ..base import Context
from ..features.histories import features_of


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
        asked = columns_asked(context.architecture, model, features_of(context, model))
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
            elif other is not None and (told := _beyond(column, other)) is not None:
                message = f"in `source.{name}`, `{column.name}` {told[0]}; what `model.{model.name}` has learnt from {told[1]}"
                context.error("MLA431", message, at, "other values", severity=told[2], help="give both sources the same column")


def _beyond(known: Column, given: Column) -> tuple[str, str, Severity] | None:
    """What rows may hold that the model has never seen, what it has seen instead, and how bad that is."""
    if given.unit is not None and known.unit is not None and given.unit != known.unit:
        return f"is in {given.unit}", f"is in {known.unit}", Severity.ERROR
    if given.nullable and not known.nullable:
        return "may be missing", "is never missing", Severity.ERROR
    more = [each for each in given.categories if each not in known.categories] if known.categories else []
    if more:
        return f"may be {names(more)}", "never is", Severity.ERROR
    below = known.low is not None and given.low is not None and given.low < known.low
    above = known.high is not None and given.high is not None and given.high > known.high
    if below or above:
        end = given.low if below else given.high
        return f"may be {end:g}", "never is", Severity.WARNING
    return None
