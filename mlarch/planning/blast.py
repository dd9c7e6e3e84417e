"""How far a change reaches: which assets are made anew, which deployments take it, and what class that makes it.

Which steps run again is not decided here: it is what the steps themselves go by, `mlarch.architecture.steps`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .. import __version__
from ..architecture.architecture import Architecture
from ..architecture.blocks.deployment import Deployment
from ..architecture.nodes import digest
from ..architecture.steps import DeclaredStep, reached, steps_of, version_by
from ..architecture.vocabulary import Status
from .breaking import Break, breaks
from .classes import BY_STEP, Class
from .comparing import Change, compare, touches
from .moving import moves, renamed

#: What Dagster reads of the file beside what makes assets: owners, schedules, and what the next training may use.
_READ_BY_DAGSTER = ("training", "hardware")


@dataclass(frozen=True)
class Planned:
    """A change with its class and every asset that it makes run again, in an order in which they run."""

    change: Change
    cost: Class
    assets: tuple[str, ...]


@dataclass(frozen=True)
class Asset:
    """An asset that would be made anew: the steps on the way to it, and the changes that reach it first or directly."""

    key: str
    way: tuple[str, ...]
    because: tuple[str, ...]
    new: bool


@dataclass(frozen=True)
class Serving:
    """A deployment that would be deployed, deployed again or stopped, and why."""

    name: str
    what: str
    because: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What would change. `mlarch` has the versions that built the old side and would build the new one, where they differ."""

    changes: tuple[Planned, ...]
    assets: tuple[Asset, ...]
    gone: tuple[str, ...]
    deployments: tuple[Serving, ...]
    breaks: tuple[Break, ...]
    mlarch: tuple[str, str] | None = None
    first: bool = False

    @property
    def empty(self) -> bool:
        """Tell whether nothing at all would change."""
        return not (self.changes or self.assets or self.deployments or self.gone)


def first_plan(new: Architecture) -> Plan:
    """Return the plan of an architecture that nothing was built of yet."""
    assets = tuple(Asset(key, way, (), new=True) for key, way in reached(steps_of(new), steps_of(new)).items())
    return Plan((), assets, (), tuple(Serving(name, "deploy", ("nothing was deployed",)) for name in new.deployment), (), first=True)


def plan(old: Architecture, new: Architecture, mlarch: str = __version__) -> Plan:
    """Return what would change from one checked architecture, built by a version of mlarch, to another."""
    differing = compare(old, new)
    before, after = steps_of(old), steps_of(new)
    changed = [key for key, step in after.items() if key not in before or version_by(before[key].said, mlarch) != step.code_version]
    called = renamed(old, moves(old, new))
    broken = breaks(called, new, differing)
    read = {key: _read(key, before, after, (old, new)) for key in changed}
    direct = {change: _direct(change, read) for change in differing}
    ways = reached(after, changed)
    planned = tuple(_planned(change, direct[change], old, new, after, broken) for change in differing)
    return Plan(
        planned,
        tuple(Asset(key, way, _because(key, way, direct, before, after, mlarch), key not in before) for key, way in ways.items()),
        tuple(key for key in before if key not in after),
        tuple(_deployments(called, new, ways, planned)),
        broken,
        None if mlarch == __version__ else (mlarch, __version__),
    )


def _read(key: str, before: Mapping[str, DeclaredStep], after: Mapping[str, DeclaredStep], sides: Iterable[Architecture]) -> set[str]:
    """The paths at which the two files say what a step is."""
    if key in before:
        return {*before[key].read, *after[key].read}
    # A source has steps because a model observes it.
    observing = {f"model.{name}.{what}" for side in sides for name in side.model for what in ("label", "observations")}
    return {*after[key].read, f"source.{after[key].owner}", *(observing if after[key].kind in ("ingested", "validated") else ())}


def _direct(change: Change, read: Mapping[str, set[str]]) -> list[str]:
    """The steps of which a change says something else than before."""

    def concerns(path: str) -> bool:
        # What only documents read concerns a step where that step reads exactly it.
        at = (change.path, change.was)
        return path in at if change.status is Status.DOCUMENTED else any(touches(path, each) for each in at)

    return [key for key, paths in read.items() if any(map(concerns, paths))]


def _because(
    key: str,
    way: tuple[str, ...],
    direct: Mapping[Change, list[str]],
    before: Mapping[str, DeclaredStep],
    after: Mapping[str, DeclaredStep],
    mlarch: str,
) -> tuple[str, ...]:
    """Why an asset is made anew: the paths that changed of it, or else those that changed of the step at which its way begins."""
    own = tuple(change.path for change, keys in direct.items() if key in keys)
    if own:
        return own
    if mlarch != __version__ and key in before and before[key].code_version == after[key].code_version:
        return (f"mlarch {mlarch} → {__version__}",)
    return tuple(change.path for change, keys in direct.items() if way[0] in keys)


def _planned(
    change: Change, direct: list[str], old: Architecture, new: Architecture, steps: Mapping[str, DeclaredStep], broken: Iterable[Break]
) -> Planned:
    costs = [BY_STEP[steps[key].kind] for key in direct]
    if any(each.api and each.concerns(change) for each in broken):
        costs.append(Class.BREAKS_API)
    if not costs:
        costs.append(_cost(change, old, new))
    order = list(Class)
    return Planned(change, min(costs, key=order.index), tuple(reached(steps, direct)))


def _cost(change: Change, old: Architecture, new: Architecture) -> Class:
    """The class of a change that makes no step run again."""
    if change.status is not Status.LOWERED:
        return Class.PLANNED if change.status is Status.PLANNED else Class.DOCUMENTS
    kind, name = change.path.split(".")[:2]
    if change.moved:
        return {"deployment": Class.REDEPLOY, "training": Class.RELOAD}.get(kind, Class.DOCUMENTS)
    if kind == "source" and any(group.source.name == name for side in (old, new) for group in side.features.values()):
        return Class.PLANNED  # no model observes it: its features come by a join
    served = {deployment.hardware.name for side in (old, new) for deployment in side.deployment.values() if deployment.hardware}
    if kind == "deployment" or (kind == "hardware" and name in served):
        return Class.REDEPLOY
    if kind in _READ_BY_DAGSTER or (kind == "system" and change.path.split(".")[2] in ("owners", "name")):
        return Class.RELOAD
    return Class.DOCUMENTS


def _deployments(
    old: Architecture, new: Architecture, ways: Mapping[str, tuple[str, ...]], planned: Iterable[Planned]
) -> Iterable[Serving]:
    for name in dict.fromkeys((*new.deployment, *old.deployment)):
        at = f"deployment.{name}"
        if name not in new.deployment:
            yield Serving(name, "stop", (at,))
        elif name not in old.deployment:
            yield Serving(name, "deploy", (at,))
        else:
            because = tuple(each.change.path for each in planned if each.change.moved and each.change.path == at)
            because += tuple(_again(old, new, old.deployment[name], new.deployment[name], planned))
            model = new.deployment[name].model.name
            because += tuple(key for key in (f"{model}/registered",) if key in ways)
            if because:
                yield Serving(name, "redeploy", because)


def _again(old: Architecture, new: Architecture, before: Deployment, after: Deployment, planned: Iterable[Planned]) -> Iterable[str]:
    """The changes that a running deployment takes only when it is served again."""
    if digest(before) != digest(after):
        yield from (each.change.path for each in planned if touches(each.change.path, f"deployment.{after.name}"))
    if after.hardware is not None and before.hardware == after.hardware:
        name = after.hardware.name
        if name not in old.hardware or digest(old.hardware[name]) != digest(new.hardware[name]):
            yield from (each.change.path for each in planned if touches(each.change.path, f"hardware.{name}"))
