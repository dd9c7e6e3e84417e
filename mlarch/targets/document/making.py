"""How, where and under whose eyes a model is made: training, hardware, evaluation, tracking, registry."""

from __future__ import annotations

from ...architecture.architecture import Architecture
from ...architecture.blocks.evaluation import Evaluation
from ...architecture.blocks.training import Registry, Split, Tracking
from ...architecture.expressions import LOGIC, Apply, walk
from ...architecture.pipeline import evaluation_of
from ...architecture.vocabulary import Condition, NamedBlock
from .markdown import bullets, code, prose
from .wording import PLANNED, SILENT, properties, shown


def headed(title: str, block: NamedBlock, *, without: tuple[str, ...] = ()) -> list[str]:
    """Return a heading, the doc comment and the table of a block."""
    return [f"### {title} {code(block.name)}", *([prose(block.doc)] if block.doc else []), properties(block, without=without)]


def training(architecture: Architecture) -> list[str]:
    """Return how each model is trained: hardware, split, schedule, and the defaults where no training is declared."""
    parts: list[str] = []
    for block in architecture.training.values():
        parts += headed("Training", block)
    untrained = [name for name in architecture.model if not any(block.model.name == name for block in architecture.training.values())]
    if untrained:
        named = ", ".join(code(f"model.{name}") for name in untrained)
        parts += [f"Training of {named}: {SILENT}. It runs when asked for, on this machine, with the split:", properties(Split())]
    for hardware in architecture.hardware.values():
        parts += headed("Hardware", hardware)
    if not architecture.hardware:
        parts.append(f"Hardware: {SILENT}. Everything runs on the machine where the command is given, with one core for the estimator.")
    return parts


def evaluation(architecture: Architecture) -> list[str]:
    """Return what a model must show on its test rows before it is registered."""
    parts = [part for block in architecture.evaluation.values() for part in _gate(block)]
    ungated = [code(f"model.{name}") for name in architecture.model if evaluation_of(architecture, name) is None]
    if ungated:
        baselines = [
            f"{code(name)} beats {shown(metric.baseline)}" for name, metric in architecture.system.metric.items() if metric.baseline
        ]
        parts += [
            f"Evaluation of {', '.join(ungated)}: {SILENT}. The gate is then that every metric with a baseline beats it:",
            bullets(baselines or [f"baselines: {SILENT}"]),
        ]
    return parts or [f"Evaluation: {SILENT}."]


def _gate(block: Evaluation) -> list[str]:
    required = [shown(condition) + (f" {PLANNED}" if _calls(condition) else "") for condition in block.require]
    return [
        *headed("Evaluation", block, without=("require",)),
        "A model is registered only if:" if block.gate else "The gate is switched off; these conditions are measured and reported only:",
        bullets(required or [f"conditions: {SILENT}"]),
    ]


def _calls(condition: Condition) -> bool:
    """Whether a condition calls a function: a gate is decided by comparisons of metrics alone so far."""
    nodes = (node for node in walk(condition.expression) if isinstance(node, Apply))
    return any(node.function.isidentifier() and node.function not in (*LOGIC, "neg") for node in nodes)


def tracking(architecture: Architecture) -> list[str]:
    """Return where runs are recorded."""
    parts = [part for block in architecture.tracking.values() for part in headed("Tracking", block)]
    return parts or [f"Tracking: {SILENT}. The defaults hold:", properties(Tracking(name="default"))]


def registry(architecture: Architecture) -> list[str]:
    """Return where versions are kept and the stages that they go through."""
    parts = [part for block in architecture.registry.values() for part in headed("Registry", block)]
    return parts or [f"Registry: {SILENT}. The defaults hold:", properties(Registry(name="default"))]
