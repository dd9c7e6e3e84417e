"""`features.py` of a feature repository: entities, views and functions in Feast's own words, written to be read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

import msgspec

from ...architecture.architecture import Architecture
from ...architecture.blocks.features import BigQueryStore, S3Store
from ...architecture.expressions import render
from ...architecture.feature_views import FeatureView, store_of
from ...architecture.nodes import digest
from ...architecture.program import FeatureProgram
from ...architecture.stored_features import MOMENT, CurrentValues, ExactValues, current_values, exact_values
from ...architecture.types import Column, ColumnType, ValueKind
from ...architecture.vocabulary import Definition
from .. import Emission

#: Feast's type of a value.
OF_KIND = {ValueKind.NUMBER: "Float64", ValueKind.BOOLEAN: "Bool", ValueKind.TEXT: "String", ValueKind.TIMESTAMP: "UnixTimestamp"}
_ENTITY = {"String": "STRING", "Int64": "INT64", "UnixTimestamp": "UNIX_TIMESTAMP"}

_HEAD = '''"""The features of `{name}` as Feast sees them, compiled from {source} (architecture {hash}). Not to be edited: compile again.

A view `…_by_…` keeps the events of each entity, from which the function of a model computes what training computed, at any moment. A view
that is called as a block has its values as of the newest row. `mlarch features materialize` registers and fills all of them.
"""

'''


def text_of(architecture: Architecture, state: str, emission: Emission, views: Mapping[str, FeatureView]) -> str:
    """Return the module. `state` is the way from its folder to that of the store."""
    writing = _Writing(architecture, state, emission, views)
    body = "\n\n".join(writing.statements())
    head = _HEAD.format(name=architecture.system.name, source=emission.source, hash=emission.hash)
    return head + "\n".join(_imports(body)) + "\n\n" + body + "\n"


def _imports(body: str) -> Iterator[str]:
    """The imports of what the module uses."""
    yield from ["import os"] if "os.environ" in body else []
    yield "from datetime import timedelta"
    yield ""
    sources = [name for name in ("BigQuerySource", "FileSource", "RequestSource") if f"{name}(" in body]
    yield f"from feast import {', '.join(sorted(['Entity', 'FeatureView', 'Field', 'ValueType', *sources]))}"
    yield from ["from feast.on_demand_feature_view import on_demand_feature_view"] if "@on_demand" in body else []
    types = ("Bool", "Bytes", "Float64", "Int64", "String", "UnixTimestamp")
    yield f"from feast.types import {', '.join(name for name in types if f'dtype={name}' in body)}"


def type_of(column: Column) -> str:
    """Return Feast's type of a column of a request."""
    return "Int64" if column.type is ColumnType.INT else OF_KIND[column.kind]


def key_type(column: Column) -> str:
    """Return Feast's type of a part of an entity's key: it has none for what is true or false, which is 1 or 0 then."""
    return "Int64" if column.type is ColumnType.BOOL else type_of(column)


class _Writing:
    """Writes each object as a statement; what Feast shows of it says where it stands in the architecture."""

    def __init__(self, architecture: Architecture, state: str, emission: Emission, views: Mapping[str, FeatureView]) -> None:
        self.architecture, self.state, self.emission = architecture, state, emission
        self.offline = store_of(architecture).offline
        self.views = views
        self.owner = ", ".join(architecture.system.owners)

    def statements(self) -> Iterator[str]:
        """Yield the statements, each after those that it names."""
        entities: dict[str, Column] = {}
        for column in (column for view in self.views.values() for column in view.keys):
            entities.setdefault(self._entity_name(column), column)
        yield from (self._entity(name, column) for name, column in entities.items())
        yield from map(self._events, self.views.values())
        yield from map(self._current, current_values(self.architecture))
        yield from map(self._exact, exact_values(self.architecture))

    def _entity_name(self, column: Column) -> str:
        """The name of an entity: that of its column, or with its type where the column is of several types."""
        same = {key_type(key) for view in self.views.values() for key in view.keys if key.name == column.name}
        return column.name if len(same) == 1 else f"{column.name}_{key_type(column).lower()}"

    def _entity(self, name: str, column: Column) -> str:
        made = f"name={_quoted(name)}, join_keys=[{_quoted(column.name)}], value_type=ValueType.{_ENTITY[key_type(column)]}"
        return f"{_variable('entity', name)} = Entity({made}{_described(column.doc)})"

    def _events(self, view: FeatureView) -> str:
        keys = " and ".join(f"`{key.name}`" for key in view.keys)
        told = f"What is known of each {keys} in `source.{view.source}`, event by event; only mlarch reads it."
        return self._view(view.name, view.keys, [(view.field, "Bytes", None)], told, f"source.{view.source}")

    def _current(self, block: CurrentValues) -> str:
        written = self.architecture.features[block.block].feature
        fields = [(each.name, OF_KIND[each.kind], _told(each.doc, written.get(each.name))) for each in block.program.features]
        told = block.doc or f"The features of `features.{block.block}` as of the newest row of `source.{block.source}`."
        return self._view(block.view, block.entity, fields, told, f"features.{block.block}")

    def _view(self, name: str, keys: tuple[Column, ...], fields: list[tuple[str, str, str | None]], told: str, at: str) -> str:
        lines = [f"Field(name={_quoted(key.name)}, dtype={key_type(key)})" for key in keys]
        lines += [f"Field(name={_quoted(each)}, dtype={dtype}{_described(doc)})" for each, dtype, doc in fields]
        return "\n".join(
            [
                f"{_variable('view', name)} = FeatureView(",
                f"    name={_quoted(name)},",
                f"    entities=[{', '.join(_variable('entity', self._entity_name(key)) for key in keys)}],",
                "    ttl=timedelta(0),",
                "    schema=[",
                *(f"        {line}," for line in lines),
                "    ],",
                f"    source={self._source(name)},",
                f"    description={_quoted(told)},",
                *self._about(at),
                ")",
            ]
        )

    def _source(self, view: str) -> str:
        """The table beside the online store."""
        name, time = f"name={_quoted(f'{view}_table')}", f"timestamp_field={_quoted(MOMENT)}"
        match self.offline:
            case BigQueryStore(dataset):
                return f"BigQuerySource({name}, table={_quoted(f'{dataset}.{view}')}, {time})"
            case S3Store(uri):
                place = _quoted(f"{uri.rstrip('/')}/{view}.parquet")
                return f'FileSource({name}, path={place}, s3_endpoint_override=os.environ.get("AWS_ENDPOINT_URL", ""), {time})'
        return f"FileSource({name}, path={_quoted(f'{self.state}/{view}.parquet')}, {time})"

    def _exact(self, model: ExactValues) -> str:
        program, name = model.program, _variable("request", model.model)
        views = [view for view in self.views.values() if _reads(program, view)]
        keys = {key.name for view in views for key in view.keys}
        asked = [f"    Field(name={_quoted(each.name)}, dtype={type_of(each)})," for each in program.inputs if each.name not in keys]
        made = [f"        Field(name={_quoted(each.name)}, dtype={OF_KIND[each.kind]})," for each in program.features]
        request = [f"{name} = RequestSource(name={_quoted(f'{model.model}_request')}, schema=[", *asked, "])", ""] if asked else []
        sources = [*(_variable("view", view.name) for view in views), *([name] if asked else [])]
        told = model.doc or f"What `model.{model.model}` sees of a row at its moment, before anything is learnt from the training rows."
        return "\n".join(
            [
                *request,
                "",
                "@on_demand_feature_view(",
                f"    name={_quoted(model.view)},",
                f"    sources=[{', '.join(sources)}],",
                "    schema=[",
                *made,
                "    ],",
                '    mode="python",',
                f"    description={_quoted(told)},",
                *self._about(f"model.{model.model}"),
                ")",
                f"def {_variable('exact', model.model)}(inputs):",
                "    from mlarch.runtime.features.store.on_demand import answered",
                "",
                "    # The features as a value: Feast keeps the text of this function, and nothing else of mlarch.",
                f"    program = {msgspec.json.encode(program).decode()!r}",
                "    return answered(program, inputs)",
            ]
        )

    def _about(self, at: str) -> Iterator[str]:
        """Whose an object is, and where it stands."""
        if self.owner:
            yield f"    owner={_quoted(self.owner)},"
        line = self.emission.lines.get(at, self.emission.source)
        yield f'    tags={{"mlarch": {_quoted(at)}, "line": {_quoted(line)}}},'


def _variable(kind: str, name: str) -> str:
    """Return what an object is called in the module: names that are none in Python get a digest, so that no two are the same."""
    plain = f"{kind}_{name}"
    return plain if plain.isidentifier() else f"{re.sub('[^A-Za-z0-9_]', '_', plain)}_h{digest(name)[:12]}"


def _reads(program: FeatureProgram, view: FeatureView) -> bool:
    return any((history.source, history.entity) == (view.source, view.entity) for history in program.histories)


def _told(doc: str | None, written: Definition | None) -> str | None:
    """Return what a field is: its doc comment, or else what it is computed from."""
    return doc or (render(written.expression) if written is not None else None)


def _described(doc: str | None) -> str:
    return f", description={_quoted(doc)}" if doc else ""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
