"""Registration: a model that passed its gate becomes a version, once for the same work, and takes its stages as aliases."""

from __future__ import annotations

import contextlib
import importlib.metadata
import warnings
from typing import TYPE_CHECKING

from ... import __version__
from ...architecture.architecture import Architecture
from ...architecture.blocks.features import Redis
from ...architecture.blocks.training import Stage
from ...architecture.errors import ArchitectureError
from ...architecture.feature_views import store_of
from ...architecture.lock import Lock
from ...architecture.pipeline import Pipeline, pipeline_of
from ...architecture.steps import registry_name
from ..artifacts import Evaluated, Registered, Trained
from ..models.bundle import Bundle
from ..state import State, kill_point, made_anew
from .pyfunc import signature
from .tracking import KEY, Tracker, connected

if TYPE_CHECKING:
    from mlflow.entities import LoggedModel
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.models.model import ModelInfo

PREVIOUS = "previous"


def registered_name(lock: Lock, model: str) -> str:
    """Return the name of a model in the registry: `system.model`."""
    return registry_name(lock.architecture.system.name, model)


def register(lock: Lock, model: str, trained: Trained, evaluated: Evaluated, state: State) -> Registered:
    """Register a model that passed its gate and move the stages' aliases to it; the same work is registered once.

    Raises ArchitectureError (MLA604) when the gate has not been passed, MLA605 when the registry does not answer.
    """
    pipeline = pipeline_of(lock.architecture, model)
    if evaluated.key != trained.key:
        raise ArchitectureError(
            "MLA906",
            "the evaluation is of another model than the trained one",
            at=f"model.{model}",
            help=f"evaluate it first: `--only {model}/evaluated`",
        )
    if evaluated.blocking and not evaluated.passed:
        failed = ", ".join(result.condition for result in evaluated.gate if not result.passed)
        raise ArchitectureError("MLA604", f"`{model}` did not pass its gate: {failed}", at=f"model.{model}")
    name = registered_name(lock, model)
    with connected(lock, pipeline, state) as tracker, state.lock(f"registry-{name}"):
        version = _version_of(tracker, name, trained.key)
        new = version is None
        if version is None:
            version = _create(tracker, lock, pipeline, name, trained)
        _move_stages(tracker, pipeline, name, str(version.version))
        registered = Registered(
            model=model,
            name=name,
            version=str(version.version),
            uri=f"models:/{name}/{version.version}",
            stages=tuple(stage.value for stage in pipeline.registry.stages),
            run_id=trained.run_id,
            key=trained.key,
            tracking_uri=tracker.uri,
            new=new,
        )
        state.write_value(state.path("registry", f"{model}.json"), registered, "registry.record")
        return registered


def _version_of(tracker: Tracker, name: str, key: str) -> ModelVersion | None:
    """Return the version that this work was registered as, if it was."""
    found = tracker.client.search_model_versions(f"name = '{name}' and tags.`{KEY}` = '{key}'")
    return min(found, key=lambda version: int(version.version), default=None)


def _create(tracker: Tracker, lock: Lock, pipeline: Pipeline, name: str, trained: Trained) -> ModelVersion:
    from mlflow.exceptions import MlflowException

    with made_anew(lock.root / trained.folder):
        bundle = Bundle.load(lock.root / trained.folder)
    try:
        tracker.client.create_registered_model(name, description=lock.architecture.system.overview)
    except MlflowException as problem:
        if problem.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    logged = _logged(tracker, trained) or _log(lock, pipeline, trained, bundle)
    tags = {KEY: trained.key, "mlarch.architecture": lock.hash, "mlarch.version": __version__}
    if pipeline.model.version:
        tags["mlarch.model_version"] = pipeline.model.version
    kill_point("registry.version")
    made = tracker.client.create_model_version(name, logged.model_uri, trained.run_id, tags=tags, model_id=logged.model_id)
    kill_point("registry.version+")
    return _first(tracker, name, trained.key, made)


def _logged(tracker: Tracker, trained: Trained) -> LoggedModel | None:
    """Return the model of this run that a process which was then cut off has logged, if there is one; a half one is never ready."""
    found = tracker.client.search_logged_models([tracker.experiment_id], f"source_run_id = '{trained.run_id}'")
    return next((model for model in found if model.status == "READY"), None)


def _log(lock: Lock, pipeline: Pipeline, trained: Trained, bundle: Bundle) -> ModelInfo:
    import mlflow

    with mlflow.start_run(run_id=trained.run_id), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it advises an input example; the signature says it all
        logged: ModelInfo = mlflow.pyfunc.log_model(
            name=pipeline.name,
            loader_module="mlarch.runtime.registry.pyfunc",
            data_path=str(bundle.folder),
            signature=signature(bundle),
            pip_requirements=requirements(lock.architecture, bundle),
            metadata={KEY: trained.key, "mlarch.architecture": lock.hash},
        )
    return logged


def requirements(architecture: Architecture, bundle: Bundle) -> list[str]:
    """Return what must be installed where MLflow loads a model; one that reads histories from Redis takes its client as well."""
    libraries, own = dict(bundle.head.libraries), "mlarch"
    if bundle.program.histories and isinstance(store_of(architecture).online, Redis):
        own = "mlarch[redis]"
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):  # not where it is trained, maybe, but where it answers
            libraries["hiredis"] = importlib.metadata.version("hiredis")
    return [f"{own}=={__version__}", *(f"{library}=={version}" for library, version in libraries.items())]


def _first(tracker: Tracker, name: str, key: str, made: ModelVersion) -> ModelVersion:
    """The lock holds on this machine only: where another one registered the same work at the same time, the later version gives way."""
    first = _version_of(tracker, name, key)
    if first is None or int(first.version) >= int(made.version):
        return made
    tracker.client.delete_model_version(name, str(made.version))
    return first


def _move_stages(tracker: Tracker, pipeline: Pipeline, name: str, version: str) -> None:
    """Point the aliases at a version; what was in production stays reachable as `previous`. Run twice, it changes nothing."""
    before = alias_version(tracker, name, Stage.PRODUCTION.value)
    for stage in pipeline.registry.stages:
        if stage is Stage.PRODUCTION and before not in (None, version):
            tracker.client.set_registered_model_alias(name, PREVIOUS, str(before))
        kill_point("registry.alias")
        tracker.client.set_registered_model_alias(name, stage.value, version)
    kill_point("registry.alias+")


def alias_version(tracker: Tracker, name: str, alias: str) -> str | None:
    """Return the number of the version that an alias points at, or None."""
    found = aliased(tracker, name, alias)
    return None if found is None else str(found.version)


def aliased(tracker: Tracker, name: str, alias: str) -> ModelVersion | None:
    """Return the version that an alias points at, or None."""
    from mlflow.exceptions import MlflowException

    try:
        found: ModelVersion = tracker.client.get_model_version_by_alias(name, alias)
        return found
    except MlflowException as problem:
        if problem.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise
