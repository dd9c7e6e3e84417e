"""How `mlarch features` shows the store: its views, what was written, and the values of an entity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .figures import columns
from .status import ago

if TYPE_CHECKING:
    from ..architecture.lock import Lock
    from ..runtime.artifacts import Materialized
    from ..runtime.features.store.looking import Seen
    from ..runtime.features.store.writing import Told

NONE = "no view: no model of an online deployment reads windows, lags or joins"

#: By view, when its newest event became visible, and when it was written.
Ages = Mapping[str, tuple[datetime | None, datetime]]


@contextmanager
def counting() -> Iterator[Told]:
    """Give what is told how many entities were written, and shows it on a terminal."""
    from rich.console import Console

    from .progress import Progress

    written: Counter[str] = Counter()
    with Progress(Console(stderr=True, highlight=False)) as progress:
        progress.busy("what has changed is looked for")

        def told(view: str, entities: int) -> None:
            written[view] += entities
            progress.busy(f"{view}: {written[view]:,} entities written")

        yield told


def age(lock: Lock, view: str) -> tuple[datetime | None, datetime]:
    """Return when the newest event of a view became visible, and when the view was written."""
    from ..runtime.state import State
    from ..targets.feast.running import materialized

    state = State(lock.root)
    newest = materialized(state, view).newest
    written = state.path("values", view, "materialized.json").stat().st_mtime
    return _time(newest), datetime.fromtimestamp(written, UTC)


def _time(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else datetime.fromtimestamp(microseconds / 1_000_000, UTC)


def listed(lock: Lock) -> Iterator[dict[str, Any]]:
    """Yield what is known of each view."""
    from ..architecture.feature_views import view_of
    from ..architecture.served_views import lacking
    from ..architecture.stored_features import blocks_over
    from ..runtime.artifacts import Materialized
    from ..runtime.registry.served import known_versions, views_known
    from ..runtime.state import State, read_value

    state = State(lock.root)
    served = [(version.told, history) for version in known_versions(state) for history in version.histories]
    readers = [(told, view_of(history)) for told, history in served if not any(lacking(lock.architecture, history))]
    for name, view in views_known(lock.architecture, state).items():
        value = read_value(state.path("values", name, "materialized.json"), Materialized)
        newest, written = age(lock, name) if value is not None else (None, None)
        yield {
            "view": name,
            "source": view.source,
            "entity": list(view.entity),
            "blocks": [block.view for block in blocks_over(lock.architecture, view)],
            "models": list(view.models),
            "served": [told for told, view in readers if view == name],
            "store": value.store if value is not None else None,
            "entities": value.entities if value is not None else None,
            "newest": newest.isoformat() if newest is not None else None,
            "materialized": written.isoformat(timespec="seconds") if written is not None else None,
        }


def lost(lock: Lock) -> Iterator[str]:
    """Yield what is not kept of what a version reads that requests are answered with: the fallback holds for it."""
    from ..architecture.feature_views import view_of
    from ..architecture.served_views import lacking
    from ..runtime.registry.served import known_versions
    from ..runtime.state import State

    for version in known_versions(State(lock.root)):
        for history in version.histories:
            if lacks := [*lacking(lock.architecture, history)]:
                yield f"{view_of(history)} is not kept for {version.told}: the file has no more {', '.join(lacks)}"


def line(each: dict[str, Any]) -> Iterator[str]:
    """Yield what is known of a view as lines."""
    yield f"{each['view']}: `{each['source']}` by {', '.join(each['entity'])}, for {', '.join(each['models'])}"
    if each["blocks"]:
        yield f"  values of {', '.join(each['blocks'])}"
    if each["served"]:
        yield f"  read by {' and '.join(each['served'])}, which requests are answered with"
    if each["materialized"] is None:
        yield "  not materialized yet: `mlarch features materialize`"
        return
    newest = f", newest event {ago(datetime.fromisoformat(each['newest']))}" if each["newest"] else ""
    yield f"  {each['entities']:,} entities in {each['store']}, materialized {ago(datetime.fromisoformat(each['materialized']))}{newest}"


def made(value: Materialized, *, dry: bool) -> str:
    """Return what was written of a view, or would be, in a line or more."""
    would = "would be written" if dry else "written"
    gone = f", {value.deleted:,} {'to be ' if dry else ''}taken out" if value.deleted else ""
    blocks = "".join(f"\n  {view}: {count:,} {would}" for view, count in value.values.items())
    return f"{value.view}: {value.written:,} of {value.entities:,} entities {would}{gone}, {value.seconds:.1f} s, {value.store}{blocks}"


def shown(seen: Seen, ages: Ages) -> Iterator[str]:
    """Yield what the store holds and the values from it as lines."""
    for held in seen.held:
        newest, written = ages[held.view]
        told = f", newest event {newest:%Y-%m-%d %H:%M:%S} UTC, {ago(newest)}" if newest is not None else ""
        yield f"{held.view}: materialized {ago(written)}{told}"
        entity = ", ".join(f"{name}={value}" for name, value in held.entity.items())
        if held.events is None:
            yield f"  nothing is known of {entity}: an empty history"
            continue
        since = f", exact for moments after {held.since:%Y-%m-%d %H:%M:%S} UTC" if held.since is not None else ""
        yield f"  {held.events:,} events of {entity}{since}"
    plain = {name: value for held in seen.held for name, value in held.plain.items()}
    rows = [(name, _value(value), _value(plain[name]) if name in plain else "") for name, value in seen.exact.items()]
    yield ""
    yield from columns([("", f"at {seen.at:%Y-%m-%d %H:%M:%S} UTC" if seen.at else "at no moment", "plain, as of the newest event"), *rows])


def _value(value: Any) -> str:
    if value is None:
        return "missing"
    return f"{value:g}" if isinstance(value, float) else str(value)


def document(seen: Seen, ages: Ages) -> dict[str, Any]:
    """Return all of it for machines."""
    return {
        "at": seen.at,
        "exact": seen.exact,
        "views": [
            {
                "view": held.view,
                "entity": held.entity,
                "known": held.events is not None,
                "events": held.events,
                "since": held.since,
                "newest": ages[held.view][0],
                "materialized": ages[held.view][1],
                "plain": held.plain,
            }
            for held in seen.held
        ],
    }
