"""Hydra's overrides, on both front ends: each changes one thing, says where it came from, and is refused by name when it cannot be."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlarch
from mlarch.language.diagnostics import Findings, Severity
from mlarch.language.overrides.text import parse_overrides

from .test_yaml import EVERYTHING, EXAMPLE, TWIN, write
from .writing import architecture_of

#: Overrides of everything.mlarch -> the path of what they change, and what stands there then.
CHANGES: dict[tuple[str, ...], tuple[str, object]] = {
    ("model.buyer.hyperparameters.num_leaves=31",): ("model.buyer.hyperparameters.values.num_leaves", 31),
    ("model.buyer.hyperparameters.learning_rate=1e-3",): ("model.buyer.hyperparameters.values.learning_rate", 0.001),
    ("model.buyer.hyperparameters.min_child_samples=7",): ("model.buyer.hyperparameters.values.min_child_samples", 7),
    ("model.buyer.hyperparameters={num_leaves: 9, learning_rate: 0.5}",): (
        "model.buyer.hyperparameters.values",
        {"num_leaves": 9, "learning_rate": 0.5},
    ),
    ("~model.buyer.hyperparameters.num_leaves",): ("model.buyer.hyperparameters.values", {"learning_rate": 0.07}),
    ("model.buyer.version=1.10",): ("model.buyer.version", "1.10"),
    ("model.buyer.family=xgboost", "~model.buyer.hyperparameters"): ("model.buyer.family", "xgboost"),
    ('model.buyer.label="visits.clicks > 3"',): ("model.buyer.label.function", ">"),
    ("model.buyer.threshold=40%",): ("model.buyer.threshold.text", "40%"),
    ("system.everything.title=NO",): ("system.title", "NO"),
    ("system.everything.title=12:30:00",): ("system.title", "12:30:00"),
    ("system.everything.title=true",): ("system.title", "true"),
    ("system.everything.title=1_000",): ("system.title", "1_000"),
    ("system.everything.title='a, \"b\"'",): ("system.title", 'a, "b"'),
    (r'system.everything.title="a \"b\" \\ c"',): ("system.title", r'a "b" \\ c'),
    (r"system.everything.title=a\,b\ c",): ("system.title", "a,b c"),
    ("system.everything.title=",): ("system.title", ""),
    ('system.everything.overview=""',): ("system.overview", ""),
    ("system.everything.owners=[a@example.org,'b, c']",): ("system.owners", ("a@example.org", "b, c")),
    ("system.everything.owners=sort([b@example.org,a@example.org])",): ("system.owners", ("a@example.org", "b@example.org")),
    ("registry.versions.stages=[]",): ("registry.versions.stages", ()),
    ("registry.versions.stages=extend_list(development)",): ("registry.versions.stages", ("staging", "production", "development")),
    ("source.visits.expect=extend_list('rows <= 9')",): ("source.visits.expect.conditions.2.expression.arguments.1.value", 9),
    ("system.everything.owners=one@example.org",): ("system.owners", ("one@example.org",)),
    ("system.everything.metric.roc_auc.baseline=0.5",): ("system.metric.roc_auc.baseline.text", "0.5"),
    ('system.everything.metric.roc_auc.target=">= 0.99"',): ("system.metric.roc_auc.target.bound.text", "0.99"),
    ("~system.everything.metric.log_loss",): ("system.metric.log_loss", None),
    ("+system.everything.metric.f1.baseline=0.2",): ("system.metric.f1.baseline.text", "0.2"),
    ('deployment.api.slo.p99="<50ms"',): ("deployment.api.slo.p99.bound.text", "50ms"),
    ("deployment.api.slo={p50: '< 1ms', p99: '< 2ms'}",): ("deployment.api.slo.p99.bound.text", "2ms"),
    ("~deployment.api.slo.p99",): ("deployment.api.slo.p99", None),
    ("~deployment.api.slo",): ("deployment.api.slo", None),
    ("deployment.second.slo.p99='< 7ms'",): ("deployment.second.slo.p99.bound.text", "7ms"),
    ("deployment.api.replicas=3",): ("deployment.api.replicas", 3),
    ("deployment.api.replicas='autoscale(min=1, max=9)'",): ("deployment.api.replicas.max", 9),
    ("deployment[api].port=9000",): ("deployment.api.port", 9000),
    ("+deployment.third={model: model.other, port: 9001}",): ("deployment.third.port", 9001),
    ("++deployment.api.port=9000",): ("deployment.api.port", 9000),
    ("deployment.api.port=int(9000.0)",): ("deployment.api.port", 9000),
    ("~deployment.second",): ("deployment.second", None),
    ("training.weekly.split.test=30%",): ("training.weekly.split.test.text", "30%"),
    ("training.rarely.split.seed=9",): ("training.rarely.split.seed", 9),
    ("training.weekly.schedule='cron(\"0 5 * * *\")'",): ("training.weekly.schedule.expression", "0 5 * * *"),
    ("hardware.pool.nodes=3..4",): ("hardware.pool.nodes", (3, 4)),
    ("hardware.pool.gpu=4", "hardware.pool.gpu=5"): ("hardware.pool.gpu", 5),
    ("features.visit.feature.pace='sqrt(seconds)'",): ("features.visit.feature.pace.expression.function", "sqrt"),
    ("+features.visit.feature.half=clicks/2",): ("features.visit.feature.half.expression.function", "/"),
    ("~features.visit.feature.today",): ("features.visit.feature.today", None),
    ("source.visits.schema.clicks='int in 0..9'",): ("source.visits.schema.columns.4.high", 9.0),
    ("+source.visits.schema.more=float",): ("source.visits.schema.columns.8.name", "more"),
    ("source.visits.entity=[page]",): ("source.visits.entity", ("page",)),
    ('source.visits.expect.rows=">= 5"',): ("source.visits.expect.conditions.0.expression.arguments.1.value", 5),
    ("source.visits.expect=['rows >= 7']",): ("source.visits.expect.conditions.0.expression.arguments.1.value", 7),
    ("evaluation.judge.require=['roc_auc >= 0.9']",): ("evaluation.judge.require.1", None),
    ("+evaluation.judge.require='f1 >= 0.9'",): ("evaluation.judge.require.2.expression.arguments.0.parts", ("f1",)),
    ("evaluation.judge.require=extend_list('f1 >= 0.9')",): ("evaluation.judge.require.2.expression.arguments.0.parts", ("f1",)),
    ("source.visits.expect=['rows >= 7', 'rows <= 9']",): ("source.visits.expect.conditions.1.expression.arguments.1.value", 9),
    ("evaluation.judge.gate=true",): ("evaluation.judge.gate", True),
    ("evaluation.judge.gate=TRUE",): ("evaluation.judge.gate", True),
    ("model.buyer.search.num_leaves='in [1, 2]'",): ("model.buyer.search.space.0.expression.choices.0.value", 1),
    ("retraining.refresh.on=[alert.drift]",): ("retraining.refresh.triggers.1", None),
}


def at(value: object, path: str) -> object:
    """What stands at a path of attributes, keys and numbers; None where nothing does."""
    for part in path.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, tuple):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = getattr(value, part, None)
    return value


@pytest.mark.parametrize("overrides", CHANGES, ids=lambda overrides: overrides[0])
def test_an_override_changes_what_it_names_on_both_front_ends(overrides: tuple[str, ...]) -> None:
    """Each override gives the value that it says, and the same architecture from text and from YAML."""
    text, twin = (mlarch.load(path, overrides) for path in (EVERYTHING, TWIN))
    assert text.architecture is not None
    path, value = CHANGES[overrides]
    assert at(text.architecture, path) == value
    assert twin.architecture == text.architecture


def test_an_override_changes_nothing_else() -> None:
    """Apart from the one value the architecture stays as it was, its doc comments with it."""
    before = architecture_of(EVERYTHING)
    after = architecture_of(EVERYTHING, "features.visit.feature.pace='sqrt(seconds)'")
    pace = after.features["visit"].feature["pace"]
    assert pace.doc == "Seconds on a log scale."
    put_back = msgspec.structs.replace(
        after.features["visit"], feature={**after.features["visit"].feature, "pace": before.features["visit"].feature["pace"]}
    )
    assert msgspec.structs.replace(after, features={**after.features, "visit": put_back}) == before


#: Overrides that are refused -> code, the text under the caret, part of the message, and part of the help.
REFUSED = {
    "model.buyr.family=x": ("MLA009", "buyr", "there is no `model.buyr` to override", "there is `buyer`, `other`"),
    "modle.buyer.family=x": ("MLA009", None, "there is no `modle` to override", "a path begins with a kind of block"),
    "system.problem=regression": ("MLA009", "problem", "there is no `system.problem`", "`system.everything.problem`"),
    "model.buyer.familly=x": ("MLA204", "familly", "`model` has no `familly`", ""),
    "model.buyer.search.trails=3": ("MLA204", "trails", "`search` has no `trails`", ""),
    "model.buyer.hyper.num_leaves=3": ("MLA204", "hyper", "`model` has no `hyper`", ""),
    "model.buyer.hyperparameters.num_leafs=3": ("MLA407", None, "num_leafs", ""),
    "model.buyer.family.x=3": ("MLA212", None, "`family` is a value, not a mapping", ""),
    "model.buyer=3": ("MLA212", "3", "`model.buyer` is a block, not `3`", ""),
    "model=3": ("MLA009", None, "there is no config group `model` here", "`model.<name>.…`"),
    "features.visit.feature.pase=3": (
        "MLA009",
        "pase",
        "there is no `features.visit.feature.pase`",
        "`+features.visit.feature.pase=…` adds one",
    ),
    "source.visits.schema.clickz=int": ("MLA009", "clickz", "there is no `source.visits.schema.clickz`", "`clicks`"),
    "~source.visits.schema.clickz": ("MLA009", "clickz", "there is no `source.visits.schema.clickz`", "`clicks`"),
    "~deployment.second.slo": ("MLA009", None, "the file does not say `deployment.second.slo`", ""),
    "~deployment.api.port=80": ("MLA009", None, "`~` takes a path away", ""),
    "+deployment.api.port=80": ("MLA009", None, "`deployment.api.port` is there already", "without `+`"),
    "deployment.api.port=many": ("MLA207", "many", "expected a whole number", ""),
    "deployment.api.slo.p99=50ms": ("MLA212", "50ms", "`p99` is a bound", ""),
    'deployment.api.slo.p99="< 50"': ("MLA208", "50", "expected a duration", ""),
    'deployment.api.slo.p99="> 50ms"': ("MLA215", None, "`p99` is bounded by", ""),
    "deployment.api.port=": ("MLA101", None, "expected a value, found nothing", ""),
    "deployment.api.model=other": ("MLA210", "other", "a reference names its kind", ""),
    "deployment.api.mode=streamin": ("MLA209", "streamin", "`streamin` is not one of", ""),
    "param.x=3": ("MLA007", "3", "there is no parameter `x`", ""),
    "param.x=[1,2]": ("MLA009", None, "a parameter takes one value", ""),
    "deployment.second.model=extend_list(model.buyer)": ("MLA207", None, "found a list", ""),
    "model.other.hyperparameters.C=extend_list(1)": ("MLA009", None, "the file does not say `model.other.hyperparameters.C`", "whole list"),
    "~param.x": ("MLA009", None, "a parameter takes one value", ""),
    "language.x=2.0": ("MLA009", None, "there is no `language` to override", ""),
    "deployment.api.port=1,2": ("MLA009", None, "this override is a sweep", "`deployment.api.port=[1,2]`"),
    "deployment.api.port=range(1,5)": ("MLA009", None, "this override is a sweep", "give one value"),
    "deployment.api.port=choice(1,2)": ("MLA009", None, "this override is a sweep", "give one value"),
    "model.buyer.threshold=interval(0,1)": ("MLA009", None, "this override is a sweep", "give one value"),
    "model.buyer.family=glob(*)": ("MLA009", None, "this override is a sweep", "give one value"),
    "deployment.api.port=int(choice(1,2))": ("MLA009", None, "this override is a sweep", "give one value"),
    "deployment.api.slo.p99=<50ms": ("MLA009", "<", "the value of this override is not usable", """'deployment.api.slo.p99="<50ms"'"""),
    "model.buyer.label=visits.clicks > 3": ("MLA009", ">", "the value of this override is not usable", """"visits.clicks > 3"'"""),
    'source.pages.connector=csv("x.csv")': (
        "MLA009",
        None,
        "the value of this override is not usable",
        r"""'source.pages.connector="csv(\"x.csv\")"'""",
    ),
    "deployment.api.port": ("MLA009", None, "`deployment.api.port` is no override", "`path=value`"),
    "": ("MLA009", None, "`` is no override", "`path=value`"),
    "model.buyer.on": ("MLA009", None, "`model.buyer.on` is no override", ""),
    "a b=3": ("MLA009", " ", "the path of this override is not usable", "names with dots"),
    "model.buyer.hyperparameters={num_leaves: 3": ("MLA009", None, "the value of this override is not usable", ""),
    "system.everything.title='${oc.env:HOME}'": ("MLA007", None, "only a parameter can stand in a text", "secret"),
    "system.everything.title=${oc.env:HOME}": ("MLA007", None, "only a parameter can stand in a text", "secret"),
    "hardware=laptop": ("MLA009", None, "there is no config group `hardware` here", "in YAML"),
    "slo@deployment.api.slo=interactive": ("MLA009", None, "there is no config group `slo` here", "in YAML"),
}


@pytest.mark.parametrize("override", REFUSED, ids=str)
def test_an_override_that_cannot_be_is_refused_at_its_place(override: str) -> None:
    """A path that leads nowhere, a value that does not fit, a sweep, what Hydra cannot read: one error, pointing into `<override:2>`."""
    code, under, message, help = REFUSED[override]
    errors = [
        item for item in mlarch.load(EVERYTHING, ["deployment.api.port=8123", override]).diagnostics if item.severity is Severity.ERROR
    ]
    assert [(item.code, item.span.source.name if item.span else None) for item in errors] == [(code, "<override:2>")]
    assert message in errors[0].message and help in " ".join(errors[0].helps)
    if under is not None:
        assert errors[0].span is not None and errors[0].span.text == under


def test_parameters_are_given_by_override(tmp_path: Path) -> None:
    """`param.data=/tmp/x` gives a parameter its value, by its type: a text as written, a number as a number."""
    text = 'language = "1.0"\nparam data : string\nparam cut : ratio = 10%\nsystem s { problem = regression, overview = "${param.data}" }\n'
    path = write(tmp_path, text + "model m { threshold = param.cut }\n", "a.mlarch")
    made = mlarch.load(path, ["param.data=/tmp//x", "param.cut=1e-3"]).architecture
    assert made is not None
    assert (made.system.overview, made.model["m"].threshold.text) == ("/tmp//x", "1e-3")
    found = [(item.code, item.span.text if item.span else "") for item in mlarch.load(path, ["param.data=NO", "param.cut=NO"]).diagnostics]
    assert ("MLA207", "NO") in found


def test_overrides_come_after_overlays_and_in_order(tmp_path: Path) -> None:
    """What the command line says wins over an overlay, and the later of two overrides over the earlier."""
    text = 'language = "1.0"\nsystem s { problem = regression }\nhardware h { cpu = 1 }\noverlay big { hardware h { cpu = 2 } }\n'
    path = write(tmp_path, text, "a.mlarch")
    cpus = [
        project.architecture.hardware["h"].cpu
        for given in ([], ["hardware.h.cpu=3"], ["hardware.h.cpu=3", "hardware.h.cpu=4"])
        if (project := mlarch.load(path, given, overlays=["big"])).architecture
    ]
    assert cpus == [2, 3, 4]


def test_an_overridden_position_is_in_the_override() -> None:
    """The lock file knows which value came from the command line, and from which override."""
    project = mlarch.load(EVERYTHING, ["hardware.small.cpu=4", "deployment.api.slo.p99='< 7ms'"])
    places = {
        path: project.positions.paths[path].place for path in ("hardware.small.cpu", "deployment.api.slo.p99", "hardware.small.memory")
    }
    assert places["hardware.small.cpu"] == "<override:1>:1:16"
    assert places["deployment.api.slo.p99"] == "<override:2>:1:20"
    assert places["hardware.small.memory"].rpartition("/")[2].startswith("everything.mlarch:")


_WORDS = ["model", "buyer", "classifier", "family", "hyperparameters", "choice", "int", "extend_list", "sort", "1", "1e9", "null", "ä"]
_PIECES = st.sampled_from([*_WORDS, *".=[]{}(),:'\"\\~+@/$ \n", "${"])
_PATHS = [
    "model.classifier.family=",
    "deployment.api.slo=",
    "deployment.api=",
    "+deployment.",
    "system.cancer.owners=",
    "features.shape.feature.",
]


@given(
    st.tuples(st.sampled_from(["", "+", "++", "~"]), st.sampled_from(_PATHS), st.lists(_PIECES, max_size=8).map("".join)).map("".join)
    | st.lists(_PIECES, max_size=14).map("".join)
    | st.text(max_size=20)
)
@settings(max_examples=250, deadline=None)
def test_no_override_breaks_the_reader(text: str) -> None:
    """Whatever is given as an override is one, or gets findings whose places lie in it: never a traceback."""
    findings = Findings()
    for parsed in parse_overrides([text], findings):
        assert all(part.span.text for part in parsed.path)
    project = mlarch.load(EXAMPLE / "cancer.mlarch", [text])
    for item in [*findings, *project.diagnostics]:
        assert item.message
        assert item.span is None or 0 <= item.span.start <= item.span.end <= len(item.span.source.text) + 1


@pytest.mark.parametrize(
    ("override", "told"),
    {
        "param.rounds=60": "the parameter `rounds` lies in `1..50`",
        "param.rounds=1.5": "expected a whole number, found `1.5`",
        "param.rounds=null": "the parameter `rounds` is an int",
        "param.share=60%": "the parameter `share` lies in `5%..50%`",
        "param.wait=5": "expected a duration, found the number `5`",
        "param.wait=2h": "the parameter `wait` lies in `1s..1h`",
        "param.low=-2": "the parameter `low` lies in `-1..1`",
        "param.size=c": 'the parameter `size` is never "c"',
        "param.rounds=50": "",
        "param.share=0.05": "",
        "param.wait=60min": "",
        "param.low=-1": "",
        "param.size=b": "",
        "param.size=null": "",
    }.items(),
    ids=str,
)
def test_a_parameter_is_held_to_its_type(tmp_path: Path, override: str, told: str) -> None:
    """A value from the command line lies in the parameter's range, or is one of its texts, as the default does."""
    text = """language = "1.0"
param rounds : int in 1..50 = 30
param share : ratio in 5%..50% = 20%
param wait : duration in 1s..1h = 10min
param low : float in -1..1 = 0
param size : category("a", "b")? = "a"
system s { problem = regression, overview = "${param.rounds} ${param.share} ${param.wait} ${param.low}" }
model m { family = linear, hyperparameters { kind = param.size } }
"""
    project = mlarch.load(write(tmp_path, text, "s.mlarch"), [override])
    found = [item for item in project.diagnostics if item.span is not None and item.span.source.name == "<override:1>"]
    assert [told in item.message for item in found] == ([True] if told else [])


@pytest.mark.parametrize("connector", ['csv("${param.folder}/visits.csv")', "csv(param.folder)"])
def test_a_folder_from_the_command_line_may_be_absolute(tmp_path: Path, connector: str) -> None:
    """Who calls the command knows the machine: `param.folder=/data` is no place on one machine that the file names."""
    text = (
        'language = "1.0"\nparam folder : string = "."\nsystem s { problem = regression }\n'
        f"source visits {{ connector = {connector}, schema {{ seconds : float }} }}\n"
    )
    project = mlarch.load(write(tmp_path, text, "s.mlarch"), ["param.folder=/data/visits.csv"])
    assert "MLA449" not in {item.code for item in project.diagnostics}
