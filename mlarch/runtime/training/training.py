"""Training: the estimator is fitted on the prepared matrices, kept as a bundle, and recorded as a run."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ... import __version__
from ...architecture.families import Family, family_named
from ...architecture.lock import Lock
from ...architecture.nodes import digest
from ...architecture.pipeline import Pipeline, pipeline_of
from ..artifacts import Prepared, Trained
from ..models.bundle import HEAD, BundleHead, file_digest, write_bundle
from ..models.estimator import module_of
from ..registry.tracking import KEY, Tracker, code_version, connected, dataset_input
from ..state import State, kill_point, read_value
from .estimating import fitted
from .preparation import read_program


def train(lock: Lock, model: str, prepared: Prepared, state: State) -> Trained:
    """Fit the model and record the run; the same work is done, and recorded, once.

    Raises ArchitectureError when the family's library is not installed (MLA602), the estimator fails (MLA609) or the tracking server
    does not answer (MLA605).
    """
    pipeline = pipeline_of(lock.architecture, model)
    module_of(pipeline.model.family or "", f"model.{model}.family")
    key = work_key(pipeline, prepared)
    with connected(lock, pipeline, state) as tracker, state.lock(f"train-{model}"):
        folder = state.path("models", model, key)
        done = tracker.finished_run(key)
        if done is None or read_value(folder / HEAD, BundleHead) is None:
            seconds = _fit(lock, pipeline, prepared, folder, key, state)
        else:
            seconds = float(done.data.metrics.get("training_seconds", 0.0))
        run_id = done.info.run_id if done is not None else _record(tracker, lock, pipeline, prepared, folder, key, seconds)
        return Trained(
            model=model,
            folder=folder.relative_to(lock.root).as_posix(),
            digest=file_digest(folder / HEAD),
            key=key,
            run_id=run_id,
            tracking_uri=tracker.uri,
            experiment=pipeline.experiment,
            seconds=seconds,
        )


def work_key(pipeline: Pipeline, prepared: Prepared) -> str:
    """Return the identity of the work: what the file says of it, the data's digest, the versions of mlarch and the libraries, the seed."""
    family = family_named(pipeline.model.family or "")
    settings = family.settings(pipeline.model.hyperparameters.values)
    said: list[Any] = [pipeline.problem, pipeline.model.family, settings, pipeline.output, pipeline.threshold, pipeline.training.split.seed]
    return digest([*said, prepared.digest, __version__, libraries(family)])


def libraries(family: Family) -> dict[str, str]:
    """Return the versions of the libraries that a result depends on; one that is not installed is left out."""
    found = {}
    for name in ("numpy", "polars", family.library, f"{family.library}-cpu"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _fit(lock: Lock, pipeline: Pipeline, prepared: Prepared, folder: Path, key: str, state: State) -> float:
    family = family_named(pipeline.model.family or "")
    program = read_program(lock.root, prepared)
    head = BundleHead(
        system=lock.architecture.system.name,
        model=pipeline.name,
        family=family.name,
        problem=pipeline.problem,
        output=pipeline.output,
        threshold=pipeline.threshold,
        classes=prepared.classes,
        features=prepared.features,
        key=key,
        mlarch=__version__,
        libraries={**libraries(family), **(program.code.libraries if program.code is not None else {})},
    )
    with fitted(lock, pipeline, prepared) as (estimator, seconds), state.new_folder(folder, "model.folder") as fresh:
        write_bundle(fresh, head, program, estimator)
    return seconds


def _record(tracker: Tracker, lock: Lock, pipeline: Pipeline, prepared: Prepared, folder: Path, key: str, seconds: float) -> str:
    """Record the run; it counts as finished only once everything is in it."""
    from mlflow.entities import Metric, Param, RunTag

    tracker.discard_unfinished(key)
    tags = {
        KEY: key,
        "mlarch.version": __version__,
        "mlarch.architecture": lock.hash,
        "mlarch.model": pipeline.name,
        "mlflow.source.name": lock.file.files[0].name,
        "mlflow.source.type": "PROJECT",
        **code_version(lock.root),
    }
    run = tracker.client.create_run(tracker.experiment_id, tags=tags, run_name=f"{pipeline.name}-{key[:6]}")
    run_id = str(run.info.run_id)
    now = int(time.time() * 1000)
    params = [Param(name, str(value)) for name, value in _parameters(pipeline, prepared).items()]
    metrics = [
        Metric("training_seconds", seconds, now, 0),
        *(Metric(f"{part}_rows", of.rows, now, 0) for part, of in prepared.parts.items()),
    ]
    tracker.client.log_batch(run_id, metrics=metrics, params=params, tags=[RunTag("mlarch.bundle", file_digest(folder / HEAD))])
    profile = {"rows": sum(part.rows for part in prepared.parts.values()), "features": len(prepared.features)}
    inputs = [
        dataset_input(pipeline.observations.name, prepared.dataset, f"source.{pipeline.observations.name}", profile, "source"),
        *(
            dataset_input(name, dataset.digest, f"source.{name}", {"rows": dataset.rows}, "history")
            for name, dataset in prepared.histories.items()
        ),
        dataset_input(f"{pipeline.name}.features", prepared.digest, prepared.folder, profile, "training"),
    ]
    tracker.client.log_inputs(run_id, inputs)
    kill_point("tracking.run")
    tracker.client.set_terminated(run_id, "FINISHED")
    kill_point("tracking.run+")
    return run_id


def _parameters(pipeline: Pipeline, prepared: Prepared) -> Mapping[str, object]:
    family = family_named(pipeline.model.family or "")
    split = pipeline.training.split
    return {
        "family": family.name,
        **family.settings(pipeline.model.hyperparameters.values),
        "split.by": pipeline.split_by.value,
        "split.test": split.test.text,
        "split.validation": split.validation.text,
        "seed": split.seed,
        "threads": pipeline.hardware.cpu,
        "threshold": pipeline.threshold,
        "dataset": prepared.dataset[:16],
    }
