"""The steps that an architecture declares: what the file says of each, and after which others it comes.

The one truth of what must run again: Dagster's code versions, `mlarch status` and `mlarch plan` all go by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .. import __version__
from .architecture import Architecture
from .blocks.model import Model
from .blocks.training import SplitBy
from .expressions import Name, walk
from .families import family_named
from .feature_views import FeatureView, store_of, views_of
from .nodes import digest
from .pipeline import Pipeline, pipeline_of
from .stored_features import kept_of


@dataclass(frozen=True)
class DeclaredStep:
    """One step. `said` is what the file says about it, and `read` the paths at which it says so.

    `inputs` are keys of steps whose values it takes, in order, and `after` those that must only have passed.
    """

    owner: str
    kind: str
    said: Any
    read: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.owner}/{self.kind}"

    @property
    def code_version(self) -> str:
        return version_by(self.said)


def version_by(said: Any, mlarch: str = __version__) -> str:
    """Return the code version of a step of which this is said, as this or another version of mlarch gives it."""
    return digest([said, mlarch])


def registry_name(system: str, model: str) -> str:
    """Return the name of a model in the registry."""
    return f"{system}.{model}"


def settings_of(model: Model) -> dict[str, Any]:
    """Return every hyperparameter of a model with its value: one that says what is the default anyway decides nothing."""
    return family_named(model.family or "").settings(model.hyperparameters.values)


def prepared_by(pipeline: Pipeline) -> list[Any]:
    """Return what decides the features of a model beside its rows."""
    time = pipeline.observations.timestamp if pipeline.split_by is SplitBy.TIME else None
    return [pipeline.program, pipeline.label, pipeline.problem, pipeline.split_by, pipeline.training.split, time, pipeline.model.family]


def steps_of(
    architecture: Architecture, *, sampled: bool = False, kept: Mapping[str, FeatureView] | None = None
) -> dict[str, DeclaredStep]:
    """Return every step of a checked architecture by its key, in an order in which they can run.

    Of the views in `kept`, those that the file does not name have steps as well: versions that are served read them.
    """
    views = views_of(architecture)
    others = [view for name, view in (kept or {}).items() if name not in views]
    trained = [name for name, model in architecture.model.items() if model.label is not None and model.origin is None]
    pipelines = [pipeline_of(architecture, name) for name in trained]  # a model from elsewhere takes no steps here
    read = {source for pipeline in pipelines for source in pipeline.sources} | {view.source for view in others}
    steps = [step for name in architecture.source if name in read or not pipelines for step in _source_steps(architecture, name)]
    steps += [_view_step(architecture, view) for view in (*views.values(), *others) if view.source in read]
    steps += [step for pipeline in pipelines for step in _model_steps(architecture, pipeline)]
    # What a sample of the rows gives is never registered, and no request reads it.
    return {step.key: step for step in steps if not (sampled and step.kind in ("registered", "materialized"))}


def reached(steps: Mapping[str, DeclaredStep], changed: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the changed steps and all that come after them, each with the steps on the way to it, in an order in which they run."""
    found: dict[str, tuple[str, ...]] = {}
    begin = set(changed)
    for key, step in steps.items():
        before = next((each for each in (*reversed(step.inputs), *step.after) if each in found), None)
        if key in begin:
            found[key] = (key,)
        elif before is not None:
            found[key] = (*found[before], key)
    return found


def _source_steps(architecture: Architecture, name: str) -> list[DeclaredStep]:
    block, at = architecture.source[name], f"source.{name}"
    return [
        DeclaredStep(
            name,
            "ingested",
            [block.connector, block.schema, block.clean, block.quarantine],
            tuple(f"{at}.{key}" for key in ("connector", "schema", "clean", "quarantine")),
        ),
        DeclaredStep(
            name,
            "validated",
            [block.schema, block.expect, block.known_at, block.drift],
            tuple(f"{at}.{key}" for key in ("schema", "expect", "known_at", "drift")),
            (f"{name}/ingested",),
        ),
    ]


def _view_step(architecture: Architecture, view: FeatureView) -> DeclaredStep:
    store, at = store_of(architecture), f"source.{view.source}"
    models = [name for name in view.models if name in architecture.model]  # a version that is served may be of one that is gone
    groups = {group for name in models for group in _groups(architecture, architecture.model[name])}
    return DeclaredStep(
        view.name,
        "materialized",
        [kept_of(architecture, view), store.online, store.offline, store.keep],
        (
            *(f"{at}.{key}" for key in ("schema", "entity", "timestamp", "known_at", "refresh")),
            *(f"features.{group}" for group in sorted(groups)),
            *(f"model.{name}.{key}" for name in models for key in ("features", "label", "observations")),
            *(f"deployment.{name}.{key}" for name in view.deployments for key in ("model", "mode")),
            *(f"feature_store.{store.name}.{key}" for key in ("online", "offline", "keep")),
        ),
        (f"{view.source}/ingested",),
        (f"{view.source}/validated",),
    )


def _model_steps(architecture: Architecture, pipeline: Pipeline) -> list[DeclaredStep]:
    name, source = pipeline.name, pipeline.observations.name
    model, training, system = pipeline.model, pipeline.training, f"system.{pipeline.system}"
    at, trained_at = f"model.{name}", f"training.{training.name}"
    made = [
        settings_of(model),
        model.family,
        pipeline.problem,
        pipeline.output,
        pipeline.threshold,
        training.split.seed,
        pipeline.tracking,
        pipeline.experiment,
    ]
    return [
        DeclaredStep(
            name,
            "features",
            [source, *prepared_by(pipeline)],
            (
                *(f"{at}.{key}" for key in ("features", "label", "observations", "family", "as_of")),
                *(f"features.{group}" for group in _groups(architecture, pipeline.model)),
                *(f"source.{name}.schema" for name in pipeline.sources),
                *(f"source.{name}.{key}" for name in pipeline.histories for key in ("entity", "timestamp", "known_at", "refresh")),
                f"source.{source}.timestamp",
                f"{trained_at}.split",
                f"{trained_at}.model",
                f"{system}.problem",
            ),
            tuple(f"{name}/ingested" for name in pipeline.sources),
            tuple(f"{name}/validated" for name in pipeline.sources),
        ),
        DeclaredStep(
            name,
            "trained",
            made,
            (
                *(f"{at}.{key}" for key in ("hyperparameters", "family", "output", "threshold")),
                f"{trained_at}.split.seed",
                f"{trained_at}.model",
                f"tracking.{pipeline.tracking.name}",
                f"{system}.problem",
                f"{system}.name",
            ),
            (f"{name}/features",),
        ),
        DeclaredStep(
            name,
            "evaluated",
            [pipeline.evaluation, pipeline.metrics, pipeline.threshold],
            (
                *((f"evaluation.{pipeline.evaluation.name}",) if pipeline.evaluation else ()),
                f"{system}.metric",
                f"{at}.threshold",
                f"{trained_at}.model",
            ),
            (f"{name}/features", f"{name}/trained"),
        ),
        DeclaredStep(
            name,
            "registered",
            [pipeline.registry, model.version, registry_name(pipeline.system, name)],
            (f"registry.{pipeline.registry.name}", f"{at}.version", f"{system}.name"),
            (f"{name}/trained", f"{name}/evaluated"),
        ),
    ]


def _groups(architecture: Architecture, model: Model) -> tuple[str, ...]:
    """The feature blocks that a model reads, directly or through others."""
    found: list[str] = []
    ahead = [reference.name for reference in model.features]
    while ahead:
        group = ahead.pop()
        if group in found or group not in architecture.features:
            continue
        found.append(group)
        for definition in architecture.features[group].feature.values():
            ahead += [part.parts[0] for part in walk(definition.expression) if isinstance(part, Name) and len(part.parts) == 2]
    return tuple(found)
