"""A standard Feast client reads what was materialized, and gets what training computes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mlarch.architecture.feature_views import views_of
from mlarch.architecture.stored_features import current_values
from mlarch.runtime.features.store.current import moment, values_at

from ..redis import server
from .shops import MOMENT, START, Shop, equal, requests, trained, write

DAY = timedelta(days=1)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("redis", marks=pytest.mark.servers)])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The system, materialized into each kind of online store."""
    folder = tmp_path_factory.mktemp("shops")
    if request.param == "sqlite":
        made = Shop(write(folder))
        made.all()
        yield made
        return
    with server() as redis:
        made = Shop(write(folder, f'feature_store live {{ online = redis("{redis.address}") }}\n'))
        made.all()
        yield made


def asked(found: dict[str, list[Any]], expected: pl.DataFrame) -> list[str]:
    """Return what differs, as lines."""
    return [
        f"row {row}, {name}: {found[name][row]!r} and not {value!r}"
        for name in expected.columns
        for row, value in enumerate(expected[name].to_list())
        if not equal(found[name][row], value)
    ]


def test_the_function_of_a_model_gives_what_training_computed(shop: Shop) -> None:
    """`get_online_features` of the on-demand view, at moments that the store keeps and later ones, gives each feature as a table has it."""
    newest = START + 7 * DAY
    rows = requests(80, newest - DAY, newest + 2 * DAY)
    expected = trained(shop, rows)
    found = (
        shop.client().get_online_features(features=[f"buyer:{name}" for name in expected.columns], entity_rows=rows.to_dicts()).to_dict()
    )
    assert asked(found, expected) == []
    assert expected["shop.visits"].max() > 0 and expected["shop.spent_3h"].null_count() < len(rows)
    assert {"visit.hour", "shop.usual", "shop.alone", "shop.noted", "shop.much", "good.rises"} <= set(expected.columns)


def test_plain_values_are_those_of_the_newest_row(shop: Shop) -> None:
    """The view of a block has for each entity what training would compute just after the newest row became visible."""
    client = shop.client()
    for block in current_values(shop.lock.architecture):
        newest = max(made.newest or 0 for made in shop.all().values() if made.source == block.source)
        table = shop.tables()[block.source]
        entity = block.entity[0].name
        names = table.select(entity).drop_nulls().unique().with_columns(moment(newest + 1))
        expected = values_at(block, names, table)
        rows = expected.select(entity).to_dicts()
        found = client.get_online_features(features=[f"{block.view}:{name}" for name in block.program.names], entity_rows=rows).to_dict()
        assert asked(found, expected.drop(MOMENT)) == []
        assert len(expected) > 3


def test_an_entity_that_is_not_known_has_no_values(shop: Shop) -> None:
    """Of an entity that no row is of, the client gets nothing, and the function of a model what an empty history gives."""
    row = {"shop": "nowhere", "good": 99, "started": START + 8 * DAY, "spent": 1.0}
    found = (
        shop.client().get_online_features(features=["shop:visits", "buyer:shop.visits", "buyer:shop.spent_3h"], entity_rows=[row]).to_dict()
    )
    assert (found["visits"], found["shop.visits"], found["shop.spent_3h"]) == ([None], [0.0], [None])


def test_the_past_is_exact(shop: Shop) -> None:
    """`get_historical_features` gives plain values and the function of a model at any moment of the past as training has them."""
    rows = requests(120, START, START + 9 * DAY).with_columns(pl.col("started").dt.offset_by("123456us"))
    expected = trained(shop, rows)
    frame = rows.with_columns(pl.col("started").alias(MOMENT), pl.int_range(pl.len()).alias("row")).to_pandas()
    names = ["shop:spent_3h", "shop:visits", "shop:alone", "good:price", "good:rises"]
    job = shop.client().get_historical_features(entity_df=frame, features=[*names, *(f"buyer:{name}" for name in expected.columns)])
    found = pl.from_pandas(job.to_df()).sort("row")
    assert asked(found.to_dict(as_series=False), expected) == []
    # Of an entity that no row is of, a table has nothing, where an empty history gives a count of 0.
    plain = expected.select(**{name.partition(":")[2]: name.replace(":", ".") for name in names})
    plain = plain.with_columns(pl.when(rows["shop"] == "nowhere").then(None).otherwise(pl.col("visits")).alias("visits"))
    assert found["visits"].max() > 0


def test_what_stands_in_the_file_is_seen_in_feast(shop: Shop) -> None:
    """The registry has the entities, views and owners of the system, doc comments, and the line of the file."""
    client = shop.client()
    assert {each.name for each in client.list_entities()} >= {"shop", "good"}
    assert {each.name for each in client.list_feature_views()} == {*views_of(shop.lock.architecture), "shop", "good"}
    view = client.get_feature_view("shop")
    assert (view.description, view.owner) == ("What is known of a shop.", "team:shops")
    assert {field.name: field.description for field in view.features}["spent_3h"] == "Mean of what was spent in the last hours."
    line = next(number for number, text in enumerate(shop.file.read_text().splitlines(), 1) if text.startswith("features shop"))
    assert view.tags == {"mlarch": "features.shop", "line": f"shops.mlarch:{line}"}


def test_feast_keeps_the_text_of_a_function_and_nothing_else(shop: Shop) -> None:
    """What Feast keeps of a model is the text of one function that imports mlarch: none of its objects is pickled."""
    kept = shop.client().registry.get_on_demand_feature_view("buyer", "shops").feature_transformation
    assert kept.udf_string.count("from mlarch.runtime.features.store.on_demand import answered") == 1
    assert b"FeatureProgram" not in kept.to_proto().body and len(kept.to_proto().body) < 2 * len(kept.udf_string)


def test_the_repository_is_found_by_a_relative_path(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is the same whatever the working folder is: paths in the repository are from its own folder."""
    from feast import FeatureStore

    monkeypatch.chdir(Path("/"))
    row = {"shop": "oslo"}
    found = FeatureStore(repo_path=str(shop.lock.path.parent / "feature_repo")).get_online_features(
        features=["shop:visits"], entity_rows=[row]
    )
    assert found.to_dict()["visits"] != [None]
