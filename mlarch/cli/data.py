"""`mlarch data`: the versions of each source's rows, what distinguishes two of them, and where a model's rows came from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .failures import reported
from .options import architecture_file, json_option, load_project

if TYPE_CHECKING:
    from ..api import Project
    from ..runtime.artifacts import Dataset
    from ..runtime.data.versions import Version
    from ..runtime.state import State


@click.group("data")
def command() -> None:
    """Show the versions of the rows that were ingested, compare two, and follow a model back to its files.

    \b
    mlarch data list
    mlarch data diff flights 3f2a 9c41
    mlarch data lineage
    """


@command.command("list")
@architecture_file
@json_option
def listing(file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...], as_json: bool) -> None:
    """List the versions of every source, the oldest first; `*` marks those of the last run.

    \b
    mlarch data list cancer.mlarch
    """
    project = load_project(file, overrides, overlays)
    state, current = _state(project), _current(project)
    from ..runtime.data.versions import versions_of

    found = {name: versions_of(state, name) for name in (project.architecture.source if project.architecture else ())}
    if as_json:
        click.echo(json.dumps({name: [_plain(each, current.get(name)) for each in versions] for name, versions in found.items()}))
        return
    lines = [line for name, versions in found.items() for line in _versions(name, versions, current.get(name))]
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

    project = load_project(file, (), ())
    if project.architecture is not None and source not in project.architecture.source:
        raise click.UsageError(f"there is no source '{source}'; there are {', '.join(project.architecture.source)}")
    state = _state(project)
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


@command.command("lineage")
@architecture_file
@json_option
def lineage(file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...], as_json: bool) -> None:
    """Follow each model of the last run from its version back to the rows and the files that it was made of.

    \b
    mlarch data lineage cancer.mlarch
    """
    chains = list(_chains(load_project(file, overrides, overlays)))
    if as_json:
        click.echo(json.dumps(chains))
        return
    click.echo("\n\n".join(_told(chain) for chain in chains) or "nothing yet: `mlarch run`")


def _state(project: Project) -> State:
    from ..runtime.state import State

    return State(project.path.resolve().parent)


def _current(project: Project) -> dict[str, Dataset]:
    from .overview import overview

    return {key.partition("/")[0]: value for key, value in overview(project).values.items() if key.endswith("/ingested")}


def _versions(source: str, versions: list[Version], current: Dataset | None) -> Iterator[str]:
    if versions:
        yield f"source {source}"
    for each in versions:
        mark = "*" if current is not None and current.digest == each.dataset.digest else " "
        sample = f", a sample of {each.dataset.sample * 100:g}%" if each.dataset.sample is not None else ""
        aside = f", {each.dataset.quarantined:,} set aside" if each.dataset.quarantined else ""
        yield f"  {mark} {each.name}  {each.made:%Y-%m-%d %H:%M} UTC  {each.dataset.rows:>12,} rows of {each.dataset.origin}{sample}{aside}"


def _plain(version: Version, current: Dataset | None) -> dict[str, Any]:
    import msgspec

    held: dict[str, Any] = msgspec.to_builtins(version.dataset)
    return {**held, "made": version.made.isoformat(), "current": current is not None and current.digest == version.dataset.digest}


def _chains(project: Project) -> Iterator[dict[str, Any]]:
    from ..runtime.artifacts import Prepared, Registered, Trained
    from ..runtime.data.versions import versions_of
    from .overview import overview

    seen, state = overview(project), _state(project)
    for owner in seen.owners:
        prepared, trained, registered = (seen.value(owner, kind) for kind in ("features", "trained", "registered"))
        if not isinstance(prepared, Prepared):
            continue
        digests = {prepared.dataset, *(each.digest for each in prepared.histories.values())}
        sources = project.architecture.source if project.architecture else {}
        rows = [each.dataset for name in sources for each in versions_of(state, name) if each.dataset.digest in digests]
        yield {
            "model": owner,
            "version": registered.version if isinstance(registered, Registered) else None,
            "uri": registered.uri if isinstance(registered, Registered) else None,
            "run": trained.run_id if isinstance(trained, Trained) else None,
            "bundle": trained.folder if isinstance(trained, Trained) else None,
            "features": {"folder": prepared.folder, "digest": prepared.digest},
            "rows": [{"source": each.source, "path": each.path, "digest": each.digest, "origin": each.origin} for each in rows],
        }


def _told(chain: dict[str, Any]) -> str:
    version = f"version {chain['version']}, {chain['uri']}" if chain["version"] else "not registered"
    lines = [f"model {chain['model']}: {version}"]
    if chain["run"]:
        lines.append(f"  trained in MLflow run {chain['run']}: {chain['bundle']}")
    lines.append(f"  of features {chain['features']['digest'][:16]}: {chain['features']['folder']}")
    lines += [f"  of rows {each['digest'][:16]} of `{each['source']}`: {each['path']}, from {each['origin']}" for each in chain["rows"]]
    return "\n".join(lines)
