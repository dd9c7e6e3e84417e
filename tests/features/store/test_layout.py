"""The layout of the online store, written by hand, is Feast's own to the last byte."""

from __future__ import annotations

import subprocess
import sys
from calendar import timegm
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from mlarch.runtime.features.store.layout import Part, bytes_in, hash_field, hash_name, key_in, keys_of, table_name

#: Texts with no half of a surrogate pair: UTF-8 has no such thing.
TEXTS = some.text(some.characters(exclude_categories=("Cs",)), max_size=40)
#: Feast's are whole seconds.
TIMES = some.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1), timezones=some.just(UTC) | some.timezones()).map(
    lambda time: time.replace(microsecond=0)
)
VALUES = TEXTS | some.integers(-(2**63), 2**63 - 1) | some.binary(max_size=40) | some.booleans() | TIMES
ENTITIES = some.dictionaries(TEXTS, VALUES, min_size=1, max_size=5)


def feasts(entity: dict[str, Part]) -> object:
    """The entity as Feast holds it."""
    from feast.protos.feast.types.EntityKey_pb2 import EntityKey
    from feast.protos.feast.types.Value_pb2 import Value

    kinds = {str: "string_val", int: "int64_val", bool: "int64_val", bytes: "bytes_val", datetime: "unix_timestamp_val"}

    def value(each: Part) -> Value:
        plain = timegm(each.utctimetuple()) if isinstance(each, datetime) else int(each) if isinstance(each, bool) else each
        return Value(**{kinds[type(each)]: plain})

    return EntityKey(join_keys=list(entity), entity_values=[value(each) for each in entity.values()])


@settings(max_examples=500, deadline=None)
@given(ENTITIES, TEXTS)
def test_a_key_is_feasts(entity: dict[str, Part], project: str) -> None:
    """Whatever the columns and their order, an entity's key and the name of its hash are those that Feast writes."""
    from feast.infra.key_encoding_utils import serialize_entity_key
    from feast.infra.online_stores.helpers import _redis_key

    key = keys_of(tuple(entity))(tuple(entity.values()))
    assert key == serialize_entity_key(feasts(entity), entity_key_serialization_version=3)  # type: ignore[arg-type]
    assert hash_name(project, key) == _redis_key(project, feasts(entity), entity_key_serialization_version=3)  # type: ignore[arg-type]


@pytest.mark.parametrize("entity", [{"a": 0}, {"a": -1}, {"a": 2**62}, {"b": "日本", "a": "é"}, {"b": "", "B": -(2**63), "a": b"\0"}])
def test_a_key_is_read_back_by_feast(entity: dict[str, Part]) -> None:
    """Feast reads a key back as the columns and values that it was made of."""
    from feast.infra.key_encoding_utils import deserialize_entity_key

    found = deserialize_entity_key(keys_of(tuple(entity))(tuple(entity.values())), entity_key_serialization_version=3)
    values = [getattr(each, each.WhichOneof("val")) for each in found.entity_values]
    assert dict(zip(found.join_keys, values, strict=True)) == entity


@settings(max_examples=500, deadline=None)
@given(TEXTS, TEXTS)
def test_names_are_feasts(view: str, feature: str) -> None:
    """A view's table in SQLite and a feature's field in Redis are called as Feast calls them."""
    from feast import FeatureView
    from feast.infra.online_stores.helpers import _mmh3
    from feast.infra.online_stores.sqlite import _quote_id, _table_id

    assert hash_field(view, feature) == _mmh3(f"{view}:{feature}")
    named = FeatureView.__new__(FeatureView)
    named.name = view
    assert table_name(feature, view) == _quote_id(_table_id(feature, named))


@settings(max_examples=300, deadline=None)
@given(some.binary(max_size=300) | some.integers(0, 70_000).map(bytes))
def test_a_value_is_feasts(data: bytes) -> None:
    """Bytes of any length are read out of what Feast writes for them."""
    from feast.protos.feast.types.Value_pb2 import Value

    assert bytes_in(Value(bytes_val=data).SerializeToString()) == data


def test_what_is_no_value_is_said() -> None:
    """Another type, a value that was cut and one with something behind it are told from a value; the null value is None."""
    from feast.protos.feast.types.Value_pb2 import Value

    assert bytes_in(Value().SerializeToString()) is None
    whole = Value(bytes_val=b"x" * 200).SerializeToString()
    for wrong in (Value(string_val="x").SerializeToString(), *(whole[:end] for end in range(1, 202)), whole + b"\0"):
        with pytest.raises(ValueError, match="this"):
            bytes_in(wrong)


def test_the_layout_needs_nothing_of_feasts() -> None:
    """Reading the layout in a fresh process loads neither Feast, pandas, protobuf nor Polars."""
    code = (
        "import sys, mlarch.runtime.features.store.layout; "
        "print([name for name in ('feast', 'pandas', 'google.protobuf', 'polars', 'mmh3') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


@settings(max_examples=500, deadline=None)
@given(ENTITIES, TEXTS, TEXTS, some.binary(max_size=60))
def test_a_key_is_found_in_the_name_of_its_hash(entity: dict[str, Part], project: str, other: str, anything: bytes) -> None:
    """The name of a hash gives back the key for its own project, for no other one, and names of other things give none."""
    key = keys_of(tuple(entity))(tuple(entity.values()))
    assert key_in(hash_name(project, key), project) == key
    assert key_in(hash_name(project, key), other) == (key if other == project else None)
    assert key_in(anything, project) is None or anything.endswith(project.encode())
