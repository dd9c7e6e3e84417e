"""`mlarch features`: fill the feature store, and look into it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .entities import read_moment, read_row
from .failures import reported
from .kept import NONE, age, counting, document, line, listed, lost, made, shown
from .options import architecture_file, find_file, json_option, load_project, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..architecture.feature_views import FeatureView
    from ..architecture.lock import Lock
    from ..runtime.features.store.looking import Looking, Seen


@click.group("features")
def command() -> None:
    """Fill the feature store, and look into it.

    \b
    mlarch features list
    mlarch features materialize
    mlarch features get --view departures_by_tailnum tailnum=N14228
    """


@command.command("list")
@architecture_file
@json_option
def listing(file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...], as_json: bool) -> None:
    """List the views of the store, what each holds, and how old it is.

    \b
    mlarch features list flights.mlarch
    """
    lock = _locked(file, overrides, overlays, as_json=as_json)
    found = list(listed(lock))
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo("\n".join([*(text for each in found for text in line(each)), *lost(lock)]) or NONE)


@command.command("materialize")
@architecture_file
@click.option("--view", "views", multiple=True, metavar="VIEW", help="Only this view. May be repeated.")
@click.option("--full", is_flag=True, help="Write every entity, changed or not.")
@click.option("--dry-run", "dry", is_flag=True, help="Write nothing, and say what would be written.")
@json_option
def materializing(
    file: Path | None,
    overrides: tuple[str, ...],
    overlays: tuple[str, ...],
    views: tuple[str, ...],
    full: bool,
    dry: bool,
    as_json: bool,
) -> None:
    """Write what is known of each entity into the online store, from the rows that were validated last. Only what has changed is written.

    \b
    mlarch features materialize
    mlarch features materialize --view departures_by_tailnum --full
    """
    import msgspec

    lock = _locked(file, overrides, overlays, as_json=as_json)
    names = [_known(lock, view) for view in views]
    with reported(lock, as_json=as_json):
        from ..targets.feast.running import materialize_views

        with counting() as told:
            values = materialize_views(lock, names, full=full, dry=dry, told=told)
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(values)))
        return
    click.echo("\n".join(made(each, dry=dry) for each in values) or NONE)


@command.command("get")
@click.argument("words", nargs=-1, metavar="[FILE] KEY=VALUE...")
@click.option("--view", metavar="VIEW", help="A view: the values of the blocks over it, for one entity.")
@click.option("--model", metavar="MODEL", help="A model: its features for one request, before anything that was learnt.")
@click.option("--at", "at", metavar="TIME", help="As of a moment, such as 2013-12-31T18:00Z; now, or that of the request, if absent.")
@json_option
def getting(words: tuple[str, ...], view: str | None, model: str | None, at: str | None, as_json: bool) -> None:
    """Show the exact values of an entity at a moment, how old the store is, and the plain values that a standard Feast client reads.

    \b
    mlarch features get --view departures_by_tailnum tailnum=N14228
    mlarch features get --model late origin=JFK tailnum=N14228 --at 2013-12-31T18:00Z
    """
    if (view is None) == (model is None):
        raise click.UsageError("name --view or --model, one of the two")
    files, given = [word for word in words if "=" not in word], [word for word in words if "=" in word]
    if len(files) > 1:
        raise click.UsageError(f"one file, and then key=value: what is {files[1]}?")
    lock = _locked(*find_file(Path(files[0]) if files else None, ()), (), as_json=as_json)
    moment = read_moment(at) if at is not None else None
    with reported(lock, as_json=as_json):
        seen = _at_view(lock, _known(lock, view), given, moment) if view is not None else _at_model(lock, model or "", given, moment)
        ages = {held.view: age(lock, held.view) for held in seen.held}
    if as_json:
        click.echo(json.dumps(document(seen, ages), default=str))
        return
    click.echo("\n".join(shown(seen, ages)))


def _locked(file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...], *, as_json: bool) -> Lock:
    project = load_project(file, overrides, overlays)
    require(project, as_json=as_json)
    return project.compile().lock


def _views(lock: Lock) -> Mapping[str, FeatureView]:
    """The views that the store keeps: those of the file, and those that versions which are served read beside."""
    from ..runtime.registry.served import views_known
    from ..runtime.state import State

    return views_known(lock.architecture, State(lock.root))


def _known(lock: Lock, name: str) -> str:
    """Return the name of a view. Raises UsageError for one that is none."""
    from ..language.suggest import nearest

    names = _views(lock)
    if name not in names:
        guess = nearest(name, names)
        hint = f"did you mean '{guess}'?" if guess else f"there are {', '.join(names)}" if names else NONE
        raise click.UsageError(f"there is no view '{name}'; {hint}")
    return name


def _at_view(lock: Lock, view: str, given: list[str], at: datetime | None) -> Seen:
    keys = _views(lock)[view].keys
    row = read_row(keys, given, needed=[key.name for key in keys])
    return _looking(lock, [view]).at_view(view, row, at or datetime.now(UTC))


def _at_model(lock: Lock, model: str, given: list[str], at: datetime | None) -> Seen:
    from ..architecture.feature_views import views_of
    from ..architecture.observations import columns_in
    from ..architecture.stored_features import exact_values

    programs = {each.model: each.program for each in exact_values(lock.architecture)}
    if model not in programs:
        said = f"there are {', '.join(programs)}" if programs else NONE
        raise click.UsageError(f"there is no model '{model}' with features in the store; {said}")
    program = programs[model]
    moment = columns_in(program.as_of) if program.as_of is not None and at is None else ()
    needed = dict.fromkeys([*(name for history in program.histories for name in history.entity), *moment])
    views = [name for name, view in views_of(lock.architecture).items() if model in view.models]
    return _looking(lock, views).at_program(program, read_row(program.inputs, given, needed=list(needed)), at)


def _looking(lock: Lock, views: list[str]) -> Looking:
    """Open the store, once it is known to hold the views."""
    from ..architecture.errors import ArchitectureError
    from ..language.suggest import names as quoted
    from ..runtime.features.store.looking import Looking
    from ..runtime.features.store.opening import opened
    from ..runtime.state import State
    from ..targets.feast.repository import repository
    from ..targets.feast.running import materialized

    state = State(lock.root)
    for view in views:
        materialized(state, view)
    with opened(lock, state, dry=True) as online:
        if lost := [view for view in views if view not in online.whole()]:
            help = "`mlarch features materialize` fills it"
            raise ArchitectureError("MLA906", f"the feature store holds nothing of {quoted(lost)}: it was lost or emptied", help=help)
        kept = _views(lock)
        return Looking(lock.architecture, kept, repository(lock, state, kept))
