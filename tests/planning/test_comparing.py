"""Two architectures compared: what differs, before and after, what it costs and how far it reaches."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import mlarch
from mlarch import __version__
from mlarch.architecture.architecture import Architecture
from mlarch.planning.blast import Plan, plan
from mlarch.planning.classes import MEANING, Class

from ..house.sources import ROOT

CANCER = ROOT / "examples" / "cancer" / "cancer.mlarch"
Edited = Callable[..., Architecture]


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """A function that gives the example with texts replaced, each of which stands once in it."""

    def read(*pairs: tuple[str, str]) -> Architecture:
        text = CANCER.read_text(encoding="utf-8")
        for old, new in pairs:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (tmp_path / "edited.mlarch").write_text(text, encoding="utf-8")
        project = mlarch.load(tmp_path / "edited.mlarch")
        assert project.ok and project.architecture is not None, project.diagnostics
        return project.architecture

    return read


def said(made: Plan) -> list[tuple[str, str | None, str | None, str]]:
    return [(each.change.path, each.change.before, each.change.after, each.cost.value) for each in made.changes]


ONE = [
    ('"Flags mal', '"Finds mal', "system.cancer.overview", "documents only"),
    ("  ## Area against", "  ## The area against", "features.shape.feature.roundness.doc", "documents only"),
    ("target >= 0.95", "target >= 0.96", "system.cancer.metric.roc_auc.target", "re-baseline"),
    ("classification\n", 'classification\n  owners = ["team:x"]\n', "system.cancer.owners", "reload"),
    ('breast_cancer.csv")', 'breast_cancer.csv", separator=";")', "source.nuclei.connector", "rematerialise"),
    ("mean_area      : float in 0..4000", "mean_area : float in 0..5000", "source.nuclei.schema.mean_area", "rematerialise"),
    ("mean_area      : float in 0..4000", "mean_area : float in 0..3000", "source.nuclei.schema.mean_area", "breaks the request API"),
    ("log1p(mean_area)", "sqrt(mean_area)", "features.shape.feature.log_area", "rematerialise"),
    ("[features.shape]\n", "[features.shape]\n  hyperparameters { C = 0.5 }\n", "model.classifier.hyperparameters.C", "retrain"),
    ("[features.shape]\n", '[features.shape]\n  version = "1.1.0"\n', "model.classifier.version", "register"),
    ("model = model.classifier\n", "model = model.classifier\n  replicas = 3\n", "deployment.api.replicas", "redeploy"),
    ("model = model.classifier\n", "model = model.classifier\n  port = 8001\n", "deployment.api.port", "breaks the request API"),
    ("system cancer", "system tumours", "system.tumours.name", "retrain"),
]


@pytest.mark.parametrize(("before", "after", "path", "cost"), ONE)
def test_each_class_has_its_changes(edited: Edited, before: str, after: str, path: str, cost: str) -> None:
    """One edit of the example is one change, at its path, with the class of the dearest thing that it causes."""
    made = plan(edited(), edited((before, after)))
    assert [(change, each) for change, _, _, each in said(made)] == [(path, cost)]


#: The same quantity, written otherwise.
SPELT = [
    ("p99 < 100ms", "p99 < 0.1s"),
    ("throughput >= 1000req/s", "throughput >= 60_000req/min"),
    ("target >= 0.95", "target >= 95%"),
    ("baseline = 0.80", "baseline = 0.8"),
    ("memory = 4GiB", "memory = 4096MiB"),
    ("test = 25%", "test = 0.25"),
    ("null_ratio(mean_area) <= 10%", "null_ratio(mean_area) <= 0.1"),
    ("C = 2", "C = 2.0"),
]
_MORE = (
    (
        "deployment api {\n",
        "hardware h { memory = 4GiB }\n\ntraining t { model = model.classifier, split { test = 25% } }\n\ndeployment api {\n",
    ),
    ("  schema {\n", "  expect { null_ratio(mean_area) <= 10% }\n  schema {\n"),
    ("  model = model.classifier\n", "  model = model.classifier\n  hardware = hardware.h\n"),
    ("[features.shape]\n", "[features.shape]\n  hyperparameters { C = 2 }\n"),
)


@pytest.mark.parametrize(("before", "after"), SPELT)
def test_a_quantity_spelt_otherwise_costs_nothing(edited: Edited, before: str, after: str) -> None:
    """`0.1s` for `100ms` is seen in documents, and makes nothing run or be deployed again."""
    made = plan(edited(*_MORE), edited(*_MORE, (before, after)))
    assert [each.cost for each in made.changes] == [Class.DOCUMENTS]
    assert not made.assets and not made.deployments and not made.breaks


def test_what_is_made_anew_for_a_spelling_is_laid_to_it(tmp_path: Path) -> None:
    """Where another spelling of a window makes features anew after all, as their columns go by it, it is the cause, and costs that."""
    sides = []
    for name, window in (("old", "7d"), ("new", "1w")):
        shutil.copytree(ROOT / "examples" / "flights", tmp_path / name)
        file = tmp_path / name / "flights.mlarch"
        file.write_text(
            file.read_text(encoding="utf-8").replace("max(arr_delay) over 7d", f"max(arr_delay) over {window}"), encoding="utf-8"
        )
        sides.append(mlarch.load(file).architecture)
    assert sides[0] is not None and sides[1] is not None
    made = plan(sides[0], sides[1])
    (change,) = made.changes
    assert all(asset.because for asset in made.assets) and change.assets == tuple(asset.key for asset in made.assets)
    assert (change.cost is Class.DOCUMENTS) is (not made.assets)


def test_a_default_that_is_written_down_trains_nothing(edited: Edited) -> None:
    """A hyperparameter set to its default is the same model; set to another value it is not."""
    said_anyway, other = (edited(("[features.shape]\n", f"[features.shape]\n  hyperparameters {{ C = {c} }}\n")) for c in ("1.0", "3.0"))
    assert [each.cost for each in plan(edited(), said_anyway).changes] == [Class.DOCUMENTS]
    assert not plan(edited(), said_anyway).assets
    assert [each.cost for each in plan(edited(), other).changes] == [Class.RETRAIN]


def test_a_whole_number_is_no_fraction(edited: Edited) -> None:
    """`2` and `2.0` are two types in an expression: what is made anew for it has a change to be laid to."""
    made = plan(edited(("3.14159 *", "2 *")), edited(("3.14159 *", "2.0 *")))
    assert [each.change.path for each in made.changes] == ["features.shape.feature.roundness"]
    assert all(asset.because for asset in made.assets)


def test_a_call_is_told_with_what_differs(edited: Edited) -> None:
    """An argument that became its default stands on both sides, or the change could not be seen."""
    old, new = (
        edited(("model = model.classifier\n", f"model = model.classifier\n  replicas = autoscale({given})\n")) for given in ("max=2", "")
    )
    assert said(plan(old, new)) == [("deployment.api.replicas", "autoscale(max=2)", "autoscale(max=4)", "redeploy")]


def test_a_block_that_comes_is_told_with_all_that_it_says(edited: Edited) -> None:
    """What a block says is in the plan on one line as it would be written, and its defaults are not."""
    gate = "evaluation gate {\n  require recall >= 0.7\n  fairness { attribute = diagnosis, demographic_parity_difference <= 10% }\n}\n\n"
    ((_, before, after, _),) = said(plan(edited(), edited(("deployment api", f"{gate}deployment api"))))
    assert before is None
    assert after == "{ require recall >= 0.7, fairness { attribute = diagnosis, demographic_parity_difference <= 10% } }"


def test_what_is_not_carried_out_deploys_nothing(edited: Edited) -> None:
    """A key that this version does not carry out is no reason to deploy again."""
    hardware = ("deployment api {\n", "hardware h { cpu = 2 }\n\ndeployment api {\n  hardware = hardware.h\n")
    made = plan(edited(hardware), edited(hardware, ("cpu = 2", "cpu = 2, gpu = 1")))
    assert [each.cost for each in made.changes] == [Class.PLANNED] and not made.deployments


def test_what_is_planned_is_said_to_be_carried_out_not_at_all(edited: Edited) -> None:
    """A block of a kind that this version does not carry out costs nothing and is no change of documents only either."""
    made = plan(edited(), edited(("deployment api", "monitor live { deployment = deployment.api }\n\ndeployment api")))
    assert said(made) == [("monitor.live", None, "{ deployment = deployment.api }", "not carried out")]
    assert not made.assets and not made.deployments


def test_an_expectation_is_validated_and_keeps_what_comes_after(edited: Edited) -> None:
    """A new rule of the data runs the validation again; what comes after it is reached by it, and begins nothing anew."""
    made = plan(edited(), edited(("source nuclei {", "source nuclei {\n  expect { rows >= 100 }")))
    assert said(made) == [("source.nuclei.expect.0", None, "rows >= 100", "validate")]
    assert [asset.key for asset in made.assets if len(asset.way) == 1] == ["nuclei/validated"]


def test_the_way_of_a_change_is_shown_asset_by_asset(edited: Edited) -> None:
    """A changed feature reaches the features, then the model, its evaluation and its version, and the deployment that serves it."""
    made = plan(edited(), edited(("log1p(mean_area)", "sqrt(mean_area)")))
    assert made.assets[-1].way == ("classifier/features", "classifier/trained", "classifier/evaluated", "classifier/registered")
    assert {asset.because for asset in made.assets} == {("features.shape.feature.log_area",)}
    assert [(each.name, each.what, each.because) for each in made.deployments] == [("api", "redeploy", ("classifier/registered",))]
    assert said(made)[0][1:3] == ("standardize(log1p(mean_area))", "standardize(sqrt(mean_area))")


def test_two_changes_keep_their_own_assets(edited: Edited) -> None:
    """Each change is laid the assets that it alone makes run again, and not those of the other."""
    made = plan(edited(), edited(("log1p(mean_area)", "sqrt(mean_area)"), ("baseline = 0.80", "baseline = 0.85")))
    by_path = {each.change.path: each.assets for each in made.changes}
    assert by_path["system.cancer.metric.roc_auc.baseline"] == ("classifier/evaluated", "classifier/registered")
    assert by_path["features.shape.feature.log_area"][0] == "classifier/features"
    evaluated = next(asset for asset in made.assets if asset.key == "classifier/evaluated")
    assert evaluated.because == ("system.cancer.metric.roc_auc.baseline",)


def test_order_counts_where_it_means_something(edited: Edited) -> None:
    """Features in another order are another matrix; blocks in another order are the same architecture."""
    text = CANCER.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines(keepends=True) if "feature texture" in line or "feature concavity" in line]
    made = plan(edited(), edited(("".join(lines), "".join(reversed(lines)))))
    assert [(path, cost) for path, _, _, cost in said(made)] == [("features.shape.feature", "rematerialise")]
    head, *blocks = text.split("\n\n")
    model = next(block for block in blocks if block.startswith("model "))
    first = next(block for block in blocks if block.startswith("source "))
    assert plan(edited(), edited((f"\n\n{model}", ""), (first, f"{model}\n\n{first}"))).empty and head


def test_blocks_that_come_and_go(edited: Edited) -> None:
    """A second deployment is deployed, and one taken away is stopped; no asset is touched by either."""
    more = edited(("deployment api", "deployment second { model = model.classifier, port = 8010 }\n\ndeployment api"))
    there, back = plan(edited(), more), plan(more, edited())
    assert said(there) == [("deployment.second", None, "{ model = model.classifier, port = 8010 }", "redeploy")]
    assert said(back) == [("deployment.second", "{ model = model.classifier, port = 8010 }", None, "breaks the request API")]
    assert [(each.name, each.what) for each in (*there.deployments, *back.deployments)] == [("second", "deploy"), ("second", "stop")]
    assert not there.assets and not back.assets


def test_a_model_taken_away_takes_its_assets_with_it(edited: Edited) -> None:
    """What is not made any more is named, and is no asset to make anew."""
    other = 'model other { family = random_forest, features = [features.shape], label = nuclei.diagnosis == "benign" }'
    more = edited(("deployment api", f"{other}\n\ndeployment api"))
    come, gone = plan(edited(), more), plan(more, edited())
    assert [asset.key for asset in come.assets if asset.new] == list(gone.gone) and come.changes[0].assets == gone.gone
    assert gone.gone == ("other/features", "other/trained", "other/evaluated", "other/registered") and not gone.assets
    assert [each.cost for each in gone.changes] == [Class.RELOAD]
    assert any("`model.other` is taken away" in each.message for each in gone.breaks)


def test_conditions_are_matched_by_what_they_say(edited: Edited) -> None:
    """A condition put before another is one that is added; the other has not changed."""
    one = "evaluation gate {\n require roc_auc >= 0.8\n}\n\ndeployment api"
    two = "evaluation gate {\n require recall >= 0.7\n require roc_auc >= 0.8\n}\n\ndeployment api"
    made = plan(edited(("deployment api", one)), edited(("deployment api", two)))
    assert said(made) == [("evaluation.gate.require.0", None, "recall >= 0.7", "re-baseline")]


def test_another_mlarch_makes_everything_anew(edited: Edited) -> None:
    """The version of mlarch is part of every code version: a build by another one runs again as a whole, and the plan says why."""
    made = plan(edited(), edited(), mlarch="0.0.1")
    assert len(made.assets) == 6 and not made.changes and not made.empty and made.mlarch == ("0.0.1", __version__)
    assert {asset.because for asset in made.assets} == {(f"mlarch 0.0.1 → {__version__}",)}


def test_every_class_is_explained() -> None:
    """Each class has its sentence, in the order of what it costs."""
    assert list(MEANING) == list(Class)
