"""The steps of an architecture, engine-neutral: what the architecture declares of each, and the step itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from ...architecture.blocks.source import DagsterAsset
from ...architecture.feature_views import FeatureView, store_of, views_of
from ...architecture.lock import Lock
from ...architecture.nodes import digest
from ...architecture.pipeline import Pipeline, pipeline_of
from ...architecture.steps import DeclaredStep, steps_of
from ...architecture.vocabulary import tag_of
from ...runtime.artifacts import Dataset, Evaluated, Materialized, Prepared, Registered, Trained, ValidationReport
from ...runtime.registry.served import views_now
from ...runtime.state import State

#: The type of each step's value, by the last part of its key.
VALUES: dict[str, type[msgspec.Struct]] = {
    "ingested": Dataset,
    "validated": ValidationReport,
    "features": Prepared,
    "trained": Trained,
    "evaluated": Evaluated,
    "registered": Registered,
    "materialized": Materialized,
}


@dataclass(frozen=True)
class Check:
    """A condition that is checked by a step: a rule of the data or a condition of the gate. `at` is its path in the architecture."""

    name: str
    text: str
    at: str
    blocking: bool = True


@dataclass(frozen=True)
class Step:
    """One step: an asset of the graph. `run` takes the values of the steps that are its inputs, in order."""

    declared: DeclaredStep
    doc: str
    at: str
    tools: tuple[str, ...]
    run: Callable[..., Any]
    checks: tuple[Check, ...] = ()
    table: str | None = None

    @property
    def owner(self) -> str:
        return self.declared.owner

    @property
    def kind(self) -> str:
        return self.declared.kind

    @property
    def key(self) -> str:
        return self.declared.key

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.declared.inputs

    @property
    def after(self) -> tuple[str, ...]:
        return self.declared.after

    @property
    def code_version(self) -> str:
        return self.declared.code_version


@dataclass
class Work:
    """A locked architecture with the folder that its steps work in.

    `sample` is the share of the observations that models learn from, 0 to 1. What is read as a history is read whole: a window over a
    sample of the rows would be another window.
    """

    lock: Lock
    state: State
    sample: float | None = None
    steps: dict[str, Step] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = {step.key: step for step in _steps(self)}

    def share_of(self, source: str) -> float | None:
        """Return the share of the rows of a source that are ingested."""
        return None if source in self._whole else self.sample

    def share_within(self, model: str) -> float | None:
        """Return the share of the observations of a model that are taken from the rows that were ingested."""
        return self.sample if pipeline_of(self.lock.architecture, model).observations.name in self._whole else None

    @cached_property
    def views(self) -> dict[str, FeatureView]:
        """What the online store is to keep: what the file says, and what versions that are served read beside."""
        return views_now(self.lock, self.state) if self.sample is None else views_of(self.lock.architecture)

    @cached_property
    def _whole(self) -> frozenset[str]:
        models = {step.owner for step in steps_of(self.lock.architecture).values() if step.kind == "trained"}
        return frozenset(source for model in models for source in pipeline_of(self.lock.architecture, model).histories)


def _steps(work: Work) -> list[Step]:
    """Every step in an order in which they can run."""
    architecture = work.lock.architecture
    declared = steps_of(architecture, sampled=work.sample is not None, kept=work.views)
    owners = dict.fromkeys(step.owner for step in declared.values() if step.kind == "ingested")
    models = dict.fromkeys(step.owner for step in declared.values() if step.kind == "trained")
    sources = [step for name in owners for step in _source_steps(work, name, declared)]
    views = [_view_step(work, view, declared) for view in work.views.values() if f"{view.name}/materialized" in declared]
    return sources + views + [step for name in models for step in _model_steps(work, pipeline_of(architecture, name), declared)]


def _source_steps(work: Work, name: str, declared: Mapping[str, DeclaredStep]) -> list[Step]:
    from ...runtime.data.ingestion import ingest
    from ...runtime.data.validation import rule_names, validate

    lock, state = work.lock, work.state
    block = lock.architecture.source[name]
    connector = block.connector
    kind = type(connector).__name__.lower()
    key = connector.key if isinstance(connector, DagsterAsset) else None

    def ingested(table: Any = None) -> Dataset:
        return ingest(lock, name, state, sample=work.share_of(name), table=table)

    def validated(dataset: Dataset) -> ValidationReport:
        return validate(lock, name, dataset, state)

    checks = tuple(Check(rule, text, at) for rule, text, at in rule_names(block))
    tools = ("polars",) if key else ("polars", kind)
    return [
        Step(
            declared[f"{name}/ingested"],
            block.doc or f"The rows of `{name}` with the schema's columns and types.",
            f"source.{name}",
            tools,
            ingested,
            table=key,
        ),
        Step(
            declared[f"{name}/validated"],
            f"Every rule and expectation of `{name}`, checked.",
            f"source.{name}.schema",
            ("polars",),
            validated,
            checks=checks,
        ),
    ]


def _view_step(work: Work, view: FeatureView, declared: Mapping[str, DeclaredStep]) -> Step:
    lock, state, store = work.lock, work.state, store_of(work.lock.architecture)

    # Feast takes seconds to load: only when something is to be written.
    def materialized(dataset: Dataset) -> Materialized:
        from ...runtime.features.store.materialize import materialize
        from ..feast.repository import repository

        return materialize(lock, view.name, dataset, state, repository(lock, state, work.views), views=work.views)

    keys = " and ".join(f"`{name}`" for name in view.entity)
    return Step(
        declared[f"{view.name}/materialized"],
        f"What is known of each {keys} in `{view.source}`, in the online store, for the requests of {', '.join(view.deployments)}.",
        f"feature_store.{store.name}" if store.name in lock.architecture.feature_store else f"source.{view.source}",
        ("feast", tag_of(type(store.online))),
        materialized,
    )


def _model_steps(work: Work, pipeline: Pipeline, declared: Mapping[str, DeclaredStep]) -> list[Step]:
    lock, state, name = work.lock, work.state, pipeline.name
    model = pipeline.model
    gate_at = f"evaluation.{pipeline.evaluation.name}" if pipeline.evaluation else f"model.{name}"

    # The estimators and MLflow take seconds to load: each step loads what it needs when it runs.
    def features(*datasets: Dataset) -> Prepared:
        from ...runtime.training.preparation import prepare

        return prepare(lock, name, datasets, state, sample=work.share_within(name))

    def trained(prepared: Prepared) -> Trained:
        from ...runtime.training.training import train

        return train(lock, name, prepared, state)

    def evaluated(prepared: Prepared, found: Trained) -> Evaluated:
        from ...runtime.evaluation.evaluating import evaluate

        return evaluate(lock, name, prepared, found, state)

    def registered(found: Trained, judged: Evaluated) -> Registered:
        from ...runtime.registry.registration import register

        return register(lock, name, found, judged, state)

    family = model.family or ""
    tool = {"logistic_regression": "scikitlearn", "random_forest": "scikitlearn"}.get(family, family)
    steps = [
        Step(
            declared[f"{name}/features"],
            f"The feature program of `{name}`, fitted on the training rows, and its matrices.",
            f"model.{name}.features",
            ("polars",),
            features,
        ),
        Step(
            declared[f"{name}/trained"],
            model.doc or f"`{name}`, a {family.replace('_', ' ')}.",
            f"model.{name}",
            (tool, "mlflow"),
            trained,
        ),
        Step(
            declared[f"{name}/evaluated"],
            f"Metrics of `{name}` on rows that training never saw, and its gate.",
            gate_at,
            ("scikitlearn", "mlflow"),
            evaluated,
            checks=_gate(pipeline),
        ),
    ]
    if f"{name}/registered" in declared:
        steps.append(
            Step(
                declared[f"{name}/registered"],
                f"`{name}` in the registry, once it has passed its gate.",
                _registry_at(pipeline, lock),
                ("mlflow",),
                registered,
            )
        )
    return steps


def _registry_at(pipeline: Pipeline, lock: Lock) -> str:
    name = pipeline.registry.name
    return f"registry.{name}" if name in lock.architecture.registry else f"model.{pipeline.name}"


def _gate(pipeline: Pipeline) -> tuple[Check, ...]:
    from ...runtime.evaluation.gate import blocking, conditions_of

    return tuple(Check(f"gate_{number}", text, at, blocking(pipeline)) for number, (text, at) in enumerate(conditions_of(pipeline)))


def data_version(value: Any) -> str:
    """Return the version of a step's value: equal values, equal versions, whenever and wherever they were made."""
    match value:
        case Dataset() | Prepared() | Trained() | Materialized():
            return value.digest
        case ValidationReport():
            return digest([value.digest, [(rule.rule, rule.passed, rule.failing) for rule in value.rules]])
        case Evaluated():
            return digest(
                [
                    value.key,
                    [(metric.name, metric.value) for metric in value.metrics],
                    [(result.condition, result.passed) for result in value.gate],
                ]
            )
        case Registered():
            return value.uri
    raise TypeError(type(value).__name__)


def verdicts(value: Any) -> Mapping[str, tuple[bool, Mapping[str, Any]]]:
    """Return by check name whether it passed, and the numbers behind it, for a step that checks something."""
    match value:
        case ValidationReport(rules=rules):
            return {rule.name: (rule.passed, _rule_numbers(rule)) for rule in rules}
        case Evaluated(gate=gate):
            return {
                f"gate_{number}": (each.passed, {"left": each.left, "right": each.right, "note": each.note})
                for number, each in enumerate(gate)
            }
    return {}


def _rule_numbers(rule: Any) -> dict[str, Any]:
    return {"failing_rows": rule.failing, "measured": rule.measured, "examples": list(rule.examples)}
