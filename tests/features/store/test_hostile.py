"""What goes wrong between writing and reading, one thing at a time: the store never says of an entity what training would not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

import mlarch
from mlarch.architecture.architecture import Architecture
from mlarch.architecture.blocks.features import Features
from mlarch.architecture.blocks.model import Model
from mlarch.architecture.blocks.source import Csv, Schema, Source
from mlarch.architecture.blocks.system import Problem, System
from mlarch.architecture.expressions import Apply, Literal, Name, Window
from mlarch.architecture.histories import program_of
from mlarch.architecture.quantities import parse_quantity
from mlarch.architecture.vocabulary import Definition, Reference
from mlarch.runtime.features.store import feast, writing
from mlarch.runtime.features.store.layout import hash_field, hash_name, keys_of
from mlarch.runtime.state import State
from mlarch.targets.feast.repository import repository

from ...redis import Server, server
from ..histories.cases import COLUMNS, Case, Row
from .generated import Running

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
X = Name(("x",))


def system(*entity: str) -> Case:
    """A model that reads the number of an entity's rows of the last hour, their sum, and the latest one's x."""
    hour = parse_quantity("1h")
    features = {
        "many": Window(Apply("count", ()), hour),
        "total": Window(Apply("sum", (X,)), hour),
        "latest": Apply("lag", (X, Literal(1))),
    }
    written = {name: Definition(each) for name, each in features.items()}
    groups = {
        name: Features(name=name, source=Reference("source", source), entity=entity, feature=written)
        for name, source in (("g", "kept"), ("own", "asked"))
    }
    sources = {
        name: Source(name=name, connector=Csv(f"{name}.csv"), schema=Schema(columns=COLUMNS), timestamp="happened", entity=entity)
        for name in ("asked", "kept")
    }
    model = Model(name="m", observations=Reference("source", "asked"), features=(Reference("features", "g"),))
    of = System(name="s", problem=Problem.CLASSIFICATION)
    architecture = Architecture(language="1.0", system=of, source=sources, features=groups, model={"m": model})
    return Case(program_of(architecture, model), [], {}, architecture)


def row(happened: datetime, x: float = 1.0, **other: Any) -> Row:
    """A row of the source, of ada."""
    nothing = dict.fromkeys(column.name for column in COLUMNS)
    return {**nothing, "who": "ada", "happened": happened, "x": x, **other}


def ago(**time: float) -> datetime:
    """So long before now."""
    return NOW - timedelta(**time)


def interrupted(view: str, entities: int) -> None:
    """End a materialization after its first batch is in the store."""
    raise KeyboardInterrupt


@pytest.fixture
def running(tmp_path: Path) -> Running:
    """The system, with nothing in its store."""
    return Running(system("who"), tmp_path)


def test_a_row_of_the_far_future_takes_nothing_from_the_others(running: Running) -> None:
    """One row from a clock that is years ahead is not seen yet, and what is known now is answered as before."""
    rows = [row(ago(days=number)) for number in range(9)] + [row(NOW + timedelta(days=3000), who="bob")]
    rows += [row(ago(minutes=10), 5.0), row(NOW + timedelta(days=9), 7.0)]
    running.materialized({"kept": rows, "asked": []})
    ((_, refused),) = running.completed([row(NOW + timedelta(seconds=1))])
    assert not refused
    assert running.compared({"kept": rows, "asked": []}, [row(NOW + timedelta(seconds=1)), row(ago(hours=3))]) == 6


def test_what_was_cut_short_is_written_when_the_rows_are_as_before(running: Running) -> None:
    """A run that ends between the store and the manifest leaves no entity behind that is taken for written, nor one for taken out."""
    first, second = [row(ago(minutes=9), 1.0)], [row(ago(minutes=9), 2.0), row(ago(minutes=8), 4.0, who="bob")]
    asked = [row(NOW), row(NOW, who="bob")]
    running.materialized({"kept": first, "asked": []})
    with pytest.raises(KeyboardInterrupt):
        running.materialized({"kept": second, "asked": []}, told=interrupted)
    running.materialized({"kept": first, "asked": []})
    assert running.compared({"kept": first, "asked": []}, asked) == 6


def test_what_was_to_be_taken_out_is_there_when_it_comes_back(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends after an entity was taken out and before that was noted does not hide it for ever."""
    both, one = [row(ago(minutes=9)), row(ago(minutes=8), who="bob")], [row(ago(minutes=9))]
    running.materialized({"kept": both, "asked": []})
    with monkeypatch.context() as patched:
        patched.setattr(writing.ViewWriting, "_keep", lambda *_: interrupted("", 0))
        with pytest.raises(KeyboardInterrupt):
            running.materialized({"kept": one, "asked": []})
    running.materialized({"kept": both, "asked": []})
    assert running.compared({"kept": both, "asked": []}, [row(NOW), row(NOW, who="bob")]) == 6


def test_a_source_that_has_become_empty_leaves_nothing_in_the_store(running: Running) -> None:
    """Where no row is left, or none that is ever visible, nothing is known of anybody."""
    running.materialized({"kept": [row(ago(minutes=9))], "asked": []})
    running.materialized({"kept": [row(ago(minutes=9), who=None)], "asked": []})
    assert running.compared({"kept": [], "asked": []}, [row(NOW)]) == 3


def test_a_store_of_nothing_stays_the_same_store(running: Running) -> None:
    """Where nothing was ever written the store is still known by its token, and is not taken for somebody else's."""
    rows: dict[str, list[Row]] = {"kept": [], "asked": []}
    paths = {running.materialized(rows)["kept_by_who"].path for _ in range(2)}
    assert len(paths) == 1
    assert running.compared(rows, [row(NOW)]) == 3


def test_who_keeps_more_has_more_kept(running: Running) -> None:
    """With a longer `keep`, moments further back are answered, of entities whose rows are the same as well."""
    rows = [row(ago(days=number, minutes=3), float(number)) for number in range(30)]
    asked = [row(ago(days=20))]
    running.materialized({"kept": rows, "asked": []})
    assert running.completed(asked)[0][1], "a day is kept, and this is longer ago"
    longer = running.keeping("25d")
    longer.materialized({"kept": rows, "asked": []})
    assert not longer.completed(asked)[0][1]


@pytest.mark.parametrize("key", ["", "a\0b", "日本", "a' OR 1=1 --", "x" * 100_000, "\ufeff", "Ada", "1", "1.0", "None", "nan"])
def test_any_text_is_an_entity(running: Running, key: str) -> None:
    """Whatever an entity is called, it is found by that name and no other."""
    rows = [row(ago(minutes=9), 3.0, who=key), row(ago(minutes=8), who="somebody")]
    running.materialized({"kept": rows, "asked": []})
    assert running.compared({"kept": rows, "asked": []}, [row(NOW, who=key), row(NOW, who=f"{key} "), row(NOW, who="ada")]) == 9


@pytest.mark.parametrize("key", [0, -1, 2**53 + 1, 2**63 - 1, -(2**63)])
def test_any_number_is_an_entity(tmp_path: Path, key: int) -> None:
    """A whole number of 64 bits is found to the last bit."""
    running = Running(system("place"), tmp_path)
    rows = [row(ago(minutes=9), 3.0, place=key), row(ago(minutes=8), place=7)]
    running.materialized({"kept": rows, "asked": []})
    assert running.compared({"kept": rows, "asked": []}, [row(NOW, place=key), row(NOW, place=key ^ 1), row(NOW, place=None)]) == 9


def test_times_are_entities_to_the_microsecond(tmp_path: Path) -> None:
    """Two entities that are less than a second apart, or before 1970, are two."""
    running = Running(system("known"), tmp_path)
    times = [ago(days=1), ago(days=1) + timedelta(microseconds=1), datetime(1969, 12, 31, 23, 59, 59, 500_000, UTC)]
    rows = [row(ago(minutes=9), float(number), known=time) for number, time in enumerate(times)]
    running.materialized({"kept": rows, "asked": []})
    assert running.compared({"kept": rows, "asked": []}, [row(NOW, known=time) for time in times]) == 9


def test_a_view_that_was_left_out_is_whole_when_it_comes_back(running: Running) -> None:
    """Feast takes out what is not defined any more; defined again, it is written again, whatever had been written before."""
    rows = {"kept": [row(ago(minutes=9))], "asked": [row(ago(minutes=8), 3.0)]}
    for groups in (("g", "own"), ("g",), ("g", "own")):
        system = running.with_features(*groups)
        system.materialized(rows)
        assert system.compared(rows, [row(NOW)]) == 3 * len(groups)


def test_a_view_that_was_not_written_yet_gives_no_answer(running: Running) -> None:
    """A model that looks back on something new gets no answer until that is written: nobody is taken for somebody without a past."""
    rows = {"kept": [row(ago(minutes=9))], "asked": [row(ago(minutes=8), 3.0)]}
    running.materialized(rows)
    both = running.with_features("g", "own")
    both.materialized(rows, views=["kept_by_who"])
    assert both.completed([row(NOW)])[0][1]
    both.materialized(rows)
    assert both.compared(rows, [row(NOW)]) == 6


ODD = """language = "1.0"
system odd { problem = classification, metric roc_auc { target >= 0.7, baseline = 0.5 } }
source visits {
  connector = csv("visits.csv"), timestamp = `when it was`
  schema { `tail number` : string, tail_number : string, `when it was` : timestamp, `delay (min): x` : float?, late : bool }
}
features one { from = source.visits, entity = `tail number`, feature `mean delay` = mean(`delay (min): x`) over 1d }
features two { from = source.visits, entity = tail_number, feature `élan "vital"` = lag(`delay (min): x`, 1) }
model m { family = lightgbm, as_of = `when it was` - 1h, label = visits.late, features = [features.one, features.two] }
deployment api { model = model.m }
"""


def test_a_column_may_be_called_anything(tmp_path: Path) -> None:
    """Names that are none in Python make a repository that Feast registers, and no two of its objects are one."""
    (tmp_path / "odd.mlarch").write_text(ODD, encoding="utf-8")
    built = mlarch.load(tmp_path / "odd.mlarch").compile()
    state = State(tmp_path)
    state.path("feast", "online.db")
    feast.register(repository(built.lock, state), state)
    known = feast.opened(repository(built.lock, state))
    assert sorted(each.name for each in known.list_entities() if each.name != "__dummy") == ["tail number", "tail_number"]
    names = {field.name for view in known.list_feature_views() for field in view.features}
    assert {"mean delay", 'élan "vital"'} <= names


@pytest.fixture(scope="module")
def redis() -> Iterator[Server]:
    """A server of the tests' own."""
    with server() as made:
        yield made


@pytest.mark.servers
def test_a_server_that_has_forgotten_everything_gives_no_answer(tmp_path: Path, redis: Server) -> None:
    """Of a Redis that lost its memory nothing is taken for an empty history: that would be another past than training saw."""
    rows = {"kept": [row(ago(minutes=9))], "asked": []}
    running = Running(system("who"), tmp_path, redis.address)
    running.materialized(rows)
    assert running.compared(rows, [row(NOW)]) == 3
    with Redis(port=redis.port) as client:
        client.flushall()
    ((_, refused),) = running.completed([row(NOW)])
    assert refused
    running.materialized(rows)
    assert running.compared(rows, [row(NOW)]) == 3


@pytest.mark.servers
def test_a_store_that_somebody_else_writes_is_taken_over(tmp_path: Path, redis: Server) -> None:
    """Two folders of one system share a server: whoever materializes last leaves what it knows, and nothing of the other."""
    one, other = (Running(system("who"), tmp_path / name, redis.address) for name in ("one", "other"))
    first, second = {"kept": [row(ago(minutes=9))], "asked": []}, {"kept": [row(ago(minutes=9), 4.0, who="bob")], "asked": []}
    one.materialized(first)
    other.materialized(second)
    asked = [row(NOW), row(NOW, who="bob")]
    assert other.compared(second, asked) == 6
    one.materialized(first)
    assert one.compared(first, asked) == 6


def test_a_lost_manifest_leaves_nobody_behind(running: Running) -> None:
    """Without the manifest of what was written, entities that are gone are found in the store and taken out."""
    running.materialized({"kept": [row(ago(minutes=9)), row(ago(minutes=8), who="bob")], "asked": []})
    for manifest in running.state.path("feast", "written").rglob("*.parquet"):
        manifest.write_bytes(b"damaged")
    left = {"kept": [row(ago(minutes=9))], "asked": []}
    assert running.materialized(left)["kept_by_who"].deleted == 1
    assert running.compared(left, [row(NOW), row(NOW, who="bob")]) == 6


@pytest.mark.servers
def test_other_systems_on_a_server_are_left_alone(tmp_path: Path, redis: Server) -> None:
    """What is looked through for strangers is the system's own: neither another system's, nor what is no store of features."""
    with Redis(port=redis.port) as client:
        others = {
            hash_name("os", keys_of(["who"])(["bob"])): {hash_field("kept_by_who", "kept_by_who_events"): b"x"},
            b"plain": {b"a": b"b"},
        }
        for name, held in others.items():
            client.hset(name, mapping=held)  # type: ignore[arg-type]
        Running(system("who"), tmp_path, redis.address).materialized({"kept": [row(ago(minutes=9))], "asked": []})
        assert {name: client.hgetall(name) for name in others} == others
