"""`mlarch predict`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..architecture.errors import ArchitectureError
from .failures import Ended, reported
from .options import architecture_file, find_file, json_option, load_project, require

if TYPE_CHECKING:
    from ..runtime.serving.client import Client
    from ..runtime.serving.decoding import Refused
    from ..runtime.serving.hosting import Served
    from ..runtime.serving.inprocess import Offline
    from ..runtime.state import State

ROWS_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


@click.command("predict")
@architecture_file
@click.option("--row", "given", multiple=True, metavar="JSON", help="A row, such as '{\"age\": 41}'. May be repeated.")
@click.option("--rows", "table", type=ROWS_FILE, metavar="FILE", help="Rows from .csv, .tsv, .jsonl, .json, .parquet; - is JSON on stdin.")
@click.option("--deployment", "name", metavar="NAME", help="Which deployment; needed where several run.")
@click.option("--times", type=click.IntRange(min=1), metavar="N", help="Ask N times, one after another, and say how long it took.")
@click.option("--offline", is_flag=True, help="Answer in this process, without a server; histories are read from the feature store.")
@json_option
def command(
    file: Path | None,
    overrides: tuple[str, ...],
    overlays: tuple[str, ...],
    given: tuple[str, ...],
    table: Path | None,
    name: str | None,
    times: int | None,
    offline: bool,
    as_json: bool,
) -> None:
    """Ask the running deployment for predictions. Without rows it is asked with one of the test part, as an example.

    \b
    mlarch predict
    mlarch predict --row '{"mean_radius": 17.9, "mean_texture": 10.4, "mean_area": 1001.0, "mean_concavity": 0.3}'
    mlarch predict --rows patients.csv --json
    mlarch predict --times 1000
    """
    if given and table:
        raise click.UsageError("give --row or --rows, not both")
    if offline:
        if times or name:
            raise click.UsageError("--offline asks no server: it goes with neither --times nor --deployment")
        _offline(file, overrides, overlays, given, table, as_json=as_json)
        return
    path, changes = find_file(file, overrides)
    if changes or overlays:
        raise click.UsageError("a server answers as it was started; overrides and overlays go with --offline")
    _online(path, given, table, name, times, as_json=as_json)


def _online(path: Path, given: tuple[str, ...], table: Path | None, name: str | None, times: int | None, *, as_json: bool) -> None:
    from ..runtime.serving.client import Client
    from ..runtime.serving.decoding import Refused
    from ..runtime.state import State

    if not path.exists():
        raise click.UsageError(f"there is no file {path}")
    state = State(path.resolve().parent)
    with reported(as_json=as_json):
        served = _running(state, name, path)
        with Client(served) as client:
            rows = _rows(client, state, served.model, given, table)
            try:
                answer, seconds = client.time(rows, times) if times else (client.predict(rows), [])
            except Refused as refused:
                raise _refused(refused, as_json=as_json) from None
    _say(answer, seconds, as_json=as_json)


def _offline(
    file: Path | None, overrides: tuple[str, ...], overlays: tuple[str, ...], given: tuple[str, ...], table: Path | None, *, as_json: bool
) -> None:
    project = load_project(file, overrides, overlays)
    require(project, as_json=as_json)
    lock = project.compile().lock
    with reported(lock, as_json=as_json):
        from ..runtime.serving.decoding import Refused
        from ..runtime.serving.inprocess import Offline
        from ..runtime.state import State

        model = Offline(lock)
        rows = _rows(model, State(lock.root), model.model, given, table)
        try:
            answer = model.predict(rows)
        except Refused as refused:
            raise _refused(refused, as_json=as_json) from None
    _say(answer, [], as_json=as_json)


def _running(state: State, name: str | None, path: Path) -> Served:
    """The server that is meant, by its record."""
    from ..language.suggest import names
    from ..runtime.serving.hosting import every_recorded

    running = {each: served for each, served in every_recorded(state).items() if served.alive}
    if name is None and len(running) == 1:
        return next(iter(running.values()))
    if name in running:
        return running[name]
    if running:
        said = "which deployment is meant?" if name is None else f"`{name}` is not running"
        raise ArchitectureError("MLA703", said, help=f"name one of {names(running)} with --deployment")
    said = f"no server of {path.name} is running" if name is None else f"`{name}` is not running"
    raise ArchitectureError("MLA703", said, help="`mlarch serve --local` starts one; `mlarch predict --offline` needs none")


def _rows(asked: Client | Offline, state: State, model: str, given: tuple[str, ...], table: Path | None) -> list[Any]:
    """The rows that are meant; a test row where none is given."""
    from ..runtime.serving.example import example_row
    from ..runtime.serving.rows import read_rows, rows_of

    if given:
        return [row for text in given for row in rows_of(text.encode())]
    if table is not None and str(table) == "-":
        return rows_of(sys.stdin.buffer.read())
    if table is not None:
        rows, left = read_rows(table, asked.columns())
        if left:
            click.echo(f"not columns of the request, and left out: {', '.join(left)}", err=True)
        return rows
    row = example_row(state, model, asked.columns())
    if row is None:
        raise ArchitectureError("MLA704", "no rows are given, and no test rows are here to try", help="give --row JSON or --rows FILE")
    click.echo(f"no rows are given; a row of the test part is asked for: {json.dumps(row)}", err=True)
    return [row]


def _refused(refused: Refused, *, as_json: bool) -> Ended:
    """Say what the server has against the rows, field by field."""
    if as_json:
        fields = [{"row": each.row, "field": each.field, "problem": each.problem} for each in refused.problems]
        click.echo(json.dumps({"error": {"code": "MLA704", "message": refused.message, "fields": fields}}))
        return Ended(1)
    click.echo(f"error[MLA704]: {refused.message}", err=True)
    if len(refused.problems) > 1 or any(each.row for each in refused.problems):
        for each in refused.problems:
            click.echo(f"  row {each.row}: {f'`{each.field}` ' if each.field else ''}{each.problem}", err=True)
    return Ended(1)


def _say(answer: dict[str, Any], seconds: list[float], *, as_json: bool) -> None:
    from ..runtime.serving.client import percentile

    measured = {}
    if seconds:
        p50, p99 = (round(percentile(seconds, share) * 1000, 3) for share in (0.5, 0.99))
        measured = {"times": len(seconds), "p50_ms": p50, "p99_ms": p99, "per_second": round(len(seconds) / sum(seconds))}
    fallen = list(dict.fromkeys(view for each in answer["predictions"] for view in each.get("fallback", ())))
    if fallen:
        click.echo(f"fallback: the feature store gave no answer of {', '.join(fallen)}; what is of them was taken as missing", err=True)
    if as_json:
        click.echo(json.dumps({**answer, **({"measured": measured} if measured else {})}))
        return
    click.echo(f"{answer['model']} version {answer['version']}")
    for line in _table(answer["predictions"]):
        click.echo(line)
    if measured:
        said = "asked {times} times, one after another: p50 {p50_ms} ms, p99 {p99_ms} ms, {per_second} requests a second"
        click.echo(said.format(**measured))


def _table(predictions: list[dict[str, Any]]) -> list[str]:
    """Answers as lines: one field a line for one row, one row a line for several."""
    from .figures import columns

    flat = [_flat(each) for each in predictions]
    if len(flat) == 1:
        return list(columns([(name, shown) for name, shown in flat[0].items()]))
    names = list(dict.fromkeys(name for each in flat for name in each))
    return list(columns([("row", *names), *((str(number), *(each.get(name, "") for name in names)) for number, each in enumerate(flat))]))


def _one(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, list) else value


def _flat(answer: dict[str, Any]) -> dict[str, str]:
    shown: dict[str, str] = {}
    for name, value in answer.items():
        parts = {f"p({key})": part for key, part in value.items()} if isinstance(value, dict) else {name: _one(value)}
        shown.update({key: f"{part:.4f}" if isinstance(part, float) else json.dumps(part).strip('"') for key, part in parts.items()})
    return shown
