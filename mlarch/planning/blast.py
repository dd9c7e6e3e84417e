"""How far a change reaches: which assets are made anew, which deployments take it, and what class that makes it.

Which steps run again is not decided here: it is what the steps themselves go by, `mlarch.architecture.steps`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from .. import __version__
from ..architecture.architecture import Architecture
from ..architecture.blocks.deployment import Mode
from ..architecture.feature_views import programs_asked
from ..architecture.nodes import digest
from ..architecture.steps import DeclaredStep, reached, steps_of, version_by
from ..architecture.vocabulary import Status
from .breaking import Break, breaks
from .causes import Followers, Readers, block_of, by_block
from .classes import BY_STEP, Class
from .comparing import Change, compare, touches
from .moving import moves, renamed

#: What Dagster reads of the file beside what makes assets: owners, schedules, and what the next training may use.
_READ_BY_DAGSTER = ("training", "hardware")
#: What a deployment reads of the feature store.
_READ_BY_REQUESTS = ("online", "deadline", "fallback")


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
    steps = steps_of(new)
    assets = tuple(Asset(key, way, (), new=True) for key, way in reached(steps, steps).items())
    return Plan((), assets, (), tuple(Serving(name, "deploy", ("nothing was deployed",)) for name in new.deployment), (), first=True)


def plan(old: Architecture, new: Architecture, mlarch: str = __version__) -> Plan:
    """Return what would change from one checked architecture, built by a version of mlarch, to another."""
    differing = compare(old, new)
    before, after = steps_of(old), steps_of(new)
    changed = [key for key, step in after.items() if key not in before or version_by(before[key].said, mlarch) != step.code_version]
    called = renamed(old, moves(old, new))
    broken = breaks(called, new, differing)
    readers = Readers({key: _read(key, before, after, (old, new)) for key in changed})
    direct = _direct(readers, differing, changed)
    gone = tuple(key for key in before if key not in after)
    costs, followers = _Costs(old, new, after, broken, {before[key].owner for key in gone}), Followers(after)
    planned = tuple(Planned(change, costs.of(change, keys), followers.of(keys)) for change, keys in direct.items())
    ways = reached(after, changed)
    return Plan(
        planned,
        tuple(_assets(ways, direct, before, after, mlarch)),
        gone,
        tuple(_deployments(called, new, ways, planned)),
        broken,
        None if mlarch == __version__ else (mlarch, __version__),
    )


def _direct(readers: Readers, differing: Iterable[Change], changed: Iterable[str]) -> dict[Change, list[str]]:
    """The steps that each change makes run again by itself.

    What only documents show, such as the spelling of a quantity, is the cause of a step that runs again for nothing else.
    """
    direct = {change: readers.of(change) for change in differing}
    left = set(changed).difference(*direct.values())
    for change, keys in direct.items() if left else ():
        if change.status is Status.DOCUMENTED:
            keys += [key for key in readers.of(replace(change, status=Status.LOWERED)) if key in left]
    return direct


def _read(key: str, before: Mapping[str, DeclaredStep], after: Mapping[str, DeclaredStep], sides: Iterable[Architecture]) -> set[str]:
    """The paths at which the two files say what a step is."""
    if key in before:
        return {*before[key].read, *after[key].read}
    # A source has steps because a model observes it.
    observing = {f"model.{name}.{what}" for side in sides for name in side.model for what in ("label", "observations")}
    return {*after[key].read, f"source.{after[key].owner}", *(observing if after[key].kind in ("ingested", "validated") else ())}


def _assets(
    ways: Mapping[str, tuple[str, ...]],
    direct: Mapping[Change, list[str]],
    before: Mapping[str, DeclaredStep],
    after: Mapping[str, DeclaredStep],
    mlarch: str,
) -> Iterator[Asset]:
    """The assets that are made anew, each with the paths that changed of it, or else of the step at which its way begins."""
    changed: dict[str, list[str]] = {}
    for change, keys in direct.items():
        for key in keys:
            changed.setdefault(key, []).append(change.path)
    for key, way in ways.items():
        because = changed.get(key)
        if because is None and mlarch != __version__ and key in before and before[key].code_version == after[key].code_version:
            because = [f"mlarch {mlarch} → {__version__}"]
        because = because or changed.get(way[0], [])
        yield Asset(key, way, tuple(because), key not in before)


class _Costs:
    """What changes cost, between two architectures."""

    def __init__(
        self, old: Architecture, new: Architecture, steps: Mapping[str, DeclaredStep], broken: Iterable[Break], gone: Container[str]
    ) -> None:
        self.steps, self.gone = steps, gone
        self.joined = {group.source.name for side in (old, new) for group in side.features.values()}
        self.served = {each.hardware.name for side in (old, new) for each in side.deployment.values() if each.hardware}
        self.asking = any(programs_asked(side) for side in (old, new))
        self.noticed = by_block(path for each in broken if each.api for path in each.paths)

    def of(self, change: Change, direct: Iterable[str]) -> Class:
        """Return the class of a change by the dearest thing that it causes."""
        costs = {BY_STEP[self.steps[key].kind] for key in direct}
        if any(touches(path, end) for end in (change.path, change.was) for path in self.noticed.get(block_of(end), ())):
            costs.add(Class.BREAKS_API)
        return next((cost for cost in Class if cost in costs), None) or self._without_steps(change)

    def _without_steps(self, change: Change) -> Class:
        """The class of a change that makes no step run again."""
        if change.status is not Status.LOWERED:
            return Class.PLANNED if change.status is Status.PLANNED else Class.DOCUMENTS
        kind, name, *rest = change.path.split(".")
        if change.moved:
            return {"deployment": Class.REDEPLOY, "training": Class.RELOAD}.get(kind, Class.DOCUMENTS)
        if change.after is None and not rest and kind in ("source", "model") and name in self.gone:
            return Class.RELOAD  # its assets are made no more
        if kind == "source" and name in self.joined:
            return Class.PLANNED  # no model observes it: its features come by a join
        if kind == "deployment" or (kind == "hardware" and name in self.served) or (self.asking and _of_store(change.path)):
            return Class.REDEPLOY
        if kind in _READ_BY_DAGSTER or (kind == "system" and rest[0] in ("owners", "name")):
            return Class.RELOAD
        return Class.DOCUMENTS


def _of_store(path: str) -> bool:
    """Tell whether a path is of something that requests read of the feature store."""
    kind, _, *rest = path.split(".")
    return kind == "feature_store" and (not rest or rest[0] in _READ_BY_REQUESTS)


def _deployments(
    old: Architecture, new: Architecture, ways: Mapping[str, tuple[str, ...]], planned: Iterable[Planned]
) -> Iterator[Serving]:
    # What is not carried out, or stands in documents only, is no reason to deploy anything.
    changed = by_block(each.change.path for each in planned if each.cost not in (Class.PLANNED, Class.DOCUMENTS))
    moved = {each.change.path for each in planned if each.change.moved}
    asked, store = programs_asked(new), [path for paths in changed.values() for path in paths if _of_store(path)]
    for name in dict.fromkeys((*new.deployment, *old.deployment)):
        at = f"deployment.{name}"
        if name not in new.deployment:
            yield Serving(name, "stop", (at,))
        elif name not in old.deployment:
            yield Serving(name, "deploy", (at,))
        else:
            before, after = old.deployment[name], new.deployment[name]
            because = list(changed.get(at, ())) if at in moved or digest(before) != digest(after) else []
            if after.hardware is not None and before.hardware == after.hardware and _other(after.hardware.name, old, new):
                because += changed.get(str(after.hardware), ())
            because += store if after.mode is Mode.ONLINE and after.model.name in asked else []
            made = f"{after.model.name}/registered"
            because += [made] if made in ways else []
            if because:
                yield Serving(name, "redeploy", tuple(because))


def _other(hardware: str, old: Architecture, new: Architecture) -> bool:
    """Tell whether what a replica may use is another."""
    return hardware not in old.hardware or digest(old.hardware[hardware]) != digest(new.hardware[hardware])
