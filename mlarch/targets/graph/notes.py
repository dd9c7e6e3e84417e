"""What a box says under its name: the few words of a block by which people know it."""

from __future__ import annotations

from collections.abc import Iterator

from ...architecture.architecture import Architecture
from ...architecture.blocks import (
    Alert,
    Deployment,
    Evaluation,
    Features,
    FeatureStore,
    Governance,
    Hardware,
    Model,
    Monitor,
    Registry,
    Retraining,
    Source,
    System,
    Tracking,
    Training,
)
from ...architecture.blocks.training import Cron
from ...architecture.values import tag_of
from ...architecture.vocabulary import NamedBlock, Reference, Variant


def notes_of(architecture: Architecture, block: NamedBlock) -> Iterator[str]:
    """Yield the notes of a block, each a short line."""
    match block:
        case System():
            yield f"{block.problem}"
        case Source():
            yield f"{_called(block.connector)}, {_count(len(block.schema.columns), 'column')}"
        case Features():
            yield _count(len(block.feature), "feature")
        case FeatureStore():
            yield f"{block.backend}: {_called(block.online)}, {_called(block.offline)}"
        case Model():
            yield from _model(block)
        case Training():
            yield from _training(block)
        case Evaluation():
            yield _count(len(block.require), "condition") if block.require else "beats its baseline"
        case Registry() | Tracking():
            yield block.backend.value
        case Deployment():
            yield from _deployment(architecture, block)
        case Monitor():
            if block.window is not None:
                yield f"over {block.window.text}"
        case Alert():
            yield f"then {block.then}"
        case Retraining():
            yield from (f"cron {each.expression}" for each in block.triggers if isinstance(each, Cron))
        case Hardware():
            yield from _hardware(block)
        case Governance():
            said = {"model card": block.model_card, "audit log": block.audit, "protected columns": bool(block.protected)}
            yield ", ".join(word for word, holds in said.items() if holds) or "nothing kept"


def _model(block: Model) -> Iterator[str]:
    yield block.family or (f"from {block.origin.uri}" if block.origin else "")
    if block.search is not None:
        yield f"{_count(block.search.trials, 'trial')}{_on(block.search.hardware)}"


def _training(block: Training) -> Iterator[str]:
    said = [f"split {block.split.by}" if block.split.by else "", _on(block.hardware).strip()]
    if any(said):
        yield ", ".join(filter(None, said))
    if block.schedule is not None:
        yield f"cron {block.schedule.expression}"


def _deployment(architecture: Architecture, block: Deployment) -> Iterator[str]:
    elsewhere = architecture.model[block.model.name].origin is not None
    yield f"{block.model.name}" if elsewhere else f"{block.model.name} @{block.stage}"
    yield f"{block.mode}{_on(block.hardware)}"
    if block.schedule is not None:
        yield f"cron {block.schedule.expression}"


def _hardware(block: Hardware) -> Iterator[str]:
    parts = [f"{block.cpu} CPU" if block.cpu is not None else "", block.memory.text if block.memory is not None else ""]
    gpu = f"{block.gpu} {block.accelerator or 'GPU'}" if block.gpu else ""
    nodes = f"{'..'.join(map(str, block.nodes))} nodes" if block.nodes is not None else ""
    yield ", ".join(filter(None, (*parts, gpu))) or "defaults"
    if nodes:
        yield nodes


def _on(hardware: Reference | None) -> str:
    return f" on {hardware.name}" if hardware is not None else ""


def _called(value: Variant) -> str:
    return tag_of(type(value))


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' * (number != 1)}"
