"""`mlarch data`: the versions of each source's rows, what distinguishes two, which one is pinned, and where a model's rows came from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .failures import reported
from .lineage import command as lineage
from .options import architecture_file, json_option, load_project

if TYPE_CHECKING:
    from ..api import Project
    from ..runtime.artifacts import Dataset
    from ..runtime.data.pins import Pin
    from ..runtime.data.versions import Version
    from ..runtime.state import State


@click.group("data")
def command() -> None:
    """Show the versions of the rows that were ingested, compare two, pin one, and follow a model back to its files.

    \b
    mlarch data list
    mlarch data diff flights 3f2a 9c41
    mlarch data pin flights 3f2a
    mlarch data lineage
    """


@command.command("list")
@architecture_file
@json_option
def listing(file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...], as_json: bool) -> None:
    """List the versions of every source, the oldest first; `*` marks those of the last run, and what is pinned is told.

    \b
    mlarch data list cancer.mlarch
    """
    project = load_project(file, overrides, overlays)
    state, current = _state(project), _current(project)
    from ..runtime.data.pins import FILE, pins_of
    from ..runtime.data.versions import versions_of

    with reported(as_json=as_json):
        pins = pins_of(state.root)
    found = {name: versions_of(state, name) for name in (project.architecture.source if project.architecture else pins)}
    if as_json:
        told = {name: [_plain(each, current.get(name), pins.get(name)) for each in versions] for name, versions in found.items()}
        click.echo(json.dumps(told))
        return
    lines = [line for name, versions in found.items() for line in _versions(name, versions, current.get(name), pins.get(name))]
    lines += [f"{FILE} pins `{name}`, and there is no such source: `mlarch data unpin {name}`" for name in pins if name not in found]
    click.echo("\n".join(lines) if lines else "nothing yet: `mlarch run`")


@command.command("diff")
@click.argument("source")
@click.argument("before")
@click.argument("after")
@click.option("--file", type=click.Path(path_type=Path), metavar="FILE", help="The architecture file, where the folder has several.")
@json_option
def compared(source: str, before: str, after: str, file: Path | None, as_json: bool) -> None:
    """Say what distinguishes two versions of a source; each is named by the first digits of its digest.

    \b
    mlarch data diff flights 3f2a 9c41
    """
    import msgspec

    from ..runtime.data.versions import difference, version_named

    state = _state(_with_source(source, file))
    with reported(as_json=as_json):
        one, other = (version_named(state, source, name) for name in (before, after))
        found = difference(state, one, other)
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(found)))
        return
    lines = [f"{source} {one.name} → {other.name}", f"  {found.removed:,} rows gone, {found.added:,} rows come"]
    lines += [f"  column {name} gone" for name in found.columns_removed] + [f"  column {name} come" for name in found.columns_added]
    moved = sorted((each for each in found.drifts if each.psi >= 0.001), key=lambda each: -each.psi)
    lines += [f"  {each.column:20} has moved: PSI {each.psi:.3f}" for each in moved] or ["  no column has moved"]
    click.echo("\n".join(lines))


@command.command("pin")
@click.argument("source")
@click.argument("version")
@click.option("--file", type=click.Path(path_type=Path), metavar="FILE", help="The architecture file, where the folder has several.")
@json_option
def pinning(source: str, version: str, file: Path | None, as_json: bool) -> None:
    """Let runs read one version of a source instead of what it has now; `data.lock.json` says so, to be committed.

    \b
    mlarch data pin flights 3f2a
    """
    from ..runtime.data.pins import FILE, pin
    from ..runtime.data.versions import version_named

    state = _state(_with_source(source, file))
    with reported(as_json=as_json):
        found = version_named(state, source, version)
        pin(state, found.dataset)
    if as_json:
        click.echo(json.dumps({"source": source, "version": found.name, "digest": found.dataset.digest, "file": FILE}))
        return
    click.echo(f"{source} is pinned to {found.name}, {found.dataset.rows:,} rows: commit {FILE}; `mlarch run` reads it from now on")


@command.command("unpin")
@click.argument("source")
@click.option("--file", type=click.Path(path_type=Path), metavar="FILE", help="The architecture file, where the folder has several.")
@json_option
def unpinning(source: str, file: Path | None, as_json: bool) -> None:
    """Let runs read what a source has now again.

    \b
    mlarch data unpin flights
    """
    from ..runtime.data.pins import unpin

    project = load_project(file, (), ())  # the source may be gone from it
    with reported(as_json=as_json):
        was = unpin(_state(project), source)
    if as_json:
        click.echo(json.dumps({"source": source, "was_pinned": was}))
        return
    click.echo(f"{source} is read as it is now, from the next run on" if was else f"{source} was not pinned")


command.add_command(lineage)


def _with_source(source: str, file: Path | None) -> Project:
    """Load the file, and see that it has the source."""
    project = load_project(file, (), ())
    if project.architecture is not None and source not in project.architecture.source:
        raise click.UsageError(f"there is no source '{source}'; there are {', '.join(project.architecture.source)}")
    return project


def _state(project: Project) -> State:
    from ..runtime.state import State

    return State(project.path.resolve().parent)


def _current(project: Project) -> dict[str, Dataset]:
    from .overview import overview

    return {key.partition("/")[0]: value for key, value in overview(project).values.items() if key.endswith("/ingested")}


def _versions(source: str, versions: list[Version], current: Dataset | None, pin: Pin | None) -> Iterator[str]:
    if versions or pin is not None:
        yield f"source {source}"
    if pin is not None and all(each.dataset.digest != pin.digest for each in versions):
        yield f"    {pin.name}  pinned, {pin.rows:,} rows; it is not kept on this machine"
    for each in versions:
        mark = "*" if current is not None and current.digest == each.dataset.digest else " "
        sample = f", a sample of {each.dataset.sample * 100:g}%" if each.dataset.sample is not None else ""
        aside = f", {each.dataset.quarantined:,} set aside" if each.dataset.quarantined else ""
        pinned = ", pinned" if pin is not None and pin.digest == each.dataset.digest else ""
        said = f"{each.dataset.rows:>12,} rows of {each.dataset.origin}{sample}{aside}{pinned}"
        yield f"  {mark} {each.name}  {each.made:%Y-%m-%d %H:%M} UTC  {said}"


def _plain(version: Version, current: Dataset | None, pin: Pin | None) -> dict[str, Any]:
    import msgspec

    held: dict[str, Any] = msgspec.to_builtins(version.dataset)
    digest = version.dataset.digest
    marks = {"current": current is not None and current.digest == digest, "pinned": pin is not None and pin.digest == digest}
    return {**held, "made": version.made.isoformat(), **marks}
