"""Deployments fit their hardware and one another, their SLOs make sense, and schedules fire."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ...architecture.blocks.deployment import Autoscale, Deployment, Mode, Slo
from ...architecture.typing import PYTHON_NAME
from ...planning.schedules import ScheduleProblem, check_cron
from ..base import Context

#: What a host is called that stands for every address of a machine.
_EVERYWHERE = frozenset({"0.0.0.0", "::"})


@dataclass(frozen=True)
class DeploymentsFit:
    """Replicas, ports and SLOs of the deployments can be what they say."""

    name: str = "deployments"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        ports: dict[tuple[str, int], str] = {}
        for deployment in context.architecture.deployment.values():
            at = f"deployment.{deployment.name}"
            if not 1 <= deployment.port <= 65535:
                context.error("MLA421", f"{deployment.port} is no port", f"{at}.port", "ports are 1 to 65535")
            other = _neighbour(ports, deployment) if deployment.mode is Mode.ONLINE else None
            if other is not None:
                context.error(
                    "MLA422",
                    f"`deployment.{other}` has the port {deployment.port} already",
                    at,
                    "the same port",
                    help="give one of them another `port`",
                )
            self._replicas(context, deployment, at)
            self._serving(context, deployment, at)
            self._slo(context, deployment, at)

    def _replicas(self, context: Context, deployment: Deployment, at: str) -> None:
        replicas = deployment.replicas
        low, high = (replicas.min, replicas.max) if isinstance(replicas, Autoscale) else (replicas, replicas)
        if low < 1 or low > high:
            context.error(
                "MLA423", f"{low} to {high} replicas is impossible", f"{at}.replicas", "at least one, and no fewer than the minimum"
            )
        hardware = context.architecture.hardware.get(deployment.hardware.name) if deployment.hardware else None
        if hardware is not None and hardware.cluster is None and 1 <= hardware.cpu < low:
            context.error(
                "MLA424",
                f"{low} replicas need {low} CPUs, and `hardware.{hardware.name}` has {hardware.cpu}",
                f"{at}.replicas" if f"{at}.replicas" in context.positions.paths else at,
                "does not fit",
                help=f"set `cpu = {low}` there, or fewer replicas",
            )

    def _serving(self, context: Context, deployment: Deployment, at: str) -> None:
        """An app of the user's own is named, and looked for only where it runs."""
        if deployment.serving is not None and not PYTHON_NAME.fullmatch(deployment.serving.name):
            told = f"`{deployment.serving.name}` does not name something in a module"
            context.error("MLA207", told, f"{at}.serving", "no `module:name`", help='write `python("package.module:name")`')

    def _slo(self, context: Context, deployment: Deployment, at: str) -> None:
        if deployment.slo is None:
            return
        latencies = [(name, getattr(deployment.slo, name)) for name in ("p50", "p95", "p99")]
        given = [(name, limit.bound) for name, limit in latencies if limit is not None]
        for (lower, low), (upper, high) in pairwise(given):
            if low.value > high.value:
                context.warn(
                    "MLA425",
                    f"{upper} is bound tighter than {lower}: the bound on {lower} says nothing",
                    f"{at}.slo.{lower}",
                    "the looser one",
                )
        for name, bound in given:
            if bound.value <= 0:
                context.error("MLA426", f"no answer takes {bound.text}", f"{at}.slo.{name}", "can never hold")
        throughput = deployment.slo.throughput
        if throughput is not None and throughput.bound.value <= 0:
            context.error("MLA426", f"{throughput.bound.text} promises nothing", f"{at}.slo.throughput", "always holds")
        if deployment.slo == Slo() and not context.positions.lacks(at, "slo"):
            context.warn("MLA465", "`slo` promises nothing", f"{at}.slo", "empty", help="for example `slo { p99 < 100ms }`")
        availability = deployment.slo.availability
        if availability is not None and not 0 < availability.bound.value < 1:
            context.error(
                "MLA426",
                f"an availability of {availability.bound.text} cannot be promised",
                f"{at}.slo.availability",
                "lies between 0% and 100%",
            )
        elif availability is not None and availability.bound.value < 0.5:
            told = f"an availability of {availability.bound.text} is kept by a system that is down most of the time"
            context.warn("MLA426", told, f"{at}.slo.availability", "hardly a promise", help="is `99.9%` meant?")


def _neighbour(ports: dict[tuple[str, int], str], deployment: Deployment) -> str | None:
    """The deployment that has the port already, on the same address or on all of them."""
    first = ports.setdefault((deployment.host, deployment.port), deployment.name)
    if first != deployment.name:
        return first
    others = {host: name for (host, port), name in ports.items() if port == deployment.port and name != deployment.name}
    return next((name for host, name in others.items() if _EVERYWHERE & {host, deployment.host}), None)


@dataclass(frozen=True)
class SchedulesFire:
    """Every cron expression is one, and names a moment that comes."""

    name: str = "schedules"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for kind in ("training", "deployment"):
            for name, block in getattr(context.architecture, kind).items():
                if block.schedule is not None:
                    self._cron(context, block.schedule.expression, f"{kind}.{name}.schedule")
        for name, retraining in context.architecture.retraining.items():
            for trigger in retraining.triggers:
                if hasattr(trigger, "expression"):
                    self._cron(context, trigger.expression, f"retraining.{name}.on")

    def _cron(self, context: Context, expression: str, at: str) -> None:
        try:
            check_cron(expression)
        except ScheduleProblem as problem:
            context.error(
                "MLA427", str(problem), at, "never fires", help="five fields: minute, hour, day of month, month, day of week (0 is Sunday)"
            )


@dataclass(frozen=True)
class TrainingHasOneOwner:
    """A training is started by its own schedule or by a retraining, not by both."""

    name: str = "owners"
    of_the_whole: bool = True

    def run(self, context: Context) -> None:
        for name, retraining in context.architecture.retraining.items():
            training = context.architecture.training.get(retraining.training.name)
            if training is not None and training.schedule is not None and retraining.triggers:
                context.error(
                    "MLA428",
                    f"`training.{training.name}` has a schedule of its own, and `retraining.{name}` starts it too",
                    f"retraining.{name}.training",
                    "started twice",
                    help="keep one of the two",
                )
