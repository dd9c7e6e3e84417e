"""What runs on a cluster shares its storage and its servers, since its workers see no file of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...architecture.architecture import Architecture
from ...architecture.vocabulary import Reference
from ..base import Context
from ..references import CODE as UNUSED


@dataclass(frozen=True)
class ClustersShare:
    """A block on a cluster needs `storage` in the system, and a training a tracking server."""

    name: str = "clusters"
    of_the_whole: bool = True

    def run(self, context: Context) -> None:
        architecture = context.architecture
        for at, reference in _placed(architecture):
            hardware = architecture.hardware.get(reference.name) if reference is not None else None
            if hardware is None or hardware.cluster is None:
                continue
            if architecture.system.storage is None:
                told = f"`{reference}` is a cluster, and its nodes share no storage"
                help = f'say where: `system {architecture.system.name} {{ storage = "s3://bucket/path" }}`'
                context.error("MLA459", told, at, "sees no file of this machine", help=help)
                return
            if at.startswith("training.") and not any(each.uri is not None for each in architecture.tracking.values()):
                told = f"`{reference}` is a cluster, and runs are recorded in a file of this machine"
                context.error("MLA459", told, at, "reaches no server", help='name one: `tracking runs { uri = "https://…" }`')
                return
        storage = f"system.{architecture.system.name}.storage"
        if architecture.system.storage is not None and all(each.cluster is None for each in architecture.hardware.values()):
            help = 'name the cluster: `hardware <name> { cluster = ray("auto") }`'
            context.warn(UNUSED, "nothing uses `storage`: everything runs on this machine", storage, "of no cluster", help=help)


def _placed(architecture: Architecture) -> Iterator[tuple[str, Reference | None]]:
    for name, training in architecture.training.items():
        yield f"training.{name}.hardware", training.hardware
    for name, model in architecture.model.items():
        if model.search is not None:
            yield f"model.{name}.search.hardware", model.search.hardware
    for name, deployment in architecture.deployment.items():
        yield f"deployment.{name}.hardware", deployment.hardware
