"""A deployment whose model reads histories asks the feature store within the time that its answers may take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...architecture.architecture import Architecture
from ...architecture.blocks.deployment import Deployment, Mode
from ...architecture.blocks.features import FeatureStore
from ...architecture.blocks.model import Model
from ...architecture.histories import reads_history
from ...architecture.observations import observations_of
from ..base import Context
from ..features.histories import groups_of

CODE = "MLA457"


@dataclass(frozen=True)
class StoresAnswerInTime:
    """The deadline of the feature store is over before the latency that a deployment promises is."""

    name: str = "stores"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        store = next(iter(context.architecture.feature_store.values()), None)
        at = f"feature_store.{store.name}.deadline" if store is not None else ""
        deadline = (store or FeatureStore(name="default")).deadline
        for deployment in asking(context.architecture):
            promised = deployment.slo.p99 if deployment.slo is not None else None
            if promised is None or deadline.value < promised.bound.value or context.wrong(at):
                continue
            slo = f"deployment.{deployment.name}.slo.p99"
            told = f"a request may wait {deadline.text} for the feature store, and `{slo}` is {promised}"
            help = "set a shorter `deadline` of the `feature_store`; what remains is for the model"
            context.warn(CODE, told, at if at in context.positions.paths else slo, "no time remains", help=help)


def asking(architecture: Architecture) -> Iterator[Deployment]:
    """Yield the deployments whose requests need the feature store: online, of a model that reads histories."""
    for deployment in architecture.deployment.values():
        model = architecture.model.get(deployment.model.name)
        if deployment.mode is Mode.ONLINE and model is not None and looks_back(architecture, model):
            yield deployment


def looks_back(architecture: Architecture, model: Model) -> bool:
    """Tell whether a model reads windows, lags or joins."""
    observations = observations_of(architecture, model)
    return observations is not None and any(reads_history(group, observations.name) for group in groups_of(architecture, model))
