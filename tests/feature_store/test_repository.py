"""The feature repository of a build is Feast's own: its command line applies it, and the same file gives the same bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
import yaml

import mlarch
from mlarch.architecture.lock import lines_of
from mlarch.runtime.features.store.feast import opened, register
from mlarch.runtime.state import State
from mlarch.targets import Emission
from mlarch.targets.feast.emit import emit
from mlarch.targets.feast.repository import repository

from .shops import Shop, write


@pytest.mark.servers
def test_feast_applies_a_build_in_a_fresh_folder(tmp_path: Path) -> None:
    """`feast apply` in the build's repository, where nothing ran yet, makes its entities, views and tables; `feast` then lists them."""
    build = mlarch.load(write(tmp_path)).compile()
    program = str(Path(sys.executable).with_name("feast"))

    def feast(*arguments: str) -> str:
        done = subprocess.run([program, *arguments], cwd=build.folder / "feature_repo", capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    applied = feast("apply")
    for name in ("entity shop", "entity good", "feature view visits_by_shop", "feature view shop", "on demand feature view buyer"):
        assert f"Created {name}\n" in applied
    assert "sqlite table shops_visits_by_shop" in applied
    assert "visits_by_shop" in feast("feature-views", "list")
    assert (tmp_path / ".mlarch" / "feast_registry.db").exists()


def test_the_same_file_gives_the_same_repository(tmp_path: Path) -> None:
    """In two folders the repository has the same bytes, as deep as the one of a run."""
    texts = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        build = mlarch.load(write(tmp_path / name)).compile()
        texts.append([(build.folder / "feature_repo" / file).read_bytes() for file in ("feature_store.yaml", "features.py")])
    assert texts[0] == texts[1]
    shop = Shop(tmp_path / "two" / "shops.mlarch")
    own = (repository(shop.lock, shop.state) / "features.py").read_text()
    assert own == texts[1][1].decode()
    assert lines_of(shop.lock.file)["model.buyer"].startswith("shops.mlarch:")


def test_settings_are_those_of_the_store(tmp_path: Path) -> None:
    """Redis and BigQuery stand in the settings as the file names them, beside the version of keys that requests read."""
    store = 'feature_store far { online = redis("cache:6380"), offline = bigquery("project.dataset") }\n'
    architecture = mlarch.load(write(tmp_path, store)).architecture
    assert architecture is not None
    files = emit(architecture, Emission("0" * 16, PurePosixPath("../.."), "shops.mlarch"))
    settings = yaml.safe_load(files["feature_repo/feature_store.yaml"])
    assert settings["online_store"] == {"type": "redis", "connection_string": "cache:6380", "skip_dedup": True}
    assert settings["offline_store"] == {"type": "bigquery", "project_id": "project", "dataset": "dataset"}
    assert (settings["project"], settings["entity_key_serialization_version"]) == ("shops", 3)
    assert 'BigQuerySource(name="shop_table", table="project.dataset.shop"' in files["feature_repo/features.py"]


def test_what_is_defined_no_more_is_taken_out(tmp_path: Path) -> None:
    """A block that is gone from the file is gone from the registry and from the online store when its repository is registered."""
    file = write(tmp_path)
    shop = Shop(file)
    register(shop.repository, shop.state)
    file.write_text(file.read_text().replace(", features.good]", "]"))
    shop = Shop(file)
    register(shop.repository, State(tmp_path))
    store = opened(shop.repository)
    assert {view.name for view in store.list_feature_views()} == {"visits_by_shop", "shop"}
    assert {entity.name for entity in store.list_entities()} <= {"shop", "__dummy"}
    assert store.get_on_demand_feature_view("buyer").features


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_build_depends_on_no_hash_seed(seed: str, tmp_path: Path) -> None:
    """Whatever order sets have, the repository is the same."""
    file = write(tmp_path)
    here = {name: data for name, data in mlarch.load(file).files(tmp_path / "build" / "shops").items() if "feature_repo" in name}
    code = """
import hashlib, pathlib, sys, mlarch
files = mlarch.load(sys.argv[1]).files(pathlib.Path(sys.argv[2]))
print([hashlib.sha256(data).hexdigest() for name, data in sorted(files.items()) if "feature_repo" in name])
"""
    command = [sys.executable, "-c", code, str(file), str(tmp_path / "build" / "shops")]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": seed})
    assert done.stdout.strip() == str([hashlib.sha256(here[name]).hexdigest() for name in sorted(here)]), done.stderr
