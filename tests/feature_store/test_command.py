"""`mlarch features`: the store is filled and looked into from the command line, and what goes wrong is one message."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import mlarch
from mlarch.runtime.state import State
from mlarch.targets.dagster.execute import run

from ..servers import Ended, call, free_port
from .shops import START, Shop, equal, trained, write

VIEW = "visits_by_shop"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The system with validated rows and a filled store; no test changes it."""
    file = write(tmp_path_factory.mktemp("shops"))
    lock = mlarch.load(file).compile().lock
    assert run(lock, only="visits").ok and run(lock, only="prices").ok
    from mlarch.targets.feast.running import materialize_views

    materialize_views(lock, [VIEW, "prices_by_good"])
    return file


def copied(filled: Path, folder: Path) -> Path:
    """Copy the system with all that was made of it; return the file."""
    return Path(shutil.copytree(filled.parent, folder / "copy")) / filled.name


def refused(said: Ended, *parts: str) -> None:
    """One message with an exit code, and no traceback."""
    assert said.code in (1, 2)
    assert "Traceback" not in said.err + said.out and "internal error" not in said.err
    for part in parts:
        assert part in said.err, said.err


def test_views_are_listed_with_what_they_hold(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each view is shown with its source and entity, the blocks over it, its entities and its age; as JSON too."""
    said = call(capsys, "features", "list", filled)
    assert "visits_by_shop: `visits` by shop, for buyer\n  values of shop\n  5 entities in SQLite, materialized" in said.out
    (visits, prices) = json.loads(call(capsys, "features", "list", filled, "--json").out)
    assert (visits["view"], visits["entities"], visits["blocks"]) == (VIEW, 5, ["shop"])
    assert (prices["view"], prices["entities"], prices["models"]) == ("prices_by_good", 4, ["buyer"])


def test_materialize_says_what_it_wrote(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Again, nothing is written; `--full` writes all, `--dry-run` would, and does not; `--view` takes one view."""
    assert f"{VIEW}: 0 of 5 entities written" in call(capsys, "features", "materialize", filled).out
    dry = call(capsys, "features", "materialize", filled, "--full", "--dry-run", "--view", VIEW).out
    assert f"{VIEW}: 5 of 5 entities would be written" in dry and "prices_by_good" not in dry
    (made,) = json.loads(call(capsys, "features", "materialize", filled, "--full", "--view", VIEW, "--json").out)
    assert (made["written"], made["unchanged"], made["values"]) == (5, 0, {"shop": 5})


def test_a_dry_run_leaves_no_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything was materialized, a dry run says what would be written and makes no store."""
    file = write(tmp_path)
    lock = mlarch.load(file).compile().lock
    assert run(lock, only="visits").ok
    assert "5 of 5 entities would be written" in call(capsys, "features", "materialize", file, "--view", VIEW, "--dry-run").out
    assert not list((tmp_path / ".mlarch" / "feast").glob("*.db*"))
    assert f"{VIEW}: `visits` by shop, for buyer\n  values of shop\n  not materialized yet" in call(capsys, "features", "list", file).out


def test_values_of_an_entity_are_shown_at_a_moment(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`get --view` shows the exact values at a moment beside the plain ones of a standard client, and how old the store is."""
    at = "2024-03-07T12:00:00Z"
    found = json.loads(call(capsys, "features", "get", filled, "--view", VIEW, "shop=rome", "--at", at, "--json").out)
    row = {"shop": "rome", "good": 1, "started": START.replace(day=7, hour=12), "spent": 1.0}
    expected = trained(Shop(filled), pl.DataFrame([row], schema_overrides={"started": pl.Datetime("us", "UTC")})).row(0, named=True)
    assert found["exact"] and all(equal(value, expected[name]) for name, value in found["exact"].items())
    (view,) = found["views"]
    assert (view["known"], view["plain"].keys()) == (True, found["exact"].keys())
    said = call(capsys, "features", "get", filled, "--view", VIEW, "shop=rome", "--at", at).out
    assert f"{VIEW}: materialized" in said and "newest event 2024-03-07" in said and "at 2024-03-07 12:00:00 UTC" in said


def test_features_of_a_request_are_shown(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`get --model` gives every feature of a request as training has it, at the moment that the request says."""
    given = ("shop=oslo", "good=2", "started=2024-03-07T14:30:00+01:00", "spent=4.5")
    found = json.loads(call(capsys, "features", "get", filled, "--model", "buyer", *given, "--json").out)
    row = {"shop": "oslo", "good": 2, "started": START.replace(day=7, hour=13, minute=30), "spent": 4.5}
    expected = trained(Shop(filled), pl.DataFrame([row], schema_overrides={"started": pl.Datetime("us", "UTC")})).row(0, named=True)
    assert found["exact"].keys() == expected.keys()
    assert all(equal(value, expected[name]) for name, value in found["exact"].items())


def test_an_unknown_entity_has_an_empty_history(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of an entity that no row is of, it is said that nothing is known; its counts are 0."""
    said = call(capsys, "features", "get", filled, "--view", VIEW, "shop=atlantis")
    assert "nothing is known of shop=atlantis: an empty history" in said.out
    assert said.code == 0


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("get", "--view", "visit_by_shop", "shop=rome"), ("there is no view 'visit_by_shop'", "visits_by_shop")),
        (("get", "--view", VIEW), ("give shop=…",)),
        (("get", "--view", VIEW, "shopp=rome"), ("there is no column 'shopp'", "'shop'")),
        (("get", "--view", VIEW, "shop=rome", "--at", "noon"), ("noon is no moment",)),
        (("get", "--view", VIEW, "shop=rome", "--at", "0001-01-01T00:00+05:00"), ("0001-01-01T00:00+05:00 is no moment",)),
        (("get", "--view", VIEW, "shop=rome", "shop=oslo"), ("`shop` is given twice",)),
        (("get", "--view", "prices_by_good", f"good={2**63}"), ("`good` is of type int",)),
        (("get", "--view", "prices_by_good", "good=1", "--at", "2024-03-02"), ("MLA614", "no longer kept")),
        (("get", "--model", "byer", "shop=rome"), ("there is no model 'byer'", "buyer")),
        (("get", "--model", "buyer", "shop=rome", "good=two"), ("`good` is of type int",)),
        (("get", "--model", "buyer", "shop=rome", "good=2"), ("give started=…",)),
        (("get", "shop=rome"), ("--view or --model",)),
        (("materialize", "--view", "nothing"), ("there is no view 'nothing'",)),
    ],
)
def test_what_is_asked_wrongly_is_told(
    words: tuple[str, ...], parts: tuple[str, ...], filled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong view, column, value or moment ends in one message that says what there is."""
    refused(call(capsys, "features", words[0], filled, *words[1:]), *parts)


def test_what_was_never_made_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without validated rows, or without a materialization, the message names the command that comes first."""
    file = write(tmp_path)
    refused(call(capsys, "features", "materialize", file), "MLA906", "shops.mlarch", "mlarch run --only visits")
    refused(call(capsys, "features", "get", file, "--view", VIEW, "shop=rome"), "MLA906", "mlarch features materialize")


def test_a_store_out_of_reach_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no Redis answers, the message has its address and the line of the file, and nothing was written."""
    port = free_port()
    file = write(tmp_path, f'feature_store live {{ online = redis("127.0.0.1:{port}") }}\n')
    assert run(mlarch.load(file).compile().lock, only="visits").ok
    refused(call(capsys, "features", "materialize", file, "--view", VIEW), "MLA612", f"127.0.0.1:{port}", "shops.mlarch:")


@pytest.mark.servers
def test_a_file_that_is_no_store_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged online database ends in a message that names it; without it, the store is made anew."""
    file = write(tmp_path)
    assert run(mlarch.load(file).compile().lock, only="visits").ok
    online = State(tmp_path).path("feast", "online.db")
    online.write_bytes(b"this is no database" * 1000)
    refused(call(capsys, "features", "materialize", file, "--view", VIEW), "MLA612", "online.db")
    online.unlink()
    assert "5 of 5 entities written" in call(capsys, "features", "materialize", file, "--view", VIEW).out


@pytest.mark.parametrize(
    ("name", "damage"),
    [("feast/online.db", None), ("feast_registry.db", None), ("feast_registry.db", b""), ("feast_registry.db", b"this is no registry")],
)
def test_what_was_lost_is_told_and_made_anew(
    name: str, damage: bytes | None, filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the database or Feast's registry is gone or damaged, `get` names the command that makes it anew, and that does."""
    file = copied(filled, tmp_path)
    lost = State(file.parent).path(*name.split("/"))
    lost.unlink()
    if damage is not None:
        lost.write_bytes(damage)
    asked = ("features", "get", file, "--view", VIEW, "shop=rome")
    refused(call(capsys, *asked), "mlarch features materialize")
    assert call(capsys, "features", "materialize", file).code == 0
    assert "events of shop=rome" in call(capsys, *asked).out


def test_what_is_not_filled_yet_has_no_plain_value(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], edit: Callable[[Path, str, str], Path]
) -> None:
    """A feature or a block that the file has since the store was filled is shown exactly; a standard client knows nothing of it yet."""
    file = copied(filled, tmp_path)
    edit(file, "  feature alone", "  feature most     = max(spent) over 1d\n  feature alone")
    edit(file, "features good {", "features again {\n  from = source.visits\n  feature most = max(spent) over 1d\n}\nfeatures good {")
    edit(file, "features.good]", "features.good, features.again]")
    said = json.loads(call(capsys, "features", "get", file, "--view", VIEW, "shop=rome", "--json").out)
    assert {"shop.most", "again.most"} <= said["exact"].keys()
    assert said["views"][0]["plain"].keys() == said["exact"].keys() - {"shop.most", "again.most"}


@pytest.mark.servers
def test_without_feast_the_command_to_install_it_is_said(tmp_path: Path) -> None:
    """Where Feast is not installed, the message says which extra to install, and a dry run works all the same."""
    file = write(tmp_path)
    assert run(mlarch.load(file).compile().lock, only="visits").ok
    code = "import sys; sys.modules['feast'] = None; from mlarch.cli import main; main()"

    def without(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, "features", "materialize", str(file), "--view", VIEW, *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))

    done = without()
    assert (done.returncode, "MLA602" in done.stderr, "pip install 'mlarch[feast]'" in done.stderr) == (1, True, True)
    assert without("--dry-run").returncode == 0


def test_what_only_looks_loads_no_feast(filled: Path) -> None:
    """`features list`, `status`, `compile` and a materialization of what is unchanged load neither Feast nor pandas."""
    code = """
import sys
from mlarch.cli.failures import guarded
from mlarch.cli import group
for words in (["features", "list"], ["compile"], ["features", "materialize"], ["status"]):
    assert guarded(group, [words[0], *words[1:], sys.argv[1]]) == 0, words
assert not {"feast", "pandas", "dask"} & set(sys.modules), set(sys.modules) & {"feast", "pandas", "dask"}
"""
    done = subprocess.run([sys.executable, "-c", code, str(filled)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
