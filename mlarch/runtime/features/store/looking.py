"""Looking into the online store as a person does: the exact values at a moment, and the plain ones beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from ....architecture.architecture import Architecture
from ....architecture.errors import ArchitectureError
from ....architecture.expressions import Name
from ....architecture.feature_views import FeatureView
from ....architecture.program import FeatureProgram
from ....architecture.stored_features import MOMENT, blocks_over
from ....architecture.types import Column, ColumnType
from ..requests import lower
from . import feast
from .answering import to_store_completion
from .events import NEVER, AskedTooEarly, EntityHistory, UnreadableEvents, decode

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Held:
    """What a view holds of one entity: how many events, none where it is unknown, and after which moment they are all that matter."""

    view: str
    entity: dict[str, Any]
    events: int | None
    since: datetime | None
    plain: dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """Values at a moment, and what the views hold that they are from."""

    at: datetime
    exact: dict[str, Any]
    held: list[Held]


class Looking:
    """The store of a system, read through Feast's own client."""

    def __init__(self, architecture: Architecture, views: Mapping[str, FeatureView], repository: Path) -> None:
        self.architecture = architecture
        self.views = views
        self._feast = feast.opened(repository)
        self._known = feast.known(self._feast)

    def at_view(self, name: str, entity: dict[str, Any], at: datetime) -> Seen:
        """Return the values of the blocks over a view for an entity at a moment. Raises ArchitectureError as `at_program` does."""
        view, row, exact = self.views[name], {**entity, MOMENT: at}, dict[str, Any]()
        history = self._events(view, row)
        for block in blocks_over(self.architecture, view):
            values = self._values(block.program, row, {name: history})
            exact |= {f"{block.block}.{feature}": value for feature, value in values.items()}
        return Seen(at, exact, [self._held(view, row, history)])

    def at_program(self, program: FeatureProgram, row: Mapping[str, Any], at: datetime | None) -> Seen:
        """Return the values of a program for a request, at its own moment or at another one.

        Raises ArchitectureError when what was known then is no longer kept (MLA614), or the store holds something else (MLA608).
        """
        asked = program
        if at is not None:
            inputs = (*program.inputs, Column(name=MOMENT, type=ColumnType.TIMESTAMP))
            asked, row = msgspec.structs.replace(program, inputs=inputs, as_of=Name((MOMENT,))), {**row, MOMENT: at}
        assert asked.as_of is not None, "a program with histories has a moment"
        moment = lower(asked.as_of, asked.columns)(dict(row))
        views = [self.views[name] for name in dict.fromkeys(to_store_completion(asked).views)]
        histories = {view.name: self._events(view, row) for view in views}
        return Seen(moment, self._values(asked, row, histories), [self._held(view, row, histories[view.name]) for view in views])

    def _values(self, program: FeatureProgram, row: Mapping[str, Any], histories: Mapping[str, EntityHistory | None]) -> dict[str, Any]:
        completion = to_store_completion(program)
        try:
            complete = completion.complete(dict(row), [histories[view] for view in completion.views])
        except AskedTooEarly as problem:
            help = "a later moment, or a longer `keep` of the `feature_store`; Feast's `get_historical_features` reads all of the past"
            raise ArchitectureError("MLA614", str(problem), help=help) from None
        except UnreadableEvents as problem:
            raise _unreadable(problem) from None
        return {feature.name: lower(feature.expression, program.columns)(complete) for feature in program.features}

    def _events(self, view: FeatureView, row: Mapping[str, Any]) -> EntityHistory | None:
        if view.field not in self._known.get(view.name, ()):
            help = "`mlarch features materialize` makes it anew"
            raise ArchitectureError("MLA608", f"Feast's registry has lost the view `{view.name}`", help=help)
        blob = self._plain(view.name, [view.field], row, view.entity).get(view.field)
        try:
            return decode(blob) if blob else None
        except UnreadableEvents as problem:
            raise _unreadable(problem) from None

    def _plain(self, view: str, fields: Iterable[str], row: Mapping[str, Any], entity: Iterable[str]) -> dict[str, Any]:
        """Return what a standard client is told of the entity of a row: of an entity that has one, and of fields that are registered."""
        of, asked = {name: row[name] for name in entity}, [name for name in fields if name in self._known.get(view, ())]
        return feast.current(self._feast, view, asked, of) if asked and None not in of.values() else {}

    def _held(self, view: FeatureView, row: Mapping[str, Any], history: EntityHistory | None) -> Held:
        entity, plain = {name: row[name] for name in view.entity}, dict[str, Any]()
        for block in blocks_over(self.architecture, view):
            found = self._plain(block.view, block.program.names, row, view.entity)
            plain |= {f"{block.block}.{name}": value for name, value in found.items()}
        if history is None:
            return Held(view.name, entity, None, None, plain)
        since = history.exact_after(view.window, view.rank)
        return Held(view.name, entity, history.count, None if since == NEVER else _EPOCH + timedelta(microseconds=since), plain)


def _unreadable(problem: UnreadableEvents) -> ArchitectureError:
    return ArchitectureError("MLA608", str(problem), help="`mlarch features materialize --full` writes every entity anew")
