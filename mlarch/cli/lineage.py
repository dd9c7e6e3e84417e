"""`mlarch data lineage`: from a model, or from the version that a prediction names, back to the rows and the files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .failures import reported
from .options import architecture_file, json_option, load_project, require

if TYPE_CHECKING:
    from ..api import Project
    from ..runtime.state import State

#: So many files are named in a text; `--json` has all of them.
SHOWN = 5


@click.command("lineage")
@architecture_file
@click.option("--version", metavar="N", help="The version that a prediction names, instead of those of the last run.")
@click.option("--model", metavar="NAME", help="The model; needed with --version where there are several.")
@json_option
def command(
    file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...], version: str | None, model: str | None, as_json: bool
) -> None:
    """Follow each model of the last run, or one version, back to the rows and the files that it was made of.

    An answer of a deployment names its model and version: with them this leads from a prediction to the files.

    \b
    mlarch data lineage cancer.mlarch
    mlarch data lineage cancer.mlarch --version 3
    """
    project = load_project(file, overrides, overlays)
    chains = [*_chains(project, model)] if version is None else [_of_version(project, model, version, as_json=as_json)]
    if as_json:
        click.echo(json.dumps(chains))
        return
    click.echo("\n\n".join(_told(chain) for chain in chains) or "nothing yet: `mlarch run`")


def _chains(project: Project, model: str | None) -> Iterator[dict[str, Any]]:
    """What the last run came to."""
    from ..runtime.artifacts import Prepared, Registered, Trained
    from ..runtime.state import State
    from .overview import overview

    seen, state = overview(project), State(project.path.resolve().parent)
    for owner in seen.owners:
        prepared, trained, registered = (seen.value(owner, kind) for kind in ("features", "trained", "registered"))
        if not isinstance(prepared, Prepared) or model not in (None, owner):
            continue
        sources = project.architecture.source if project.architecture else {}
        wanted = dict.fromkeys(sources, prepared.dataset) | {name: each.digest for name, each in prepared.histories.items()}
        yield {
            "model": owner,
            "version": registered.version if isinstance(registered, Registered) else None,
            "uri": registered.uri if isinstance(registered, Registered) else None,
            "run": trained.run_id if isinstance(trained, Trained) else None,
            "bundle": trained.folder if isinstance(trained, Trained) else None,
            "features": {"folder": prepared.folder, "digest": prepared.digest},
            "rows": [each for each in _rows(state, wanted) if each["path"] is not None],
        }


def _of_version(project: Project, model: str | None, version: str, *, as_json: bool) -> dict[str, Any]:
    """What the registry and the record of its run say of a version."""
    require(project, as_json=as_json)
    assert project.architecture is not None
    trained = [name for name, each in project.architecture.model.items() if each.label is not None and each.origin is None]
    if model not in trained and (model is not None or len(trained) != 1):
        said = f"there is no model '{model}'" if model else "which model? --model names it"
        raise click.UsageError(f"{said}; there are {', '.join(trained)}")
    name, lock = model or trained[0], project.compile().lock
    with reported(lock, as_json=as_json):
        from ..runtime.registry.lineage import trace
        from ..runtime.state import State

        state = State(lock.root)
        found = trace(lock, name, version, state)
    return {
        "model": name,
        "version": version,
        "uri": found.uri,
        "run": found.run,
        "bundle": state.path("models", name, found.key).relative_to(lock.root).as_posix(),
        "features": {"folder": found.folder, "digest": found.features},
        "rows": list(_rows(state, found.rows)),
    }


def _rows(state: State, wanted: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The version of each source that has a digest, or begins so; one that is not kept here has no path."""
    import msgspec

    from ..runtime.data.versions import versions_of

    for source, digest in wanted.items():
        held = next((each.dataset for each in versions_of(state, source) if each.dataset.digest.startswith(digest)), None)
        yield {
            "source": source,
            "path": held.path if held else None,
            "digest": held.digest if held else digest,
            "rows": held.rows if held else None,
            "origin": held.origin if held else None,
            "files": msgspec.to_builtins(held.files) if held else [],
            "offsets": held.stream.offsets if held and held.stream else None,
        }


def _told(chain: dict[str, Any]) -> str:
    version = f"version {chain['version']}, {chain['uri']}" if chain["version"] else "not registered"
    lines = [f"model {chain['model']}: {version}"]
    if chain["run"]:
        lines.append(f"  trained in MLflow run {chain['run']}: {chain['bundle']}")
    lines.append(f"  of features {chain['features']['digest'][:16]}: {chain['features']['folder']}")
    for each in chain["rows"]:
        where = f"{each['path']}, from {each['origin']}" if each["path"] else "not kept on this machine"
        rows = f"{each['rows']:,} rows" if each["rows"] is not None else "rows"
        lines.append(f"  of {rows} {each['digest'][:16]} of `{each['source']}`: {where}")
        lines += [f"    {file['path']}, {file['bytes']:,} bytes, SHA-256 {file['digest']}" for file in each["files"][:SHOWN]]
        if len(each["files"]) > SHOWN:
            lines.append(f"    and {len(each['files']) - SHOWN} files more; `--json` names them")
    return "\n".join(lines)
