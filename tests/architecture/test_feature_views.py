"""What the online store keeps: one view for each source and entity that a request looks back on, under a name of its own."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from mlarch.api import load
from mlarch.architecture.architecture import Architecture
from mlarch.architecture.blocks.features import Fallback, Sqlite
from mlarch.architecture.blocks.source import Refresh
from mlarch.architecture.feature_views import store_of, view_of, views_of
from mlarch.architecture.program import History

DAY = 86_400_000_000
TEXT = """language = "1.0"

system visits {
  problem = classification
  metric roc_auc { baseline = 0.6 }
}

source visits {
  connector = csv("visits.csv")
  entity    = visitor
  timestamp = started
  known_at  = ended
  refresh   = hourly
  schema {
    visitor : string
    shop    : int
    day     : date
    seconds : float
    clicks  : int
    started : timestamp
    ended   : timestamp
    bought  : bool
  }
}

source shops {
  connector = csv("shops.csv")
  timestamp = written
  schema {
    shop    : int
    written : timestamp
    size    : float?
  }
}

features visitor {
  from = source.visits
  feature clicks = mean(clicks) over 1d
  feature before = lag(seconds, 3)
}

features longer {
  from = source.visits
  feature bought = count() over 7d
  feature both   = sum(if(clicks > 3, seconds, 0)) over 2d
}

features shop  { from = source.shops, entity = shop, feature size = size }

features busy  { from = source.visits, entity = [shop, day], feature visits = count() over 1h }

features now   { from = source.visits, feature hour = hour(started) }

model first  { family = lightgbm, features = [features.visitor, features.shop], label = visits.bought == true }

model second { family = lightgbm, features = [features.longer, features.busy], label = visits.bought == true }

model third  { family = lightgbm, features = [features.now], label = visits.bought == true }

model fourth { family = lightgbm, features = [features.now, features.busy], label = visits.bought == true }

deployment one   { model = model.first }

deployment two   { model = model.second, port = 8001 }

deployment three { model = model.third, port = 8002 }

deployment again { model = model.first, port = 8003, stage = staging }

deployment four  { model = model.fourth, mode = batch, input = source.visits, output = parquet("out") }
"""


def read(folder: Path, text: str = TEXT) -> Architecture:
    """The architecture of a text."""
    (folder / "visits.mlarch").write_text(text, encoding="utf-8")
    found = load(folder / "visits.mlarch").architecture
    assert found is not None
    return found


def test_a_view_has_what_its_models_read(tmp_path: Path) -> None:
    """A view is of one source and entity, and has the columns, the longest window and the highest rank of all its models."""
    views = views_of(read(tmp_path))
    assert list(views) == ["visits_by_visitor", "shops_by_shop", "visits_by_shop_and_day"]
    view = views["visits_by_visitor"]
    assert (view.name, view.source, view.entity) == ("visits_by_visitor", "visits", ("visitor",))
    assert (view.timestamp, view.known_at, view.refresh) == ("started", "ended", Refresh.HOURLY)
    assert [column.name for column in view.keys] == ["visitor"]
    assert [column.name for column in view.columns] == ["seconds", "clicks"]
    assert (view.window, view.rank) == (7 * DAY, 3)
    assert (view.models, view.deployments) == (("first", "second"), ("one", "again", "two"))


def test_a_view_without_windows_keeps_latest_rows(tmp_path: Path) -> None:
    """A join reads the latest row and no window; a count reads a window, no row and no column."""
    views = views_of(read(tmp_path))
    shop, busy = views["shops_by_shop"], views["visits_by_shop_and_day"]
    assert (shop.window, shop.rank, [column.name for column in shop.columns]) == (0, 1, ["size"])
    assert (busy.window, busy.rank, busy.columns) == (DAY // 24, 0, ())
    assert (shop.known_at, shop.refresh) == (None, Refresh.CONTINUOUS)


def test_only_requests_need_a_view(tmp_path: Path) -> None:
    """A model that answers no requests, or reads its row alone, keeps nothing in the store."""
    text = TEXT.replace("deployment two   { model = model.second, port = 8001 }", "").replace(
        "model = model.first,", "model = model.third,"
    )
    text = text.replace("deployment one   { model = model.first }", "")
    assert views_of(read(tmp_path, text)) == {}


def test_the_store_is_the_declared_one_or_the_default(tmp_path: Path) -> None:
    """Without a block, the store is SQLite with its defaults."""
    store = store_of(read(tmp_path))
    assert (store.online, store.deadline.text, store.fallback, store.keep.text) == (Sqlite(), "20ms", Fallback.MISSING, "1d")
    declared = store_of(read(tmp_path, TEXT + "\nfeature_store own { deadline = 5ms, fallback = refuse }\n"))
    assert (declared.name, declared.deadline.text, declared.fallback) == ("own", "5ms", Fallback.REFUSE)


@pytest.mark.parametrize(
    ("source", "entity", "name"),
    [
        ("departures", ("tailnum",), "departures_by_tailnum"),
        ("visits", ("shop_id",), "visits_by_shop_id"),
        ("visits", ("shop", "day"), "visits_by_shop_and_day"),
        ("visits", ("Shop",), r"visits_by_Shop_h[0-9a-f]{12}"),
        ("visits", ("mean radius",), r"visits_by_mean_radius_h[0-9a-f]{12}"),
        ("visits", ("Größe",), r"visits_by_Gr__e_h[0-9a-f]{12}"),
        ("a_by_b", ("c",), r"a_by_b_by_c_h[0-9a-f]{12}"),
        ("visits", ("shop_and_day",), r"visits_by_shop_and_day_h[0-9a-f]{12}"),
        ("visits", ("shop_h0123456789ab",), r"visits_by_shop_h0123456789ab_h[0-9a-f]{12}"),
    ],
)
def test_a_view_is_called_after_what_it_is_of(source: str, entity: tuple[str, ...], name: str) -> None:
    """A view is named by source and entity, with a digest where the name alone could be that of another one."""
    assert re.fullmatch(name, view_of(history(source, entity)))


def test_no_two_views_have_one_name() -> None:
    """Names of views differ, capitals aside, whatever their sources and entities are called."""
    words = ["a", "A", "b", "by", "and", "a_by", "by_a", "and_a", "a_and", "a_by_b", "a_and_b", "b_and", "a b", "a-b", "ä", "ö", "_", "a_"]
    entities = [(one,) for one in words] + [*itertools.permutations(words, 2)]
    asked = [*itertools.product(words, entities)]
    names = [view_of(history(source, entity)) for source, entity in asked]
    assert len({name.lower() for name in names}) == len(asked) > 5_000
    assert all(re.fullmatch("[A-Za-z0-9_]+", name) for name in names)


def history(source: str, entity: tuple[str, ...]) -> History:
    """A history of nothing."""
    return History(source, entity, "time", None, Refresh.CONTINUOUS, (), ())
