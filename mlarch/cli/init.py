"""`mlarch init`."""

from __future__ import annotations

import json
import keyword
import os
import re
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..architecture.blocks.system import Problem
from ..architecture.errors import ArchitectureError
from ..language.files import architectures_in, display
from .options import json_option
from .workflows import Host, Workflow, place, workflow

if TYPE_CHECKING:
    from ..runtime.data.starter import Starter

#: A data file outside the project is copied into it up to this size, and referred to where it lies above it.
COPIED = 100_000_000
REQUESTS = {Host.GITHUB: "pull request", Host.GITLAB: "merge request"}
PROBLEMS = (Problem.CLASSIFICATION, Problem.REGRESSION)
_IGNORED = "# state, models and run records of mlarch; the build can be made again\n.mlarch/\nbuild/\n__pycache__/\n"


@dataclass(frozen=True)
class Data:
    """The data of a new project: the file to read, its path in the project, and how it gets there: by copy, as text, or not at all."""

    file: Path | None
    written: str
    copy: bool = False
    text: str | None = None


@click.command("init")
@click.argument("folder", required=False, default=".", type=click.Path(path_type=Path), metavar="[FOLDER]")
@click.option("--problem", type=click.Choice([each.value for each in PROBLEMS]), help="What is predicted; told from the label if absent.")
@click.option(
    "--data", type=click.Path(path_type=Path), metavar="FILE", help="A .csv, .tsv, .parquet or .jsonl file; the schema is inferred from it."
)
@click.option("--label", metavar="COLUMN", help="The column to predict; guessed from the names if absent.")
@click.option("--ci", type=click.Choice([each.value for each in Host]), help="Also write the workflow that checks and plans each change.")
@json_option
def command(folder: Path, problem: str | None, data: Path | None, label: str | None, ci: str | None, as_json: bool) -> None:
    """Start a project: an architecture file that passes `mlarch check`, and data to run it on.

    With --data the schema, simple features and the label come from the file; without it a small table is generated. Nothing that exists is
    overwritten. In a folder that has an architecture, --ci writes its workflow alone.

    \b
    mlarch init churn --data customers.csv --label churned
    mlarch init prices --problem regression
    mlarch init --ci github
    """
    from ..runtime.data.sample import sample

    wanted, host = Problem(problem) if problem else None, Host(ci) if ci else None
    if host is not None:
        place(host, folder)
        if present := architectures_in(folder):
            if data or problem or label:
                raise click.UsageError(f"{display(folder)} has an architecture already: --ci stands alone there")
            _say_ci(_write_ci(workflow(host, folder, present)), host, as_json=as_json)
            return
    if data is None and label is not None:
        raise click.UsageError("--label names a column of --data FILE")
    name = plain_name(folder.resolve().name, "project")
    _room(folder, name)
    if data is None:
        table, text, label = sample(wanted or Problem.CLASSIFICATION)
        made = Data(None, f"data/{table}.csv", text=text)
    else:
        made = _placed(data, folder)
    started = _start(made, folder, name, wanted, label)
    written = _write(folder, name, made, started)
    if host is not None:
        written.append(_write_ci(workflow(host, folder, written[:1])))
    _say(folder, name, started, written, as_json=as_json)


def plain_name(text: str, otherwise: str) -> str:
    """Return a text as a name that every engine takes: ASCII letters, digits and underscores, and no word of Python's or Dagster's."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"\W+", "_", plain).strip("_").lower() or otherwise
    return f"{otherwise}_{name}" if name[0].isdigit() or keyword.iskeyword(name) or name == "context" else name


def _room(folder: Path, name: str) -> None:
    """Refuse a place where something would be overwritten, or where an architecture is already."""
    if folder.exists() and not folder.is_dir():
        raise ArchitectureError("MLA011", f"{display(folder)} is a file", help="name a folder that is to be made")
    present = architectures_in(folder)
    if present:
        raise ArchitectureError(
            "MLA011", f"{display(folder)} has an architecture already: {present[0].name}", help="name another folder: `mlarch init FOLDER`"
        )


def _placed(data: Path, folder: Path) -> Data:
    """A file inside the project is named where it lies; one outside is copied, unless it is large."""
    inside, file = folder.resolve(), data.resolve()
    if file.is_relative_to(inside):
        return Data(data, file.relative_to(inside).as_posix())
    if file.is_file() and file.stat().st_size > COPIED:
        return Data(data, Path(os.path.relpath(file, inside)).as_posix())
    return Data(data, f"data/{file.name}", copy=True)


def _start(data: Data, folder: Path, name: str, problem: Problem | None, label: str | None) -> Starter:
    """Infer and write the text before anything is put on the disk."""
    import tempfile

    from ..runtime.data.inference import infer
    from ..runtime.data.starter import starter

    for path in _targets(folder, data):
        if path.exists():
            raise ArchitectureError("MLA011", f"{display(path)} exists already", help="name another folder: `mlarch init FOLDER`")
    source = plain_name(Path(data.written).stem, "data")
    if data.file is not None:
        return starter(infer(data.file, data.written), name, source, problem, label)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / Path(data.written).name
        file.write_text(data.text or "", encoding="utf-8")
        return starter(infer(file, data.written), name, source, problem, label)


def _targets(folder: Path, data: Data) -> list[Path]:
    return [folder / data.written] if data.copy or data.text is not None else []


def _write(folder: Path, name: str, data: Data, started: Starter) -> list[Path]:
    written = [folder / f"{name}.mlarch", *_targets(folder, data)]
    ignored = folder / ".gitignore"
    try:
        for path in written:
            path.parent.mkdir(parents=True, exist_ok=True)
        if data.copy and data.file is not None:
            shutil.copyfile(data.file, folder / data.written)
        elif data.text is not None:
            (folder / data.written).write_text(data.text, encoding="utf-8")
        if not ignored.exists():
            ignored.write_text(_IGNORED, encoding="utf-8")
            written.append(ignored)
        # The architecture comes last: where it stands, the project is whole.
        written[0].write_text(started.text, encoding="utf-8")
    except OSError as problem:
        raise ArchitectureError(
            "MLA011", f"cannot write {display(folder)}: {problem.strerror}", help="name a folder that may be written to"
        ) from None
    return written


def _write_ci(made: Workflow) -> Path:
    try:
        made.path.parent.mkdir(parents=True, exist_ok=True)
        made.path.write_text(made.text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise ArchitectureError(
            "MLA011", f"cannot write {display(made.path)}: {problem.strerror}", help="is there a file where a folder should be?"
        ) from None
    return made.path


def _say_ci(path: Path, host: Host, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"ok": True, "files": [path.as_posix()]}))
        return
    click.echo(f"wrote {display(path)}")
    click.echo(f"Next: {'' if host is Host.GITHUB else 'set the CI/CD variable MLARCH_TOKEN, '}commit it and open a {REQUESTS[host]}.")


def _say(folder: Path, name: str, started: Starter, written: list[Path], *, as_json: bool) -> None:
    if as_json:
        files = [path.as_posix() for path in written]
        click.echo(
            json.dumps(
                {
                    "ok": True,
                    "name": name,
                    "files": files,
                    "label": started.label,
                    "problem": started.problem.value,
                    "unused": started.unused,
                }
            )
        )
        return
    for path in written:
        click.echo(f"wrote {display(path)}")
    click.echo(f"It predicts `{started.label}`, a {started.problem.value}.")
    if started.unused:
        click.echo(f"No feature reads {', '.join(f'`{each}`' for each in started.unused)}.")
    go = "" if folder.resolve() == Path.cwd() else f"cd {display(folder)} && "
    click.echo(f"Next: {go}mlarch check && mlarch run")
