"""Feast materializes a table into a real Redis server and reads a row back by its key."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pandas as pd
import redis
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig
from feast.types import Float64

if shutil.which("redis-server") is None:
    print("no Redis server is installed here: Debian's package redis-server has one")
    sys.exit(77)
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
server = subprocess.Popen(["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL)
try:
    while True:
        try:
            redis.Redis(port=port).ping()
            break
        except redis.exceptions.ConnectionError:
            assert server.poll() is None, "the Redis server has ended"
            time.sleep(0.05)
    now = datetime.now(UTC)
    pd.DataFrame({"tail": ["N1"], "delay": [7.5], "at": [now - timedelta(hours=1)]}).to_parquet("planes.parquet")
    plane = Entity(name="plane", join_keys=["tail"])
    source = FileSource(name="planes", path="planes.parquet", timestamp_field="at")
    view = FeatureView(name="recent", entities=[plane], ttl=timedelta(days=1), schema=[Field(name="delay", dtype=Float64)], source=source)
    online = {"type": "redis", "connection_string": f"localhost:{port}"}
    config = RepoConfig(project="probe", registry="registry.db", provider="local", online_store=online, entity_key_serialization_version=3)
    store = FeatureStore(config=config)
    store.apply([plane, view])
    store.materialize(now - timedelta(hours=2), now)
    assert store.get_online_features(["recent:delay"], [{"tail": "N1"}]).to_dict()["delay"] == [7.5]
finally:
    server.terminate()
    server.wait()
