"""The tables beside the online store in S3: a standard Feast client reads the past from there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from mlarch.architecture.errors import ArchitectureError

from .shops import MOMENT, START, Shop, equal, requests, trained, write

SECRET = "swordfish-4711"
STORE = 'feature_store kept { offline = s3("s3://features/shops") }\n'


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A store that speaks S3, with a bucket, and the environment that says where it is and who may write."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0)
    boto3 = pytest.importorskip("boto3")
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    environment = {"ENDPOINT_URL": url, "ACCESS_KEY_ID": "writer", "SECRET_ACCESS_KEY": SECRET, "DEFAULT_REGION": "us-east-1"}
    for name, value in environment.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    boto3.client("s3", endpoint_url=url).create_bucket(Bucket="features")
    yield url
    server.stop()


def test_the_past_is_read_from_s3(bucket: str, tmp_path: Path) -> None:
    """`get_historical_features` reads the tables from S3, exact at any moment; no build names the server or who may read."""
    pytest.importorskip("s3fs", reason="Feast reads S3 with s3fs, which `mlarch[aws]` brings")
    shop = Shop(write(tmp_path, STORE))
    shop.all()
    rows = requests(40, START, START + timedelta(days=8))
    expected = trained(shop, rows).select("shop.spent_3h", "shop.visits")
    frame = rows.with_columns(pl.col("started").alias(MOMENT), pl.int_range(pl.len()).alias("row")).to_pandas()
    job = shop.client().get_historical_features(entity_df=frame, features=["buyer:shop.spent_3h", "buyer:shop.visits"])
    found = pl.from_pandas(job.to_df()).sort("row")
    for name in expected.columns:
        assert all(equal(one, other) for one, other in zip(found[name].to_list(), expected[name].to_list(), strict=True))
    texts = "".join(path.read_text() for path in (tmp_path / "build").rglob("*") if path.is_file())
    assert "s3://features/shops/shop.parquet" in texts and SECRET not in texts and bucket not in texts


def test_a_table_that_cannot_be_written_is_told(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket that is not there ends in one message with the place and no secret; once it is mended, the same command carries on."""
    shop = Shop(write(tmp_path, STORE.replace("features", "nowhere")))
    with pytest.raises(ArchitectureError) as told:
        shop.materialize("visits_by_shop")
    assert (told.value.code, told.value.at) == ("MLA612", "feature_store.kept.offline")
    assert "s3://nowhere/shops/" in told.value.message and SECRET not in told.value.message
    boto3 = pytest.importorskip("boto3")
    boto3.client("s3", endpoint_url=bucket).create_bucket(Bucket="nowhere")
    assert shop.materialize("visits_by_shop").written == 0
