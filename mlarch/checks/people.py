"""What is told to people and to the registry: owners that can be reached, and versions that can be raised."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .base import Context

_OWNER = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|team:[\w-]+")
_VERSION = re.compile(r"\d+(\.\d+){0,2}([-+][0-9A-Za-z.+-]+)?")


@dataclass(frozen=True)
class OwnersAndVersionsAreReadable:
    """An owner is an e-mail address or a team, and a version is made of numbers, since a retraining raises the last one."""

    name: str = "people"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        system = context.architecture.system
        for owner in system.owners:
            if not _OWNER.fullmatch(owner):
                help = 'write `"name@example.org"`, or `"team:name"`'
                context.error(
                    "MLA467", f"`{owner}` is nobody who can be reached", f"system.{system.name}.owners", "no address, no team", help=help
                )
        for name, model in context.architecture.model.items():
            if model.version is not None and not _VERSION.fullmatch(model.version):
                told = f"`{model.version}` is no version that a retraining can raise"
                context.warn("MLA467", told, f"model.{name}.version", "not numbers", help='for example `version = "1.0.0"`')
