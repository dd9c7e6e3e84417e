"""What a deployment says fits its mode, and a version comes to the stage that it serves."""

from __future__ import annotations

from dataclasses import dataclass

from ...architecture.blocks.deployment import Deployment, Mode
from ...architecture.blocks.source import Csv, JsonLines, Parquet
from ...language.suggest import names
from ..base import Context

#: Keys that only one mode reads.
_OF_MODE = {Mode.ONLINE: ("input", "output", "schedule"), Mode.BATCH: ("slo", "release", "circuit_breaker", "serving")}
#: Connectors of tables that are whole.
_FILES = (Csv, Parquet, JsonLines)
_OTHER = {Mode.ONLINE: Mode.BATCH, Mode.BATCH: Mode.ONLINE}


@dataclass(frozen=True)
class KeysFitTheMode:
    """A deployment says nothing that its mode does not read, and serves a stage that versions come to."""

    name: str = "modes"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for deployment in context.architecture.deployment.values():
            at = f"deployment.{deployment.name}"
            if context.positions.lacks(at, "mode"):
                continue  # nobody can tell which keys it reads
            for key in _OF_MODE.get(deployment.mode, ()):
                if getattr(deployment, key) is not None:
                    context.error(
                        "MLA445",
                        f"`{key}` is of a deployment in mode {_OTHER[deployment.mode]}, and this one is {deployment.mode}",
                        f"{at}.{key}",
                        f"`mode = {_OTHER[deployment.mode]}` is meant?",
                        help=f"write `mode = {_OTHER[deployment.mode]}`, or take `{key}` away",
                        whole=True,
                    )
            for key in ("replicas", "port", "host") if deployment.mode is Mode.BATCH else ():
                if f"{at}.{key}" in context.positions.paths:
                    told = f"`{key}` is of a deployment in mode online, and this one is batch"
                    context.error("MLA445", told, f"{at}.{key}", "nothing listens", help=f"take `{key}` away", whole=True)
            if deployment.mode is Mode.BATCH and deployment.input is None:
                help = "say which rows: `input = source.<name>`"
                context.error("MLA205", "a deployment in mode batch needs `input`", at, "is missing here", help=help)
            if deployment.mode is Mode.BATCH and deployment.output is None:
                help = 'say where: `output = parquet("predictions")`'
                context.error("MLA205", "a deployment in mode batch needs `output`", at, "is missing here", help=help)
            rows = context.architecture.source.get(deployment.input.name) if deployment.input is not None else None
            if deployment.mode is Mode.STREAMING and rows is not None and isinstance(rows.connector, _FILES):
                told, help = (
                    f"`source.{rows.name}` reads files, which are no stream",
                    'for example `kafka("topic", "host:9092")`; `mode = batch` reads files',
                )
                context.warn("MLA445", told, f"{at}.input", "no stream", help=help)
            self._stage(context, deployment, at)

    def _stage(self, context: Context, deployment: Deployment, at: str) -> None:
        registry = next(iter(context.architecture.registry.values()), None)
        if registry is not None and registry.stages and deployment.stage not in registry.stages:
            context.error(
                "MLA444",
                f"no version comes to the stage {deployment.stage}: `registry.{registry.name}` has {names(registry.stages)}",
                f"{at}.stage" if f"{at}.stage" in context.positions.paths else at,
                "serves nothing",
                help=f"add it to the `stages`, or serve another: `stage = {registry.stages[-1]}`",
            )
