"""Feast as the real thing: a repository is registered, and rows are written, through Feast's own API. It takes seconds to load."""

from __future__ import annotations

import linecache
import os
import re
import runpy
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from ....architecture.errors import ArchitectureError
from ....architecture.stored_features import MOMENT
from ....architecture.vocabulary import Secret
from ...engines import quiet
from ...secrets import reveal
from ...state import State, kill_point
from .address import address_of

#: So many entities are written at once; what an interruption loses is no more.
BATCH = 5_000
#: A variable of the environment, as settings of Feast name it.
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
#: Feast's registry, under `.mlarch/`.
REGISTRY = "feast_registry.db"


def opened(repository: Path) -> Any:
    """Return Feast's `FeatureStore` of a repository, whose settings may name variables of the environment.

    Raises ArchitectureError when Feast is not installed (MLA602).
    """
    quiet()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import feast
    except ImportError as problem:
        raise ArchitectureError(
            "MLA602", f"the feature store needs Feast, which is not installed ({problem})", help="pip install 'mlarch[feast]'"
        ) from None
    store = feast.FeatureStore(repo_path=str(repository), config=_settings(repository))
    _connected(store.config.online_store)
    return store


def _settings(repository: Path) -> Any:
    """Return the settings of a repository without its offline store, whose clients Feast would load: what is written here needs none."""
    from feast.repo_config import RepoConfig

    said = yaml.safe_load(os.path.expandvars((repository / "feature_store.yaml").read_text(encoding="utf-8")))
    config = RepoConfig(**{**said, "offline_store": {"type": "file"}})
    config.repo_path = repository
    return config


def _connected(online: Any) -> None:
    """Tell Feast of a Redis server in its own words, whatever the environment or the file of secrets has."""
    said = getattr(online, "connection_string", None)
    if said is None:
        return
    name = _VARIABLE.fullmatch(said)  # Feast leaves the name of what is in the file of secrets, and not in the environment
    said = reveal(Secret(name[1]), "feature_store") if name is not None else said
    online.connection_string = address_of(said).for_feast


def register(repository: Path, state: State) -> None:
    """Register what a repository defines, take out what it defines no more, and make room for its views in the online store.

    Feast writes its registry in place; here it takes its place whole, or not at all.
    """
    store = opened(repository)
    defined = _defined(repository)
    registry = state.path(REGISTRY)
    with state.new_file(registry, "store.registry") as temporary:
        if _whole(registry):
            shutil.copy(registry, temporary)
        store.config.registry.path = str(temporary)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as that on-demand views are slow offline, which is no use of theirs here
            store.apply(defined, objects_to_delete=list(_undefined(store, defined)), partial=False)


def _whole(registry: Path) -> bool:
    """Tell whether there is a registry that Feast can read; a damaged one is made anew."""
    from feast.protos.feast.core.Registry_pb2 import Registry
    from google.protobuf.message import DecodeError

    try:
        Registry.FromString(registry.read_bytes())
    except (FileNotFoundError, DecodeError):
        return False
    return True


def _defined(repository: Path) -> list[Any]:
    """Return the objects of the repository's module, as `feast apply` finds them."""
    import feast

    kinds = (feast.Entity, feast.FeatureView, feast.OnDemandFeatureView, feast.data_source.DataSource)
    linecache.checkcache()  # Feast takes the texts of functions from there, and they may be of a former file
    made = runpy.run_path(str(repository / "features.py"))
    return [value for value in made.values() if isinstance(value, kinds)]


def _undefined(store: Any, defined: Sequence[Any]) -> Iterator[Any]:
    """Yield what is registered and not defined any more."""
    names = {(type(each).__name__, each.name) for each in defined}
    known = (*store.list_feature_views(), *store.list_on_demand_feature_views(), *store.list_entities(), *store.list_data_sources())
    sources = {each.batch_source.name for each in defined if getattr(each, "batch_source", None) is not None}
    for each in known:
        if (type(each).__name__, each.name) not in names and each.name not in sources:
            yield each


def write(store: Any, view: str, entity: Sequence[str], rows: pl.DataFrame, told: Callable[[int], None]) -> None:
    """Write rows of a view, batch by batch, through Feast. `told` is called with how many entities each batch had.

    The rows have the columns of the entity and of the view, and the moment that each is of.
    """
    from feast.protos.feast.types.EntityKey_pb2 import EntityKey

    registered = store.get_feature_view(view)
    fields = {field.name: _values(str(field.dtype)) for field in registered.features}
    keys = {name: _keys(rows.schema[name]) for name in entity}
    for batch in rows.iter_slices(BATCH):
        columns = batch.to_dict(as_series=False)
        names = [[value(each) for each in columns[name]] for name, value in keys.items()]
        held = [[value(each) for each in columns[name]] for name, value in fields.items()]
        data = [
            (EntityKey(join_keys=list(entity), entity_values=key), dict(zip(fields, values, strict=True)), moment, None)
            for key, values, moment in zip(zip(*names, strict=True), zip(*held, strict=True), columns[MOMENT], strict=True)
        ]
        kill_point("store.batch")
        store.provider.online_write_batch(store.config, registered, data, None)
        kill_point("store.batch+")
        told(len(data))


def _keys(dtype: pl.DataType) -> Callable[[Any], Any]:
    """Return the function from a part of an entity's key to Feast's `Value`, as `layout` has it."""
    from feast.protos.feast.types.Value_pb2 import Value

    if dtype == pl.String:
        return _values("String")
    if not dtype.is_temporal():  # Feast has no key that is true or false: these are 1 and 0
        return lambda value: Value(int64_val=int(value))
    seconds = _values("UnixTimestamp")
    return lambda value: Value(int64_val=(value - _EPOCH) // _MICROSECOND) if value.microsecond else seconds(value)


def _values(kind: str) -> Callable[[Any], Any]:
    """Return the function from a value to Feast's `Value`; what is missing is one of nothing."""
    from feast.protos.feast.types.Value_pb2 import Value

    field = _FIELDS[kind]
    if kind == "UnixTimestamp":
        return lambda value: Value() if value is None else Value(unix_timestamp_val=int(value.timestamp()))
    return lambda value: Value() if value is None else Value(**{field: value})


_FIELDS = {
    "Bytes": "bytes_val",
    "String": "string_val",
    "Int64": "int64_val",
    "Float64": "double_val",
    "Bool": "bool_val",
    "UnixTimestamp": "unix_timestamp_val",
}


def known(store: Any) -> dict[str, set[str]]:
    """Return the features of each view that is registered. Raises ArchitectureError (MLA608) where the registry is damaged."""
    from google.protobuf.message import DecodeError

    try:
        return {view.name: {field.name for field in view.features} for view in store.list_feature_views()}
    except DecodeError as problem:
        help = "`mlarch features materialize` makes it anew"
        raise ArchitectureError("MLA608", f"Feast's registry, {REGISTRY}, is damaged: {problem}", help=help) from None


def current(store: Any, view: str, fields: Sequence[str], entity: dict[str, Any]) -> dict[str, Any]:
    """Return what a standard client is told of an entity now."""
    found = store.get_online_features(features=[f"{view}:{field}" for field in fields], entity_rows=[entity]).to_dict()
    return {field: found[field][0] for field in fields}
