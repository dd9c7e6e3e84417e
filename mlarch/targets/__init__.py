"""Targets: each turns the architecture into the files of one engine or document.

A target is a module with `emit(architecture, context) -> dict[str, str]` (file name -> text). It is looked up by name and imported only
then, and its `emit` loads no engine: compiling is fast and needs none of them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import cast

from ..architecture.architecture import Architecture


@dataclass(frozen=True)
class Emission:
    """What a target may know beside the architecture itself.

    `hash` is the architecture's; `root` is the path from the build folder to the folder of the architecture file; `source` is that
    file's name; `lines` says of the blocks by path where they stand, as `flights.mlarch:71`.
    """

    hash: str
    root: PurePosixPath
    source: str
    lines: Mapping[str, str] = field(default_factory=dict)


Emit = Callable[[Architecture, Emission], dict[str, str]]

#: What `mlarch compile` writes, in this order.
TARGETS: dict[str, str] = {
    "dagster": "mlarch.targets.dagster.emit",
    "ray_serve": "mlarch.targets.ray_serve.emit",
    "feast": "mlarch.targets.feast.emit",
    "document": "mlarch.targets.document.emit",
}


def emitter(name: str) -> Emit:
    """Return the `emit` function of a target. Raises KeyError for a name that is none."""
    return cast(Emit, importlib.import_module(TARGETS[name]).emit)
