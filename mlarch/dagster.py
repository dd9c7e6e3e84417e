"""mlarch inside Dagster: an architecture as definitions, on its own or merged with yours.

import dagster as dg
import mlarch.dagster

defs = dg.Definitions.merge(mlarch.dagster.load("cancer.mlarch"), my_definitions)
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .runtime.engines import quiet

quiet()

import dagster as dg  # noqa: E402 - its usage reports are off before it is imported

if TYPE_CHECKING:
    from .architecture.lock import Lock


def load(path: str | os.PathLike[str], overrides: Sequence[str] = ()) -> dg.Definitions:
    """Return the definitions of an architecture file, to be merged with others; a relative path is from the working folder.

    The file is compiled once for a code location: the processes that it starts read the same lock file, whatever is edited meanwhile.
    Raises `mlarch.api.CheckFailed` when the architecture has errors.
    """
    from .targets.dagster.definitions import definitions

    return definitions(_pinned(Path(path), overrides))


def standalone(path: str | os.PathLike[str], overrides: Sequence[str] = ()) -> dg.Definitions:
    """Return the same for a code location of its own, with an executor whose steps start fast."""
    from .targets.dagster.definitions import EXECUTOR

    return dg.Definitions.merge(load(path, overrides), dg.Definitions(executor=EXECUTOR))


def from_lock(path: Path) -> dg.Definitions:
    """Return the definitions of a build's lock file, for a code location of its own."""
    from .architecture.lock import read_lock
    from .targets.dagster.definitions import EXECUTOR, definitions

    return dg.Definitions.merge(definitions(read_lock(path)), dg.Definitions(executor=EXECUTOR))


def _pinned(path: Path, overrides: Sequence[str]) -> Lock:
    """Return the lock that this code location was loaded with: the environment hands it to the processes that run its steps."""
    from .api import load as load_project
    from .architecture.lock import LOCK_NAME, read_lock

    variable = "MLARCH_LOCK_" + "_".join([str(path.resolve()), *overrides]).encode().hex()
    held = os.environ.get(variable)
    if held is not None and Path(held).is_file():
        return read_lock(Path(held))
    project = load_project(path, overrides)
    folder = path.resolve().parent / ".mlarch" / "locks" / project.digest
    lock = project.compile(folder, targets=()).lock
    os.environ[variable] = str(folder / LOCK_NAME)
    return lock
