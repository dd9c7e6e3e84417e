"""What the online store keeps for requests: a view of each history that an online deployment's model reads, and the store itself.

A view has the events of each entity, from which a request computes what training computed (decision 11).
"""

from __future__ import annotations

import re

import msgspec

from .architecture import Architecture
from .blocks.deployment import Mode
from .blocks.features import FeatureStore
from .blocks.source import Refresh
from .histories import program_of
from .nodes import digest
from .observations import columns_in, observations_of
from .program import FeatureProgram, History
from .types import Column

#: Names that are read in one way alone: other ones get a digest. A store may take capital letters for small ones.
_PLAIN = re.compile(r"[a-z][a-z0-9_]*")
_DIGESTED = re.compile(r".*_h[0-9a-f]{12}")


class FeatureView(msgspec.Struct, frozen=True, kw_only=True):
    """The events of a source by entity, with all that the models of online deployments read of them.

    `keys` are the columns of the entity, and `columns` those that are kept of each event: what expressions read. `window` is the longest
    one (in µs; 0 where there is none), and `rank` the number of latest rows that are read. `models` and `deployments` are those that do.
    """

    name: str
    source: str
    entity: tuple[str, ...]
    keys: tuple[Column, ...]
    timestamp: str
    known_at: str | None
    refresh: Refresh
    columns: tuple[Column, ...]
    window: int
    rank: int
    models: tuple[str, ...]
    deployments: tuple[str, ...]

    @property
    def field(self) -> str:
        """The one feature of the view: the encoded events of an entity."""
        return field_of(self.name)


def store_of(architecture: Architecture) -> FeatureStore:
    """Return the feature store of a system: the declared one, or else the default."""
    return next(iter(architecture.feature_store.values()), FeatureStore(name="default"))


def views_of(architecture: Architecture) -> dict[str, FeatureView]:
    """Return the views of a checked architecture by their names: one for each source and entity that requests look back on."""
    found: dict[str, FeatureView] = {}
    for model, program in programs_asked(architecture).items():
        served = tuple(each.name for each in architecture.deployment.values() if each.model.name == model and each.mode is Mode.ONLINE)
        for history in program.histories:
            made = view_for(architecture, history, model, served)
            found[made.name] = both(architecture, found[made.name], made) if made.name in found else made
    return found


def programs_asked(architecture: Architecture) -> dict[str, FeatureProgram]:
    """Return the programs of the models that answer requests and read histories, in the order of their deployments."""
    names = dict.fromkeys(each.model.name for each in architecture.deployment.values() if each.mode is Mode.ONLINE)
    models = {name: architecture.model[name] for name in names}
    programs = {name: program_of(architecture, model) for name, model in models.items() if observations_of(architecture, model)}
    return {name: program for name, program in programs.items() if program.histories}


def view_of(history: History) -> str:
    """Return the name of the view that keeps the events of a history: letters, digits and `_`, and no two views have the same.

    `departures_by_tailnum`, `visits_by_shop_and_day`; where such a name could be read in two ways, a digest tells them apart.
    """
    name = f"{history.source}_by_{'_and_'.join(history.entity)}"
    joints = len(re.findall("(?=_by_)", name)), len(re.findall("(?=_and_)", name))
    if _PLAIN.fullmatch(name) and not _DIGESTED.fullmatch(name) and joints == (1, len(history.entity) - 1):
        return name
    return f"{re.sub('[^A-Za-z0-9_]', '_', name)}_h{digest([history.source, history.entity])[:12]}"


def field_of(view: str) -> str:
    """Return the name of the one feature of a view. No two views share one: Feast tells those of several views apart by nothing else."""
    return f"{view}_events"


def longest_window(history: History) -> int:
    """Return the longest window of a history, in microseconds."""
    return max((value.window or 0 for value in history.values), default=0)


def highest_rank(history: History) -> int:
    """Return how many of the latest rows of a history are looked at."""
    return max((value.rank or 0 for value in history.values), default=0)


def columns_read(history: History) -> set[str]:
    """Return the columns that the values of a history are computed from."""
    return {name for value in history.values if value.expression is not None for name in columns_in(value.expression)}


def view_for(architecture: Architecture, history: History, model: str, served: tuple[str, ...]) -> FeatureView:
    """Return the view that has what a history reads; its source has the columns."""
    columns = {column.name: column for column in architecture.source[history.source].schema.columns}
    read = columns_read(history)
    return FeatureView(
        name=view_of(history),
        source=history.source,
        entity=history.entity,
        keys=tuple(columns[name] for name in history.entity),
        timestamp=history.timestamp,
        known_at=history.known_at,
        refresh=history.refresh,
        columns=tuple(column for column in columns.values() if column.name in read),
        window=longest_window(history),
        rank=highest_rank(history),
        models=(model,),
        deployments=served,
    )


def both(architecture: Architecture, one: FeatureView, other: FeatureView) -> FeatureView:
    """Return the view that has what two of them have, which are of one name."""
    columns = architecture.source[one.source].schema.columns
    return msgspec.structs.replace(
        one,
        columns=tuple(column for column in columns if column in one.columns or column in other.columns),
        window=max(one.window, other.window),
        rank=max(one.rank, other.rank),
        models=tuple(dict.fromkeys((*one.models, *other.models))),
        deployments=tuple(dict.fromkeys((*one.deployments, *other.deployments))),
    )
