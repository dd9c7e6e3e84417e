"""The gate: what decides whether a model may be registered, condition by condition, with the numbers that decided it."""

from __future__ import annotations

from collections.abc import Mapping

from ...architecture.expressions import COMPARISONS, Apply, Expression, Name, render, walk
from ...architecture.metrics import METRICS
from ...architecture.pipeline import Pipeline
from ..artifacts import GateResult
from ..conditions import evaluate

CHAMPION = "champion"


def conditions_of(pipeline: Pipeline) -> list[tuple[str, str]]:
    """Return text and path of every condition of a model's gate, without measuring anything: an engine declares its checks from this."""
    declared = pipeline.evaluation
    if declared is not None and declared.require:
        return [(render(each.expression), f"evaluation.{declared.name}.require.{number}") for number, each in enumerate(declared.require)]
    return [(_against_baseline(pipeline, name), _baseline_at(pipeline, name)) for name in _with_baseline(pipeline)]


def blocking(pipeline: Pipeline) -> bool:
    """Tell whether a failed condition keeps the model from being registered."""
    return pipeline.evaluation is None or pipeline.evaluation.gate


def decide(pipeline: Pipeline, measured: Mapping[str, float], champion: Mapping[str, float] | str) -> tuple[GateResult, ...]:
    """Decide every condition. `champion` holds the champion's metrics on the same rows, or says why there are none.

    A condition on a champion that cannot be compared holds: a first version, or one with another request schema, has nothing to beat.
    """
    declared = pipeline.evaluation
    if declared is not None and declared.require:
        texts = conditions_of(pipeline)
        return tuple(_required(each.expression, *texts[number], measured, champion) for number, each in enumerate(declared.require))
    return tuple(_beats_baseline(pipeline, name, measured[name]) for name in _with_baseline(pipeline))


def _with_baseline(pipeline: Pipeline) -> list[str]:
    return [name for name, metric in pipeline.metrics.items() if metric.baseline is not None and name in METRICS]


def _against_baseline(pipeline: Pipeline, name: str) -> str:
    baseline = pipeline.metrics[name].baseline
    assert baseline is not None
    return f"{name} {'>' if METRICS[name].greater_is_better else '<'} {baseline.text} (baseline)"


def _baseline_at(pipeline: Pipeline, name: str) -> str:
    return f"system.{pipeline.system}.metric.{name}.baseline"


def _beats_baseline(pipeline: Pipeline, name: str, value: float) -> GateResult:
    baseline = pipeline.metrics[name].baseline
    assert baseline is not None
    passed = value > baseline.value if METRICS[name].greater_is_better else value < baseline.value
    text, at = _against_baseline(pipeline, name), _baseline_at(pipeline, name)
    return GateResult(condition=text, at=at, passed=passed, left=value, right=baseline.value)


def _required(condition: Expression, text: str, at: str, measured: Mapping[str, float], champion: Mapping[str, float] | str) -> GateResult:
    values: dict[str, float | None] = {**measured}
    if not isinstance(champion, str):
        values |= {f"{CHAMPION}.{name}": value for name, value in champion.items()}
    elif any(isinstance(part, Name) and part.parts[0] == CHAMPION for part in walk(condition)):
        return GateResult(condition=text, at=at, passed=True, note=champion)
    passed = evaluate(condition, values)
    left = right = None
    if isinstance(condition, Apply) and condition.function in COMPARISONS:
        left, right = (_number(evaluate(side, values)) for side in condition.arguments)
    return GateResult(condition=text, at=at, passed=passed is True, left=left, right=right)


def _number(value: float | bool | str | None) -> float | None:
    return None if value is None or isinstance(value, str) else float(value)
