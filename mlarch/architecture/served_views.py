"""What the online store keeps beside what the file says: what versions that are served read, by the files that they were trained by.

A build says what its file says. What is served is known to the registry alone, and is added where the store is filled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from .architecture import Architecture
from .blocks.source import Refresh
from .feature_views import FeatureView, both, columns_read, highest_rank, longest_window, view_for, view_of, views_of
from .program import History
from .stored_features import current_values, exact_values


class ServedVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a model that online deployments serve, with the histories that its requests read."""

    model: str
    version: str
    deployments: tuple[str, ...]
    histories: tuple[History, ...]

    @property
    def told(self) -> str:
        """The version as it is told to people."""
        return f"version {self.version} of `{self.model}`"


def views_with(architecture: Architecture, versions: Iterable[ServedVersion]) -> dict[str, FeatureView]:
    """Return the views of a checked architecture, with all that versions read beside, as far as its sources have it.

    A view that only a version reads comes after those of the file.
    """
    found = views_of(architecture)
    for version in versions:
        for history in version.histories:
            if not any(lacking(architecture, history)):
                made = view_for(architecture, history, version.model, version.deployments)
                found[made.name] = both(architecture, found[made.name], made) if made.name in found else made
    return found


def lacking(architecture: Architecture, history: History) -> Iterator[str]:
    """Yield what an architecture has no more of what a history was trained to read, or has otherwise."""
    source, view = architecture.source.get(history.source), view_of(history)
    if source is None:
        yield f"`source.{history.source}`"
        return
    columns = {column.name: column for column in source.schema.columns}
    trained = {column.name: column for column in history.columns}
    for name in dict.fromkeys((*history.entity, *_times(history), *sorted(columns_read(history)))):
        if name not in columns or (name in trained and trained[name].kind is not columns[name].kind):
            yield f"`{name}`" if name not in columns else f"`{name}` as it was"
    declared = views_of(architecture).get(view)
    if declared is not None and _rules(declared) != _rules(history):
        yield "the rules of when a row is visible"
    if view.lower() in {name.lower() for name in _others(architecture)}:
        yield f"the name `{view}`"


def covers(view: FeatureView, history: History) -> bool:
    """Tell whether a view keeps all that a history reads."""
    wide = view.window >= longest_window(history) and view.rank >= highest_rank(history)
    return _rules(view) == _rules(history) and wide and columns_read(history) <= {column.name for column in view.columns}


def _others(architecture: Architecture) -> Iterator[str]:
    """Yield what else has a name in the store."""
    yield from (each.view for each in current_values(architecture))
    yield from (each.view for each in exact_values(architecture))


def _rules(read: History | FeatureView) -> tuple[str, str | None, Refresh]:
    """Return what says when a row is visible."""
    return read.timestamp, read.known_at, read.refresh


def _times(history: History) -> Iterator[str]:
    yield from (name for name in (history.timestamp, history.known_at) if name is not None)
