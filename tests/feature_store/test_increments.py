"""Only what has changed is written, what is gone is taken out, and what was cut short is carried on."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mlarch.runtime.features.store import parts
from mlarch.runtime.state import KILL_POINTS, State

from ..recovery.test_kill_points import half_written
from ..redis import server
from .shops import START, Shop, equal, requests, trained, write

VIEW = "visits_by_shop"
POINTS = [f"{name}{side}" for name in KILL_POINTS if name.startswith("store.") for side in ("", "+")]
#: One step that is run by itself in a process of its own, so that it can be killed.
STEP = """
import sys
from pathlib import Path
from tests.feature_store.shops import Shop
Shop(Path(sys.argv[1])).all()
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """The system, materialized once."""
    made = Shop(write(tmp_path))
    made.all()
    return made


def change(shop: Shop, how: Any) -> None:
    """Change the visits as they come to the source."""
    file = shop.lock.root / "visits.parquet"
    how(pl.read_parquet(file)).write_parquet(file)


def one_more(visits: pl.DataFrame) -> pl.DataFrame:
    """A visit of Rome, known at once, before the newest row."""
    at = START + timedelta(days=5)
    row = {"shop": "rome", "good": 1, "started": at, "ended": at, "spent": 1000.0, "note": "a", "alone": True, "bought": False}
    return pl.concat([visits, pl.DataFrame([row], schema=visits.schema)])


def differences(shop: Shop) -> list[str]:
    """Return what a client gets of the store that training would not compute, of moments around the newest row."""
    last = START + timedelta(days=8)
    rows = requests(40, last - timedelta(days=1), last)
    expected = trained(shop, rows)
    names = [f"buyer:{name}" for name in expected.columns]
    found = shop.client().get_online_features(features=names, entity_rows=rows.to_dicts()).to_dict()
    return [
        f"row {row}, {name}: {found[name][row]!r} and not {value!r}"
        for name in expected.columns
        for row, value in enumerate(expected[name].to_list())
        if not equal(found[name][row], value)
    ]


def test_nothing_is_written_when_nothing_has_changed(shop: Shop) -> None:
    """Materialized again, of the same rows, no entity is written, and neither the store nor a table changes by a byte."""
    files = [path for path in (shop.state.folder / "feast").rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm"))]
    before = {path: path.read_bytes() for path in files}
    again = shop.all()
    assert {view: (made.written, made.deleted, sum(made.values.values())) for view, made in again.items()} == {
        VIEW: (0, 0, 0),
        "prices_by_good": (0, 0, 0),
    }
    assert {path: path.read_bytes() for path in files} == before


def test_a_new_row_writes_its_entity_alone(shop: Shop) -> None:
    """One more visit of a shop writes the events of that shop, and the store is right about all of them."""
    change(shop, one_more)
    made = shop.materialize(VIEW)
    assert (made.written, made.unchanged, made.deleted) == (1, 4, 0)
    assert differences(shop) == []


def test_the_order_of_an_entitys_rows_counts_and_that_of_others_does_not(shop: Shop) -> None:
    """Rows of several shops in another order write nothing; two rows of one shop that change places write that shop."""
    change(shop, lambda visits: visits.sort("shop", maintain_order=True))
    assert shop.materialize(VIEW).written == 0

    def turned(visits: pl.DataFrame) -> pl.DataFrame:
        oslo = visits["shop"].eq_missing("oslo")
        return pl.concat([visits.filter(~oslo), visits.filter(oslo).reverse()])

    change(shop, turned)
    assert shop.materialize(VIEW).written == 1


def test_what_is_gone_is_taken_out(shop: Shop) -> None:
    """A shop of which no row is left is neither in the events nor in the plain values; the others are as they were."""
    change(shop, lambda visits: visits.filter(pl.col("shop") != "bern"))
    made = shop.materialize(VIEW)
    assert (made.deleted, made.entities) == (1, 4)
    found = shop.client().get_online_features(
        features=["shop:visits", f"{VIEW}:{VIEW}_events"], entity_rows=[{"shop": "bern"}, {"shop": "oslo"}]
    )
    assert [value is None for value in found.to_dict()["visits"]] == [True, False]
    assert [value is None for value in found.to_dict()[f"{VIEW}_events"]] == [True, False]
    assert differences(shop) == []


def test_no_row_at_all_empties_a_view(shop: Shop) -> None:
    """A source in which no row is ever known leaves nothing in the store."""
    change(shop, lambda visits: visits.with_columns(pl.lit(None, visits.schema["ended"]).alias("ended")))
    made = shop.materialize(VIEW)
    assert (made.entities, made.deleted, made.newest, made.since) == (0, 5, None, None)


def test_another_definition_writes_everything(shop: Shop, edit: Any) -> None:
    """A longer window than any before makes every entity another one; a shorter one makes the values of a block others, and no event."""
    edit(shop.file, "last(alone) over 7d", "last(alone) over 30d")
    made = Shop(shop.file).materialize(VIEW)
    assert (made.written, made.unchanged) == (5, 0)
    edit(shop.file, "count() over 1d", "count() over 2d")
    made = Shop(shop.file).materialize(VIEW)
    assert (made.written, made.values["shop"]) == (0, 5)
    assert differences(Shop(shop.file)) == []


def test_a_store_that_was_lost_is_filled_again(shop: Shop) -> None:
    """Where the file of the store is gone, everything is written anew, whatever was written before."""
    for file in (shop.state.folder / "feast").glob("online.db*"):
        file.unlink()
    assert shop.materialize(VIEW).written == 5
    assert shop.materialize("prices_by_good").written == 4
    assert differences(shop) == []


@pytest.mark.servers
def test_redis_that_has_forgotten_is_filled_again(tmp_path: Path) -> None:
    """A Redis server that starts anew without its memory gets everything; one that is gone is told by its address."""
    with server() as redis:
        shop = Shop(write(tmp_path, f'feature_store live {{ online = redis("{redis.address}") }}\n'))
        assert shop.all()[VIEW].written == 5
        assert shop.all()[VIEW].written == 0
        change(shop, lambda visits: visits.filter(pl.col("shop") != "bern"))
        assert shop.materialize(VIEW).deleted == 1
        redis.kill()
        redis.start()
        assert shop.materialize(VIEW).written == 4
        shop.materialize("prices_by_good")
        assert differences(shop) == []


@pytest.mark.parametrize("point", [pytest.param(each, marks=() if each == "store.batch" else pytest.mark.servers) for each in POINTS])
def test_killed_at_any_write_it_carries_on(point: str, tmp_path: Path) -> None:
    """A materialization that dies at the point is carried on by the next one: the store is right, and nothing half-written is left."""
    file = write(tmp_path)
    environment = {**os.environ, "MLARCH_KILL_AT": point}
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", STEP, file], cwd=root, env=environment, capture_output=True, timeout=200)
    assert done.returncode == -signal.SIGKILL, f"nothing is written at {point}: it is no kill point"
    shop = Shop(file)
    shop.state.sweep()
    shop.all()
    assert differences(shop) == []
    assert half_written(file) == []
    assert {made.written for made in shop.all().values()} == {0}


def test_two_at_once_take_turns(shop: Shop) -> None:
    """Of two materializations at once one waits for the other: one of them writes the shop that changed, and the other nothing."""
    change(shop, one_more)
    dataset = shop.dataset("visits")
    found: list[Any] = []
    steps = [Shop(shop.file).work.steps[f"{VIEW}/materialized"] for _ in range(2)]
    threads = [threading.Thread(target=lambda step=step: found.append(step.run(dataset))) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made.written for made in found) == [0, 1]
    assert differences(shop) == []


def test_a_table_larger_than_a_part_is_written_part_by_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through files, some shops after others, the store and the tables are those of all shops at once."""
    (tmp_path / "one").mkdir()
    (tmp_path / "many").mkdir()
    whole = Shop(write(tmp_path / "one"))
    whole.all()
    monkeypatch.setattr(parts.entity_parts.__wrapped__, "__defaults__", (50,))
    many = Shop(write(tmp_path / "many"))
    made = many.all()
    assert (made[VIEW].entities, made["prices_by_good"].entities) == (5, 4)
    assert list(stored(many.state)) == list(stored(whole.state))
    for view in (VIEW, "shop", "good", "prices_by_good"):
        one, other = (pl.read_parquet(each.state.folder / "feast" / f"{view}.parquet") for each in (whole, many))
        assert other.sort(one.columns[0], "event_timestamp").equals(one.sort(one.columns[0], "event_timestamp"))
    assert many.all()[VIEW].written == 0


def stored(state: State) -> Iterator[tuple[Any, ...]]:
    """Everything in the online store, in order."""
    with sqlite3.connect(state.folder / "feast" / "online.db") as connection:
        for view in (VIEW, "shop", "good", "prices_by_good"):
            query = f"SELECT entity_key, feature_name, value, event_ts FROM shops_{view} ORDER BY 1, 2"
            yield from connection.execute(query)
    connection.close()
