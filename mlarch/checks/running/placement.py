"""What is to run finds a machine that it fits: processors, memory, nodes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from ...architecture.blocks.deployment import Autoscale, Deployment, Mode
from ...architecture.blocks.training import Hardware, Training
from ...architecture.observations import observations_of
from ..base import Context


@dataclass(frozen=True)
class HardwareIsPossible:
    """A machine has a processor, and says nothing that contradicts itself."""

    name: str = "hardware"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for hardware in context.architecture.hardware.values():
            at = f"hardware.{hardware.name}"
            if hardware.cpu < 1:
                context.error("MLA439", f"nothing runs on {hardware.cpu} CPUs", f"{at}.cpu", "at least one")
            if hardware.memory is not None and hardware.memory.value <= 0:
                context.error("MLA439", f"nothing runs in {hardware.memory.text}", f"{at}.memory", "above 0")
            if hardware.gpu < 0:
                context.error("MLA439", f"{hardware.gpu} GPUs are impossible", f"{at}.gpu", "0 or more")
            if hardware.accelerator is not None and hardware.gpu == 0:
                told = f"`{hardware.accelerator}` is the type of a GPU, and `{at}` has none"
                context.error("MLA439", told, f"{at}.accelerator", "of no GPU", help="say how many: `gpu = 1`")
            if hardware.nodes is not None:
                self._nodes(context, hardware, hardware.nodes, f"{at}.nodes")

    def _nodes(self, context: Context, hardware: Hardware, nodes: tuple[int, int], at: str) -> None:
        if nodes[1] < 1 or nodes[0] < 0:
            context.error("MLA439", "no node is ever there", at, "at least one")
        elif nodes[0] > nodes[1]:
            told = f"there are never from {nodes[0]} to {nodes[1]} nodes"
            context.error("MLA439", told, at, "the fewest come first", help=f"write `nodes = {nodes[1]}..{nodes[0]}`")
        elif hardware.cluster is None:
            told = f"`hardware.{hardware.name}` is this machine, which is one node"
            context.error("MLA439", told, at, "of no cluster", help='name the cluster: `cluster = ray("auto")`')


@dataclass(frozen=True)
class EverythingFits:
    """The replicas of all deployments fit the nodes together, and the rows of a training fit its memory."""

    name: str = "placement"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        placed: dict[str, list[Deployment]] = defaultdict(list)
        for deployment in context.architecture.deployment.values():
            if deployment.hardware is not None and deployment.mode is not Mode.BATCH:
                placed[deployment.hardware.name].append(deployment)
        for name, deployments in placed.items():
            hardware = context.architecture.hardware.get(name)
            if hardware is not None and hardware.cpu >= 1:
                self._replicas(context, hardware, deployments)
        for training in context.architecture.training.values():
            self._memory(context, training)

    def _replicas(self, context: Context, hardware: Hardware, deployments: list[Deployment]) -> None:
        """Each replica takes a CPU of its node; one deployment that does not fit this machine by itself is told of already."""
        nodes = hardware.nodes[1] if hardware.nodes is not None else None
        if hardware.cluster is not None and nodes is None:
            return  # a cluster that may have any number of nodes
        there = hardware.cpu * (nodes or 1 if hardware.cluster is not None else 1)
        wanted = sum(_fewest(each) for each in deployments)
        alone = hardware.cluster is None and any(_fewest(each) > hardware.cpu for each in deployments)
        last = f"deployment.{deployments[-1].name}"
        if wanted > there and not alone:
            taken = f"the {len(deployments)} deployments on it take" if len(deployments) > 1 else f"`{last}` takes"
            context.error(
                "MLA424",
                f"`hardware.{hardware.name}` has {there} CPUs in all, and {taken} {wanted}",
                f"{last}.replicas" if f"{last}.replicas" in context.positions.paths else f"{last}.hardware",
                "does not fit",
                help="give it more CPUs or nodes, or the deployments fewer replicas",
            )

    def _memory(self, context: Context, training: Training) -> None:
        hardware = context.architecture.hardware.get(training.hardware.name) if training.hardware is not None else None
        model = context.architecture.model.get(training.model.name)
        source = observations_of(context.architecture, model) if model is not None else None
        if hardware is None or hardware.memory is None or hardware.memory.value <= 0 or source is None or model is None:
            return
        groups = (context.architecture.features.get(reference.name) for reference in model.features)
        joined = {group.source.name for group in groups if group is not None} - {source.name}
        for each in (source, *(context.architecture.source[name] for name in sorted(joined) if name in context.architecture.source)):
            if each.volume is not None and each.volume.value > hardware.memory.value:
                context.warn(
                    "MLA443",
                    f"`source.{each.name}` holds {each.volume.text}, and a node of `hardware.{hardware.name}` {hardware.memory.text}",
                    f"training.{training.name}.hardware",
                    "the rows do not fit its memory",
                    help="train on hardware with more memory, or on fewer rows",
                )


def _fewest(deployment: Deployment) -> int:
    return deployment.replicas.min if isinstance(deployment.replicas, Autoscale) else deployment.replicas
