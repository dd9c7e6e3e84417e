"""What is listed is listed once, and of what there can be one there is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..architecture.architecture import Architecture
from ..architecture.blocks.training import Stage
from ..language.suggest import names
from .base import Context

CODE = "MLA451"


@dataclass(frozen=True)
class ListsNameOnce:
    """No list names the same thing twice: the second time does nothing, and something else was meant."""

    name: str = "lists"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for at, what, listed in _lists(context.architecture):
            seen: set[object] = set()
            for each in listed:
                if each in seen and not context.wrong(at):
                    context.error(
                        CODE,
                        f"{what} {_called(each)} is named twice",
                        at,
                        "named again",
                        help="take it away, or name the one that is meant",
                    )
                    break
                seen.add(each)
        for name, registry in context.architecture.registry.items():
            at, known = f"registry.{name}.stages", list(Stage)
            if not registry.stages:
                context.error(
                    "MLA444", "a version comes to no stage: nothing can be served", at, "empty", help=f"the stages are {names(known)}"
                )
            elif [each for each in known if each in registry.stages] != list(dict.fromkeys(registry.stages)):
                context.warn(
                    "MLA444",
                    "versions go through the stages in this order, the last one first",
                    at,
                    "out of order",
                    help=_order(registry.stages),
                )


def _called(value: object) -> str:
    return f"`{getattr(value, 'expression', value)}`"


def _order(stages: Iterable[Stage]) -> str:
    return f"write `stages = [{', '.join(each for each in Stage if each in tuple(stages))}]`"


def _lists(architecture: Architecture) -> Iterator[tuple[str, str, tuple[object, ...]]]:
    """Yield path, what each entry is, and the entries of every list of names."""
    yield f"system.{architecture.system.name}.owners", "the owner", architecture.system.owners
    for name, source in architecture.source.items():
        yield f"source.{name}.entity", "the column", source.entity
        if source.clean is not None:
            yield f"source.{name}.clean.dedupe", "the column", source.clean.dedupe
    for name, model in architecture.model.items():
        yield f"model.{name}.features", "the block", model.features
    for name, registry in architecture.registry.items():
        yield f"registry.{name}.stages", "the stage", registry.stages
    for name, retraining in architecture.retraining.items():
        yield f"retraining.{name}.on", "the trigger", retraining.triggers
    for name, governance in architecture.governance.items():
        yield f"governance.{name}.protected", "the column", governance.protected


@dataclass(frozen=True)
class OneIsUsed:
    """A system has one registry, one feature store and one tracker of a kind, a model one gate: of two, one would be ignored."""

    name: str = "rivals"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        architecture = context.architecture
        seen: dict[tuple[str, str], str] = {}
        for at, what in _single(architecture):
            first = seen.setdefault(what, at)
            if first != at:
                context.error(
                    "MLA453", f"`{first}` is used, so that `{at}` would be ignored", at, "a second one", help="make one of the two"
                )

        for name, evaluation in architecture.evaluation.items():
            training = architecture.training.get(evaluation.training.name) if evaluation.training is not None else None
            if training is not None and evaluation.model is not None and evaluation.model != training.model:
                told = f"`training.{training.name}` is of `{training.model}`, and `{evaluation.model}` is named beside it"
                context.error("MLA432", told, f"evaluation.{name}.model", "another model", help="name the training or the model, not both")


def _single(architecture: Architecture) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each block that is the only one of its kind, and of which."""
    for name in architecture.registry:
        yield f"registry.{name}", ("registry", "")
    for name in architecture.feature_store:
        yield f"feature_store.{name}", ("feature_store", "")
    for name, tracking in architecture.tracking.items():
        yield f"tracking.{name}", ("tracking", tracking.backend)
    for name, evaluation in architecture.evaluation.items():
        training = architecture.training.get(evaluation.training.name) if evaluation.training is not None else None
        judged = training.model if training is not None else evaluation.model
        if judged is not None:
            yield f"evaluation.{name}", ("evaluation", judged.name)
    for name, retraining in architecture.retraining.items():
        yield f"retraining.{name}", ("retraining", retraining.training.name)
