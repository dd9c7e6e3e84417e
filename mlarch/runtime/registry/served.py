"""Which versions requests are answered with: those in the stages that online deployments serve, and those of servers that run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import msgspec

from ...architecture.architecture import Architecture
from ...architecture.blocks.deployment import Mode
from ...architecture.errors import ArchitectureError
from ...architecture.feature_views import FeatureView, views_of
from ...architecture.lock import Lock
from ...architecture.nodes import digest
from ...architecture.pipeline import pipeline_of
from ...architecture.program import FeatureProgram
from ...architecture.served_views import ServedVersion, views_with
from ..serving.hosting import every_recorded
from ..state import State, read_value

#: A model, the number of a version of it, and the deployment that serves it.
_Served = tuple[str, str, str]


class _Known(msgspec.Struct, frozen=True):
    """What was served when the registry answered last: the versions, which of them were in stages, and what the registry was then."""

    versions: tuple[ServedVersion, ...] = ()
    staged: tuple[_Served, ...] = ()
    registry: str | None = None


def views_now(lock: Lock, state: State) -> dict[str, FeatureView]:
    """Return what the online store is to keep: what the file says, and what versions that are served read beside."""
    return views_with(lock.architecture, served_versions(lock, state))


def views_known(architecture: Architecture, state: State) -> dict[str, FeatureView]:
    """Return what the online store is to keep, by the last answer of the registry; nobody is asked."""
    return views_with(architecture, known_versions(state))


def known_versions(state: State) -> tuple[ServedVersion, ...]:
    """Return the versions that were served when the registry answered last."""
    return _known(state).versions


def served_versions(lock: Lock, state: State) -> tuple[ServedVersion, ...]:
    """Return the versions that are served and read histories. A registry that does not answer takes nothing from those known last."""
    if state.sampled or not (views_of(lock.architecture) or (state.folder / "feast").exists()):
        return ()
    known, registry = _known(state), _registry(lock, state)
    try:
        asked = registry is None or registry != known.registry or not _here(state, known.staged)
        staged = tuple(_in_stages(lock, state)) if asked else known.staged
    except ArchitectureError:  # whoever needs the registry says so; the histories of requests do not wait for it
        return known.versions
    versions = tuple(_versions((*staged, *_running(state)), state))
    if _Known(versions, staged, registry) != known:
        state.write_value(state.path("feast", "served.json"), _Known(versions, staged, registry), "store.registered")
    return versions


def _known(state: State) -> _Known:
    return read_value(state.folder / "feast" / "served.json", _Known) or _Known()


def _registry(lock: Lock, state: State) -> str | None:
    """Return what tells whether a registry in a file is as it was, so that MLflow need not load; None where it is none or a server."""
    stages = [(each.name, each.model.name, each.stage) for each in lock.architecture.deployment.values() if each.mode is Mode.ONLINE]
    if any(each.uri for each in lock.architecture.tracking.values()):
        return None
    try:
        with (state.folder / "mlflow.db").open("rb") as file:
            changes = file.read(28)[24:].hex()  # SQLite counts in these bytes how often the file was changed
            return digest([stages, changes, os.fstat(file.fileno()).st_mtime_ns])
    except OSError:
        return None


def _here(state: State, staged: Iterable[_Served]) -> bool:
    """Tell whether versions are on this machine."""
    return all(_program(state, model, version) is not None for model, version, _ in staged)


def _versions(served: Iterable[_Served], state: State) -> Iterator[ServedVersion]:
    found: dict[tuple[str, str], list[str]] = {}
    for model, version, deployment in served:
        found.setdefault((model, version), []).append(deployment)
    for (model, version), deployments in found.items():
        program = _program(state, model, version)
        if program is not None and program.histories:
            by = tuple(dict.fromkeys(deployments))
            yield ServedVersion(model=model, version=version, deployments=by, histories=program.histories)


def _in_stages(lock: Lock, state: State) -> Iterator[_Served]:
    """Yield the version in the stage of each online deployment. Raises ArchitectureError (MLA605) when the registry does not answer."""
    for deployment in lock.architecture.deployment.values():
        model = lock.architecture.model[deployment.model.name]
        if deployment.mode is not Mode.ONLINE or model.label is None or model.origin is not None:
            continue
        pipeline = pipeline_of(lock.architecture, model.name)
        if not pipeline.tracking.uri and not (state.folder / "mlflow.db").exists():
            continue  # nothing was registered
        from .champion import champion_of
        from .tracking import connected

        with connected(lock, pipeline, state) as tracker:
            champion = champion_of(tracker, lock, pipeline, deployment.stage, state)
        if champion is not None:
            yield model.name, champion.version, deployment.name


def _running(state: State) -> Iterator[_Served]:
    """Yield what answers now: a server keeps its version while another one takes the stage."""
    for name, served in every_recorded(state).items():
        if served.alive and served.version:
            yield served.model, served.version, name


def _program(state: State, model: str, version: str) -> FeatureProgram | None:
    from ..models.bundle import read_program

    try:
        return read_program(state.folder / "serving" / model / version)
    except (OSError, msgspec.DecodeError):  # its folder was removed
        return None
