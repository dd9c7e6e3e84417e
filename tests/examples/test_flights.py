"""The example of the flights from end to end: its page says what its commands say, and its model is worth what the page claims."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import lightgbm
import msgspec
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from mlarch.runtime.serving.client import Client

from ..servers import free_port, running, stop_all
from .console import Command, commands, missing, said

FLIGHTS = Path(__file__).parents[2] / "examples" / "flights"
#: Another processor may grow another tree: by so much a figure may differ from the page.
WITHIN = 0.004
#: So many of the latest flights left within the day for which the store answers.
LAST = 700
ONLINE = "mode     = online\n"
pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]


class Shown(NamedTuple):
    """The folders that the page's commands ran in, and each command with what it said."""

    honest: Path
    leaky: Path
    outputs: list[tuple[Command, str]]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Every command of the page, run one after another in a copy of the example that is served at a port of its own."""
    root = tmp_path_factory.mktemp("example")
    folder, leaky = root / "flights", root / "leak"
    shutil.copytree(FLIGHTS, folder, ignore=shutil.ignore_patterns(".mlarch", "build", "__pycache__"))
    file = folder / "flights.mlarch"
    text = file.read_text(encoding="utf-8")
    assert ONLINE in text
    file.write_text(text.replace(ONLINE, f"mode = online, port = {free_port()}\n"), encoding="utf-8")
    page = (FLIGHTS / "README.md").read_text(encoding="utf-8").replace("/tmp/leak", str(leaky))
    try:
        yield Shown(folder, leaky, [(each, said(each.line, folder)) for each in commands(page)])
    finally:
        stop_all(file)


def evaluation(folder: Path) -> dict[str, Any]:
    """What the evaluation of the one model found."""
    (file,) = (folder / ".mlarch" / "evaluations" / "late").glob("*/evaluated.json")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def auc(folder: Path) -> float:
    """The model's area under the curve on the test flights, as `mlarch run` measured it."""
    (value,) = [each["value"] for each in evaluation(folder)["metrics"] if each["name"] == "roc_auc"]
    return float(value)


def test_the_page_says_what_its_commands_say(shown: Shown) -> None:
    """Every line that the page quotes is said by the command above it; only times, ports and the last digits may differ."""
    lost = {each.line: missing(each.quoted, output, WITHIN) for each, output in shown.outputs}
    assert len(lost) >= 6
    assert {line: lines for line, lines in lost.items() if lines} == {}


def test_the_model_is_good_enough(shown: Shown) -> None:
    """Trained as declared, it reaches 0.71 on the latest tenth of the flights, of which not one is left out."""
    assert auc(shown.honest) >= 0.71
    assert evaluation(shown.honest)["rows"] == 32_735
    (prepared,) = (shown.honest / ".mlarch" / "features" / "late").glob("*/prepared.json")
    parts = json.loads(prepared.read_text(encoding="utf-8"))["parts"]
    assert {name: part["rows"] for name, part in parts.items()} == {"train": 261_876, "validation": 32_735, "test": 32_735}


def test_the_one_wind_is_repaired(shown: Shown) -> None:
    """The run has repaired one value, told so beside the data, and changed no other."""
    (manifest,) = (shown.honest / ".mlarch" / "data" / "weather").glob("*.json")
    assert [(each["rule"], each["rows"]) for each in json.loads(manifest.read_text(encoding="utf-8"))["repairs"]] == [
        ("null_if wind_speed > 200", 1)
    ]
    kept, raw = pl.read_parquet(manifest.with_suffix(".parquet")), pl.read_parquet(FLIGHTS / "data" / "weather.parquet")
    assert kept.drop("wind_speed").equals(raw.drop("wind_speed").cast(dict(kept.drop("wind_speed").schema)))  # type: ignore[arg-type]
    assert kept["wind_speed"].ne_missing(raw["wind_speed"]).sum() == 1


def test_the_leak_looks_better_and_is_worse(shown: Shown) -> None:
    """Where known time is ignored the figure is better by three points; asked with what is really known, that model is the worse one."""
    assert auc(shown.leaky) > auc(shown.honest) + 0.025
    (model,) = (shown.leaky / ".mlarch" / "models" / "late").glob("*/model.txt")
    (features,) = (shown.honest / ".mlarch" / "features" / "late").glob("*/test.parquet")
    rows = pl.read_parquet(features)
    scores = lightgbm.Booster(model_file=str(model)).predict(rows.drop("__label__").to_numpy())
    really = float(roc_auc_score(rows["__label__"], scores))
    assert abs(really - 0.694) <= WITHIN and really < auc(shown.honest) - 0.01


def test_it_is_served_as_it_was_evaluated(shown: Shown) -> None:
    """Flights of the last day, asked of a server with the feature store, get the very scores of the evaluation; none falls back."""
    file = shown.honest / "flights.mlarch"
    assert "answers at" in said("mlarch serve flights.mlarch --local --detach", shown.honest)
    (features,) = (shown.honest / ".mlarch" / "features" / "late").glob("*/test_rows.parquet")
    (scores,) = (shown.honest / ".mlarch" / "evaluations" / "late").glob("*/predictions.parquet")
    rows = pl.read_parquet(features).tail(LAST)
    asked = msgspec.to_builtins(rows.select("carrier", "tailnum", "origin", "dest", "distance", "scheduled_departure").to_dicts())
    with Client(running(file)) as client:
        answers = client.predict(asked)["predictions"]
    assert [each["probability"] for each in answers] == pytest.approx(pl.read_parquet(scores)["score"].tail(LAST).to_list(), abs=1e-12)
    assert not any("fallback" in each for each in answers)
