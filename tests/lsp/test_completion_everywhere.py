"""What is offered at many places of a large architecture, as a person comes to them while writing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .client import Client, Json, position, session

FLIGHTS = Path(__file__).parents[2] / "examples" / "flights"
WHOLE = {"classification", "regression", "clustering"}
COLUMNS = {"carrier", "origin", "distance", "arr_delay"}
METRICS = {"roc_auc", "recall"}
LIVE = {"p99", "error_rate", "accuracy_drop", "drift.ks"}
FROM = "  from = source.departures\n  feature hour"
HOUR = "feature hour     = hour(scheduled_departure)"
CSV = 'parquet("${param.data}/flights.parquet")'
SPLIT = "split { by = time,"
SEARCH = "      learning_rate in loguniform(0.01, 0.3)"
HYPER = "    learning_rate = 0.05"
REQUIRE = "require roc_auc >= 0.68"
SLICE = "worst(recall, by=origin) >= 0.35"
ROLLBACK = "rollback = p99 > 200ms or error_rate > 1%"
CANARY = "canary(steps=[5%, 25%, 50%], hold=10min)"
DRIFT = "when = drift.ks > 0.1"
ON = 'on       = [cron("0 3 1 * *"), alert.drift, alert.accuracy_drop]'
WIDER = "  training monthly { hardware = hardware.pool }"
NEXT = "governance rules {"
MILES = 'int("mi") in 0..6000'

#: What is replaced by what, with the cursor at `|`; what is offered there, and what is not.
PLACES: dict[str, tuple[str, str, set[str], set[str]]] = {
    "an empty line at the top": ("param data", "|\n\nparam data", {"source", "model", "import", "param", "moved"}, COLUMNS),
    "a kind begun": ("param data", "so|\n\nparam data", {"source"}, {"from"}),
    "a file to import": ('"hardware.mlarch"', '"|"', {"hardware.mlarch"}, {"flights.mlarch"}),
    "a file begun": ('"hardware.mlarch"', '"hard|', {"hardware.mlarch"}, {"source"}),
    "a language": ('language = "1.0"', "language = |", {'"1.0"'}, {"source"}),
    "a type of a parameter": ("data : string", "data : |", {"string", "duration", "category"}, {"timestamp"}),
    "a unit of a parameter": ("param data", "param limit : duration = 5|\nparam data", {"ms", "h"}, {"GB"}),
    "keys of the system": ("  problem  = classification", "  |", {"problem", "storage", "metric"}, {"title", "owners"}),
    "a key begun": ("  problem  = classification", "  pro|", {"problem"}, {"roc_auc"}),
    "a problem": ("= classification", "= |", WHOLE, METRICS),
    "a problem begun": ("= classification", "= clas|", WHOLE, METRICS),
    "a metric's name": ("metric recall ", "metric | ", {"precision", "f1"}, {"roc_auc", "rmse"}),
    "keys of a metric": ("{ target >= 0.40, baseline", "{ |, baseline", {"target"}, {"baseline"}),
    "a comparison": ("{ target >= 0.40, baseline", "{ target |, baseline", {">=", "<"}, {"roc_auc"}),
    "a connector": (CSV, "|", {"csv", "parquet", "sql"}, COLUMNS),
    "a connector begun": (CSV, "par|", {"parquet"}, COLUMNS),
    "arguments of a call": (CSV, "csv(|)", {"path", "separator"}, {"csv"}),
    "arguments that are left": (CSV, 'csv("a", |)', {"separator"}, {"path"}),
    "a data file": (CSV, 'parquet("|")', {"data/flights.parquet"}, {"flights.mlarch", "data/notes.csv"}),
    "a parameter in a text": (CSV, 'csv("${|")', {"param.data"}, COLUMNS),
    "a secret as an argument": (CSV, "sql(|)", {"secret", "url"}, {"csv"}),
    "columns of a list": ("[carrier, tailnum]", "[carrier, |]", {"tailnum", "origin"}, {"carrier", "param.data"}),
    "a column": ("timestamp = scheduled_departure", "timestamp = sched|", COLUMNS, {"param.data"}),
    "a member": ("refresh   = hourly", "refresh = |", {"hourly", "daily"}, {"param.data"}),
    "a unit of a size": ("volume    = 30MB", "volume = 30|", {"MB", "GiB"}, {"ms", "%"}),
    "a unit begun": ("volume    = 30MB", "volume = 30M|", {"MB", "MiB"}, {"ms"}),
    "a size": ("volume    = 30MB", "volume = |", set(), {"param.data"}),
    "a type": (f"distance            : {MILES}", "distance : |", {"int", "category"}, COLUMNS),
    "a type begun": (f"distance            : {MILES}", "distance : cat|", {"category"}, COLUMNS),
    "an expectation": ("    rows >= 1000", "    |", {"rows", "mean", "arr_delay"}, {"champion"}),
    "an expectation begun": ("    rows >= 1000", "    ro|", {"rows"}, {"champion"}),
    "in a call of an expectation": ("null_ratio(arr_delay)", "null_ratio(|)", COLUMNS, {"champion"}),
    "a share": ("null_ratio(arr_delay) <= 10%", "null_ratio(arr_delay) <= 10|", {"%"}, {"GB", "usd/h"}),
    "behind an operand": ("mean(distance) in", "mean(distance) |", {"in", "and"}, COLUMNS),
    "keys of repairs": ("clean { null_if = wind_speed > 200 }", "clean { | }", {"where", "dedupe"}, {"connector"}),
    "a condition of a repair": ("null_if = wind_speed > 200", "where = |", {"wind_speed", "is_missing"}, {"carrier"}),
    "a source": (FROM, "  from = |\n  feature hour", {"source.departures", "source.weather"}, {"model.late"}),
    "a source by name": (FROM, "  from = source.|\n  feature hour", {"departures"}, {"late"}),
    "a source begun": (FROM, "  from = source.dep|\n  feature hour", {"departures"}, {"late"}),
    "keys of features": (FROM, f"{FROM.partition(chr(10))[0]}\n  |\n  feature hour", {"feature", "entity"}, {"from"}),
    "a feature": (HOUR, "feature hour = |", {*COLUMNS, "log1p", "flight"}, {"champion", "p99"}),
    "a feature's call": (HOUR, "feature hour = hour(|)", COLUMNS, {"champion"}),
    "a function begun": (HOUR, "feature hour = day|", {"day_of_week"}, {"champion"}),
    "a feature's name": (HOUR, "feature |", set(), COLUMNS),
    "a window": ("feature delay_1d   = mean(arr_delay) over 1d", "feature a = mean(arr_delay) over |", {"1d", "7d"}, COLUMNS),
    "a window's unit": ("feature delay_1d   = mean(arr_delay) over 1d", "feature a = mean(arr_delay) over 1|", {"d", "h"}, {"GB", "%"}),
    "an operator": ("feature delay_1d   = mean(arr_delay) over 1d", "feature a = mean(arr_delay) |", {"over", "and"}, COLUMNS),
    "an operator begun": ("feature rain  = precip > 0", "feature rain = precip > 0 an|", {"and"}, {"precip"}),
    "another operand": ("feature rain  = precip > 0", "feature rain = precip + |", {"visib", "log1p"}, {"and"}),
    "a feature of another block": ("feature rain  = precip > 0", "feature rain = flight.|", {"hour", "route"}, {"precip"}),
    "a column of a source": ("feature rain  = precip > 0", "feature rain = weather.|", {"precip"}, {"hour"}),
    "a backend": ("backend = feast", "backend = |", {"feast", "tecton"}, COLUMNS),
    "a store": ("online  = sqlite()", "online = |", {"sqlite", "redis"}, {"csv"}),
    "a family": ("= lightgbm", "= |", {"lightgbm", "xgboost"}, {"param.data"}),
    "a moment": ("scheduled_departure - 1h", "scheduled_departure - 1|", {"h", "min"}, {"GB", "%"}),
    "a label": ("= departures.arr_delay > 15", "= |", {"departures", "arr_delay"}, {"champion"}),
    "a label's column": ("= departures.arr_delay > 15", "= departures.|", COLUMNS, {"hour"}),
    "feature blocks that are left": (
        "[features.flight, features.aircraft",
        "[features.flight, |",
        {"features.aircraft"},
        {"features.flight"},
    ),
    "a feature block by name": ("[features.flight, features.aircraft", "[features.flight, features.|", {"aircraft"}, {"late"}),
    "hyperparameters": (HYPER, "    |", {"learning_rate", "max_depth"}, {"family", "num_leaves"}),
    "a hyperparameter begun": (HYPER, "    lear|", {"learning_rate"}, {"C"}),
    "what is searched": (SEARCH, "    |", {"max_depth", "learning_rate"}, {"trials", "C", "arr_delay"}),
    "a search's word": (SEARCH, "    learning_rate |", {"in"}, COLUMNS),
    "a distribution": (SEARCH, "    learning_rate in |", {"loguniform", "uniform"}, COLUMNS),
    "a distribution begun": (SEARCH, "    learning_rate in log|", {"loguniform"}, COLUMNS),
    "a scheduler": ("scheduler = asha", "scheduler = |", {"asha", "none"}, COLUMNS),
    "a metric": ("maximize  = roc_auc", "maximize = |", METRICS, {"rmse", "param.data"}),
    "a metric of an imported kind": (
        "hardware = hardware.laptop\n  split",
        "hardware = hardware.|\n  split",
        {"laptop", "pool"},
        {"late"},
    ),
    "keys of a split": (SPLIT, "split { |,", {"by"}, {"validation", "model"}),
    "a way to split": (SPLIT, "split { by = |,", {"time", "stratified"}, COLUMNS),
    "a share of rows": ("validation = 10%", "validation = 10|", {"%"}, {"ms"}),
    "stages": ("stages = [development", "stages = [|", {"development"}, {"late"}),
    "keys of an evaluation": (REQUIRE, "|", {"require", "gate"}, {"training"}),
    "a gate": (REQUIRE, "require |", {*METRICS, "champion", "worst"}, COLUMNS),
    "the champion's metric": ("champion.roc_auc", "champion.|", METRICS, {"late"}),
    "percentage points": ("champion.roc_auc - 0.5%", "champion.roc_auc - 0.5|", {"%"}, {"ms"}),
    "a slice's metric": (SLICE, "worst(|) >= 0.35", METRICS, {"origin", "by"}),
    "a slice's argument": (SLICE, "worst(recall, |) >= 0.35", {"by"}, METRICS),
    "a slice's column": (SLICE, "worst(recall, by=|) >= 0.35", {"origin"}, METRICS),
    "a fairness bound": ("equal_opportunity_difference <= 25%", "equal|", {"equal_opportunity_difference"}, METRICS),
    "a protected column": ("attribute = origin", "attribute = |", {"origin"}, METRICS),
    "replicas": ("= autoscale(min=1, max=2)", "= |", {"autoscale"}, {"param.data"}),
    "a named argument": ("autoscale(min=1, max=2)", "autoscale(min=1, |)", {"max"}, {"min"}),
    "promises": ("    p50 < 50ms", "    |", {"p50", "p95"}, {"p99", "mode"}),
    "a promise's comparison": ("    p50 < 50ms", "    p50 |", {"<", "<="}, {">", "mode"}),
    "a promise's unit": ("    p50 < 50ms", "    p50 < 50|", {"ms", "s"}, {"GB"}),
    "a rate": (">= 1000req/s", ">= 1000|", {"req/s"}, {"ms"}),
    "a rate begun": (">= 1000req/s", ">= 1000req/|", {"req/s"}, {"ms"}),
    "a rollback": (ROLLBACK, "rollback = |", LIVE, COLUMNS),
    "a rollback's unit": (ROLLBACK, "rollback = p99 > 200|", {"ms"}, {"GB", "%"}),
    "a second condition's unit": (ROLLBACK, "rollback = p99 > 200ms or error_rate > 1|", {"%"}, {"ms"}),
    "a strategy": (f"strategy = {CANARY}", "strategy = |", {"canary", "blue_green"}, LIVE),
    "an argument that is left": (CANARY, "canary(steps=[5%], |)", {"hold"}, {"steps"}),
    "a unit of an argument": (CANARY, "canary(steps=[5%], hold=10|)", {"min"}, {"%", "GB"}),
    "a unit in a list": (CANARY, "canary(steps=[5|])", {"%"}, {"min"}),
    "a live metric over a window": ("error_rate over 30s > 5%", "error_rate over 30s > 5|", {"%"}, {"ms"}),
    "a rate of alarms": ("<= 1/30d ", "<= 1| ", {"/30d", "/d"}, {"ms"}),
    "an alert": (DRIFT, "when = |", LIVE, COLUMNS),
    "a kind of drift": (DRIFT, "when = drift.|", {"ks", "psi"}, {"late"}),
    "how long": ("for = windows(2, of=3), then = retrain", "for = |, then = retrain", {"windows"}, {"param.data"}),
    "an action": ("then = retrain", "then = |", {"retrain", "rollback"}, LIVE),
    "triggers": (ON, 'on = [cron("0 3 1 * *"), |]', {"alert.drift", "cron"}, {"model.late"}),
    "triggers that are left": (ON, "on = [alert.drift, alert.|]", {"accuracy_drop"}, {"drift", "late"}),
    "a duration of a call": ("shadow(1d)", "shadow(1|)", {"d", "h"}, {"%"}),
    "blocks of an overlay": (WIDER, "  |", {"training", "model"}, {"overlay", "hardware.pool"}),
    "a block of an overlay": (WIDER, "  training |", {"monthly"}, {"late"}),
    "keys in an overlay": (WIDER, "  training monthly { | }", {"schedule", "hardware"}, {"training"}),
    "keys that an overlay has": (WIDER, "  training monthly { |\n    hardware = hardware.pool }", {"schedule", "split"}, {"hardware"}),
    "a value in an overlay": (WIDER, "  training monthly { hardware = | }", {"hardware.pool"}, {"model.late"}),
    "keys of a renaming": (NEXT, f"moved {{ | }}\n{NEXT}", {"from", "to"}, {"source"}),
    "a renaming": (NEXT, f"moved {{ from = source.old, to = | }}\n{NEXT}", {"source.weather", "model.late"}, {"system.flights"}),
    "a renaming by name": (NEXT, f"moved {{ from = source.old, to = source.| }}\n{NEXT}", {"weather"}, {"late"}),
    "a choice": ("model_card = true", "model_card = |", {"true", "false"}, COLUMNS),
    "protected columns": ("[origin]", "[|]", {"origin"}, {"param.data"}),
    "a comment": (NEXT, f"# mod|\n{NEXT}", set(), {"model", "source"}),
}


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """An editor in a copy of the example, with data files that hold nothing."""
    folder = tmp_path_factory.mktemp("flights").resolve()
    for name in ("flights.mlarch", "hardware.mlarch"):
        shutil.copy(FLIGHTS / name, folder)
    (folder / "data").mkdir()
    for name in ("flights.parquet", "notes.csv"):
        (folder / "data" / name).touch()
    with session(folder) as opened:
        opened.open("flights.mlarch")
        yield opened


def offered(editor: Client, place: str) -> list[Json]:
    """What is offered at a place, the likeliest first."""
    old, new, _, _ = PLACES[place]
    (uri,) = editor.texts
    text = (FLIGHTS / "flights.mlarch").read_text(encoding="utf-8")
    assert old in text
    before, _, after = new.partition("|")
    start = text.index(old)
    editor.edit(uri, text[:start] + before + after + text[start + len(old) :])
    asked = {"textDocument": {"uri": uri}, "position": position(editor.texts[uri], start + len(before))}
    found: list[Json] = editor.request("textDocument/completion", asked)["items"]
    return found


@pytest.mark.parametrize("place", PLACES)
def test_what_fits_is_offered_everywhere(editor: Client, place: str) -> None:
    """At each place everything that fits is offered, and nothing of another kind."""
    _, _, wanted, unwanted = PLACES[place]
    found = {each["label"] for each in offered(editor, place)}
    assert wanted <= found, wanted - found
    assert not unwanted & found, unwanted & found


#: What an offer writes at a place.
WRITTEN = {
    "keys of a metric": ("target", "target >= "),
    "promises": ("p50", "p50 < "),
    "a connector": ("csv", 'csv("$1")$0'),
    "what is searched": ("max_depth", "max_depth in "),
    "a store": ("sqlite", "sqlite()"),
    "a gate": ("worst", "worst(${1:metric}, by=${2:column})$0"),
    "a data file": ("data/flights.parquet", "data/flights.parquet"),
}


@pytest.mark.parametrize("place", WRITTEN)
def test_an_offer_is_written_as_it_will_be_read(editor: Client, place: str) -> None:
    """A bound begins with the comparison that makes sense for it, a text with its quotes, a call without arguments is whole."""
    label, new = WRITTEN[place]
    assert next(each["textEdit"]["newText"] for each in offered(editor, place) if each["label"] == label) == new


#: What is pointed at, and what is said of it.
EXPLAINED = {
    "50m|s": "a duration, 0.05 s",
    "30M|B": "a size, 30000000 bytes",
    "rollback = p9|9": "99th percentile of latency. Written as a duration",
    "error_r|ate >": "told by a `deployment`",
    "accuracy_dr|op > 5": "How much worse `accuracy` is on live rows",
    "drift.k|s >": "Kolmogorov",
    "dri|ft.ks >": "`drift.psi`",
    "cham|pion.roc": "The model in production",
    "equal_opp|ortunity": "Difference of the recalls",
    "log|uniform": "order of magnitude",
    "ro|ws >= 1000": "number of rows",
    "mi|n=1": "At least so many",
    "hol|d=10min": "How long each share is held",
    "over|lay cluster": "merged over",
    "feature ho|ur": "Type: number",
    "feature ra|in": "Type: boolean",
    "hardware.lap|top": "hardware laptop { cpu = 2, memory = 8GiB }",
    "tail|num             :": "tailnum : string?",
    "mean(arr_delay) ov|er 1d": "window before",
}


@pytest.mark.parametrize("place", EXPLAINED)
def test_every_kind_of_word_is_explained(editor: Client, place: str) -> None:
    """Quantities, live metrics, gates, arguments, operators, features with their types and short blocks say what they are."""
    whole(editor)
    (uri,) = editor.texts
    assert EXPLAINED[place] in editor.explained(uri, place)


def whole(editor: Client) -> None:
    """Put the example as it is into the editor."""
    (uri,) = editor.texts
    editor.edit(uri, (FLIGHTS / "flights.mlarch").read_text(encoding="utf-8"))


def test_a_warning_stands_behind_the_meaning(editor: Client) -> None:
    """A finding that is no error does not push away what the word means."""
    (uri,) = editor.texts
    text = (FLIGHTS / "flights.mlarch").read_text(encoding="utf-8")
    editor.edit(uri, text.replace("overlay cluster {", "hardware spare { cpu = 2 }\n\noverlay cluster {"))
    (unused,) = [each for each in editor.fresh(uri) if "spare" in each["message"]]
    assert editor.explained(uri, "hardware sp|are {").find(f"**{unused['code']}**") > 0


#: A place in a call, its signature, and the number of the argument.
SIGNATURES = {
    "canary(|steps": ("canary(steps, hold)", 0),
    "50%], ho|ld": ("canary(steps, hold)", 1),
    "50%], hold=10|min": ("canary(steps, hold)", 1),
    "hash_bucket(concat(|origin": ("concat(", 0),
    "concat(origin, |dest": ("concat(", 1),
    "dest), 6|4": ("hash_bucket(", 1),
    "windows(2, |of=3": ("windows(k, of)", 1),
    "hour(|scheduled": ("hour(timestamp, text?) -> number", 0),
}


@pytest.mark.parametrize("place", SIGNATURES)
def test_a_call_shows_what_it_takes(editor: Client, place: str) -> None:
    """In a call, its arguments are shown, and which of them is being written."""
    whole(editor)
    (uri,) = editor.texts
    label, active = SIGNATURES[place]
    found = editor.request("textDocument/signatureHelp", editor.at(uri, place))
    assert found["signatures"][0]["label"].startswith(label) and found["activeParameter"] == active


def test_outside_of_a_call_nothing_is_shown(editor: Client) -> None:
    """A list and a block are no calls."""
    whole(editor)
    (uri,) = editor.texts
    for place in ("[carrier, |tailnum]", "  problem  = |classification"):
        assert editor.request("textDocument/signatureHelp", editor.at(uri, place)) is None


def test_symbols_are_found_in_all_files(editor: Client) -> None:
    """A name is found in every architecture of the folder, in files that are not open too, with the block that has it."""
    whole(editor)
    found = editor.request("workspace/symbol", {"query": "Laptop"})
    assert [(each["name"], each["location"]["uri"]) for each in found] == [("laptop", editor.uri("hardware.mlarch"))]
    (delay,) = editor.request("workspace/symbol", {"query": "delay_1d"})
    assert delay["containerName"] == "features aircraft"
