"""The version in a stage, brought to this machine: serving and comparisons read its bundle from a local folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import msgspec

from ...architecture.blocks.training import Stage
from ...architecture.errors import ArchitectureError
from ...architecture.lock import Lock
from ...architecture.pipeline import Pipeline, pipeline_of
from ..features.own.collecting import declared_in, targets_of
from ..models.bundle import HEAD, read_head, read_program
from ..state import State
from .registration import aliased, registered_name
from .tracking import KEY, Tracker, connected


class Champion(msgspec.Struct, frozen=True, kw_only=True):
    """A registered version with the local folder of its bundle, an absolute path."""

    name: str
    version: str
    stage: str
    folder: str


def fetch_champion(lock: Lock, model: str, stage: Stage, state: State) -> Champion:
    """Return the version in a stage, its bundle copied under `.mlarch/` if it is not there yet.

    Raises ArchitectureError when no version has reached the stage (MLA606), or it would run code that the file does not declare (MLA611).
    """
    pipeline = pipeline_of(lock.architecture, model)
    state.sweep()
    with connected(lock, pipeline, state) as tracker:
        found = champion_of(tracker, lock, pipeline, stage, state)
    if found is None:
        raise ArchitectureError(
            "MLA606",
            f"no version of `{model}` is in {stage.value}",
            at=f"model.{model}",
            help="`mlarch run` trains, evaluates and registers one",
        )
    strange = undeclared(lock, Path(found.folder))
    if strange:
        told = f"version {found.version} of `{model}` calls functions that the file does not name: {', '.join(strange)}"
        help = "code from a registry runs only where a feature names its function; `mlarch run` makes a version of what the file says"
        raise ArchitectureError("MLA611", told, at=f"model.{model}", help=help)
    return found


def undeclared(lock: Lock, folder: Path) -> tuple[str, ...]:
    """Return the functions of the user's that a bundle would call, and no feature of the architecture names. Nothing of it has run yet."""
    declared = declared_in(lock.architecture)
    return tuple(target for target in targets_of(read_program(folder)) if target not in declared)


def champion_of(tracker: Tracker, lock: Lock, pipeline: Pipeline, stage: Stage, state: State) -> Champion | None:
    """Return the version in a stage, or None."""
    name = registered_name(lock, pipeline.name)
    found = aliased(tracker, name, stage.value)
    if found is None:
        return None
    version = str(found.version)
    folder = state.path("serving", pipeline.name, version)
    if not _holds(folder, found.tags.get(KEY)):
        _download(tracker, name, version, folder, state)
    return Champion(name=name, version=version, stage=stage.value, folder=str(folder.resolve()))


def _holds(folder: Path, key: str | None) -> bool:
    """Tell whether a folder holds this very model, whole: another registry has other models under the same numbers."""
    try:
        return read_head(folder).key == key
    except ArchitectureError:
        return False


def _download(tracker: Tracker, name: str, version: str, folder: Path, state: State) -> None:
    import mlflow

    # A name as of all that is half written: should this process be killed, the next run removes it.
    with tempfile.TemporaryDirectory(prefix=".download.", suffix=f".{os.getpid()}", dir=state.path("serving", "x").parent) as scratch:
        place = Path(mlflow.artifacts.download_artifacts(f"models:/{name}/{version}", dst_path=scratch, tracking_uri=tracker.uri))
        heads = list(place.rglob(HEAD))
        if len(heads) != 1:
            raise ArchitectureError(
                "MLA608", f"models:/{name}/{version} holds no model bundle of mlarch's", help="was it registered by `mlarch run`?"
            )
        with state.new_folder(folder, "serving.bundle") as fresh:
            shutil.copytree(heads[0].parent, fresh, dirs_exist_ok=True)
