"""Evaluating a trained model on its test rows, beside its targets, its baseline and the champion."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from ...architecture.blocks.training import Stage
from ...architecture.lock import Lock
from ...architecture.nodes import digest
from ...architecture.pipeline import Pipeline, pipeline_of
from ..artifacts import Evaluated, GateResult, MetricResult, Prepared, Trained
from ..data.ingestion import read, read_table
from ..features.histories.offline import with_histories
from ..models.bundle import Bundle, to_matrix
from ..registry.champion import Champion, champion_of, undeclared
from ..registry.tracking import Tracker, connected
from ..state import State, made_anew
from ..training.preparation import read_part
from .gate import blocking, decide
from .metrics import Vector, measure
from .plots import draw

HEAD = "evaluated.json"


def evaluate(lock: Lock, model: str, prepared: Prepared, trained: Trained, state: State) -> Evaluated:
    """Measure a model on its test rows and decide its gate; metrics and plots are logged to its run.

    The champion, where there is one, answers the same rows. Raises ArchitectureError (MLA605) when the tracking server does not answer.
    """
    pipeline = pipeline_of(lock.architecture, model)
    features, truth = read_part(lock.root, prepared, "test")
    label = truth.to_numpy()
    with made_anew(lock.root / trained.folder):
        scores = Bundle.load(lock.root / trained.folder).scores(to_matrix(features))
    measured = measure(pipeline.problem, label, scores, pipeline.threshold)
    with connected(lock, pipeline, state) as tracker:
        champion = champion_of(tracker, lock, pipeline, Stage.PRODUCTION, state)
        rival = _rival(lock, pipeline, prepared, trained, champion, label)
        gate = decide(pipeline, measured, rival)
        said = digest([trained.key, pipeline.evaluation, pipeline.metrics, champion.version if champion else None])
        folder = state.path("evaluations", model, f"{trained.key}-{said[:8]}")
        results = tuple(_result(pipeline, name, value) for name, value in measured.items())
        with state.new_folder(folder, "evaluation.folder") as fresh:
            plots = draw(pipeline.problem, label, scores, pipeline.threshold, prepared.classes, fresh)
            _predictions(scores, label).write_parquet(fresh / "predictions.parquet")
            evaluated = Evaluated(
                model=model,
                folder=folder.relative_to(lock.root).as_posix(),
                run_id=trained.run_id,
                key=trained.key,
                rows=len(label),
                metrics=results,
                gate=gate,
                blocking=blocking(pipeline),
                champion=champion.version if champion else None,
                plots=plots,
            )
            (fresh / HEAD).write_bytes(msgspec.json.format(msgspec.json.encode(evaluated), indent=1) + b"\n")
        _log(tracker, trained.run_id, measured, gate, folder)
    return evaluated


def _rival(
    lock: Lock, pipeline: Pipeline, prepared: Prepared, trained: Trained, champion: Champion | None, label: Vector
) -> dict[str, float] | str:
    """The champion's metrics on the same rows, by its own features and threshold; or why there is nothing to compare with."""
    if champion is None:
        return "no champion yet"
    if strange := undeclared(lock, Path(champion.folder)):
        return f"the champion, version {champion.version}, calls functions that the file does not name: {', '.join(strange)}"
    with made_anew(Path(champion.folder)):
        bundle = Bundle.load(Path(champion.folder))
    with made_anew(lock.root / prepared.folder):
        rows = read_table(lock.root, f"{prepared.folder}/test_rows.parquet", f"model.{pipeline.name}")
    tables = {name: read(dataset, lock.root) for name, dataset in prepared.histories.items()}
    gone = sorted({column.name for column in bundle.program.inputs} - set(rows.columns))
    for history in bundle.program.histories:
        there = tables[history.source].columns if history.source in tables else ()
        gone += [f"{history.source}.{column.name}" for column in history.columns if column.name not in there]
    if bundle.head.key == trained.key:
        return f"this is the champion, version {champion.version}"
    if gone:
        return f"the champion, version {champion.version}, reads columns that are gone: {', '.join(gone)}"
    if bundle.head.classes != prepared.classes or bundle.head.problem is not pipeline.problem:
        return f"the champion, version {champion.version}, gives other answers"
    return measure(
        pipeline.problem, label, bundle.scores(bundle.matrix(with_histories(bundle.program, rows, tables))), bundle.head.threshold
    )


def _result(pipeline: Pipeline, name: str, value: float) -> MetricResult:
    declared = pipeline.metrics.get(name)
    if declared is None:
        return MetricResult(name=name, value=value)
    return MetricResult(
        name=name,
        value=value,
        target=str(declared.target) if declared.target else None,
        baseline=declared.baseline.value if declared.baseline else None,
        met=declared.target.holds(value) if declared.target else None,
    )


def _predictions(scores: Vector, label: Vector) -> pl.DataFrame:
    columns = (
        {"score": scores}
        if scores.ndim == 1
        else {f"score_{number}": np.ascontiguousarray(scores[:, number]) for number in range(scores.shape[1])}
    )
    return pl.DataFrame({**columns, "label": label})


def _log(tracker: Tracker, run_id: str, measured: dict[str, float], gate: tuple[GateResult, ...], folder: Path) -> None:
    from mlflow.entities import Metric, RunTag

    now = int(time.time() * 1000)
    passed = all(result.passed for result in gate)
    metrics = [Metric(name, value, now, 0) for name, value in measured.items()]
    tracker.client.log_batch(run_id, metrics=metrics, tags=[RunTag("mlarch.gate", "passed" if passed else "not passed")])
    tracker.client.log_artifacts(run_id, str(folder), "evaluation")
