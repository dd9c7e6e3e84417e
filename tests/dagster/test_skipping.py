"""`mlarch run` runs exactly what a change asks for, and stops where the data or the gate say so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.runtime.record import last_run
from mlarch.runtime.state import State
from mlarch.targets.dagster.outcomes import Event, Outcome, Phase, RunResult

from ..conftest import copy_example
from .test_assets import KEYS

Edit = Callable[[Path, str, str], Path]
INGESTED, VALIDATED, FEATURES, TRAINED, EVALUATED, REGISTERED = KEYS
MODEL = {FEATURES, TRAINED, EVALUATED, REGISTERED}


def ran(result: RunResult) -> set[str]:
    """The steps that a run did, the rest being unchanged."""
    assert result.ok, result.problem
    assert set(result.outcomes.values()) <= {Outcome.DONE, Outcome.UNCHANGED}
    return {key for key, outcome in result.outcomes.items() if outcome is Outcome.DONE}


def test_exactly_the_right_steps_run_again(tmp_path: Path, edit: Edit, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each change, one on top of the other, the steps that depend on it run, and no other."""
    file = copy_example(tmp_path / "cancer")
    data = file.parent / "data" / "breast_cancer.csv"
    rows = data.read_text()

    def replaced(old: str, new: str) -> Callable[[], object]:
        return lambda: edit(file, old, new)

    def newer() -> None:
        monkeypatch.setattr("mlarch.architecture.steps.version_by.__defaults__", ("99.0.0",))

    changes: list[tuple[str, Callable[[], object], set[str]]] = [
        ("nothing was there", lambda: None, set(KEYS)),
        ("nothing changed", lambda: None, set()),
        ("a comment", replaced("# The smallest", "# Perhaps the smallest"), set()),
        ("a deployment's port", replaced("  model = model.classifier", "  model = model.classifier\n  port = 8123"), set()),
        ("an expectation", replaced("  schema {", "  expect { rows > 100 }\n  schema {"), {VALIDATED}),
        ("a column that no feature reads", replaced("sample_id      : id", "sample_id      : id?"), {INGESTED, VALIDATED}),
        ("a column that a feature reads", replaced("in 0..60", "in 0..70"), set(KEYS)),
        ("a feature", replaced("log1p(mean_area)", "log(mean_area)"), MODEL),
        ("a hyperparameter", replaced("= logistic_regression", "= logistic_regression\n  hyperparameters { C = 0.5 }"), MODEL - {FEATURES}),
        ("the gate", replaced("baseline = 0.80", "baseline = 0.81"), {EVALUATED, REGISTERED}),
        ("the file is touched", lambda: data.write_text(rows), set()),
        ("other line ends, the same rows", lambda: data.write_text(rows.replace("\n", "\r\n")), {INGESTED}),
        ("a row fewer", lambda: data.write_text(rows[: rows.rindex("\n", 0, -1) + 1]), set(KEYS)),
        ("another version of mlarch", newer, set(KEYS)),
        ("nothing, once more", lambda: None, set()),
    ]
    for name, change, expected in changes:
        change()
        assert ran(mlarch.load(file).run()) == expected, name


def test_what_was_removed_is_made_again(tmp_path: Path) -> None:
    """A table, a matrix or a bundle that was deleted is made again, and nothing that is still there."""
    file = copy_example(tmp_path / "cancer")
    first = mlarch.load(file).run()
    for key in (INGESTED, FEATURES, TRAINED):
        value = first.values[key]
        gone = file.parent / (value.path if key == INGESTED else value.folder)
        gone.rename(tmp_path / key.replace("/", "-"))
        assert ran(mlarch.load(file).run()) == {key}
        assert gone.exists()


def test_a_broken_rule_stops_everything_after_it(project: Path, edit: Edit) -> None:
    """Data that break a rule stop the run at the validation, with the rule, its rows and its line; a rerun says the same."""
    edit(project, "in 0..60", "in 0..20")
    for _ in range(2):
        result = mlarch.load(project).run()
        assert result.problem is not None and result.problem.code == "MLA505"
        assert "mean_radius in 0..20" in result.problem.message and "rows" in result.problem.message
        assert result.problem.at == "source.nuclei.schema.mean_radius" and result.lock.place(result.problem.at) is not None
        assert result.outcomes == {
            INGESTED: result.outcomes[INGESTED],
            VALIDATED: Outcome.FAILED,
            **dict.fromkeys((FEATURES, TRAINED, EVALUATED, REGISTERED), Outcome.NOT_RUN),
        }
    assert not (project.parent / ".mlarch" / "features").exists()


def test_a_gate_that_is_not_passed_stops_registration(project: Path, edit: Edit) -> None:
    """A model that does not pass its gate is evaluated and not registered: the message has the figures, and what is in production stays."""
    edit(project, "baseline = 0.80", "baseline = 0.999")
    result = mlarch.load(project).run()
    assert result.problem is not None and result.problem.code == "MLA604"
    assert "roc_auc > 0.999" in result.problem.message and "against 0.9990" in result.problem.message
    assert result.outcomes[EVALUATED] is Outcome.FAILED and result.outcomes[REGISTERED] is Outcome.NOT_RUN
    with pytest.raises(ArchitectureError, match="no version"):
        mlarch.load(project).predict([{"mean_radius": 1.0, "mean_texture": 1.0, "mean_area": 1.0, "mean_concavity": 0.1}])


def test_only_runs_one_asset_or_those_of_one_block(tmp_path: Path) -> None:
    """`only` runs what it names, changed or not, and nothing else; what it needs must have run."""
    file = copy_example(tmp_path / "cancer")
    first = mlarch.load(file).run(only="classifier/trained")
    assert first.problem is not None and first.problem.code == "MLA906" and "classifier/features" in first.problem.message
    assert first.outcomes == {TRAINED: Outcome.NOT_RUN}
    assert ran(mlarch.load(file).run(only="nuclei")) == {INGESTED, VALIDATED}
    assert ran(mlarch.load(file).run(only="classifier")) == MODEL
    again = mlarch.load(file).run(only="classifier/evaluated")
    assert list(again.outcomes) == [EVALUATED] and ran(again) == {EVALUATED}
    assert ran(mlarch.load(file).run()) == set()
    with pytest.raises(ArchitectureError, match="did you mean `classifier/trained`"):
        mlarch.load(file).run(only="clasifier/trained")


def test_only_does_not_step_over_a_broken_rule(project: Path, edit: Edit) -> None:
    """Features of data that broke a rule are not built because somebody names them."""
    edit(project, "in 0..60", "in 0..20")
    assert not mlarch.load(project).run(only="nuclei").ok
    result = mlarch.load(project).run(only="classifier/features")
    assert result.problem is not None and result.problem.code == "MLA505" and result.outcomes == {FEATURES: Outcome.NOT_RUN}


def test_a_sample_is_apart_and_never_registered(tmp_path: Path) -> None:
    """A run on a sample registers nothing, and leaves the full run what it was."""
    file = copy_example(tmp_path / "cancer")
    assert ran(mlarch.load(file).run()) == set(KEYS)
    sampled = mlarch.load(file).run(sample=0.2)
    assert ran(sampled) == set(KEYS) - {REGISTERED} and sampled.values[INGESTED].rows == 112
    assert sampled.values[TRAINED].folder.startswith(".mlarch/sample/")
    assert ran(mlarch.load(file).run(sample=0.2)) == set()
    assert ran(mlarch.load(file).run(sample=0.3)) == set(KEYS) - {REGISTERED}
    assert ran(mlarch.load(file).run()) == set()


def test_events_and_the_record_tell_what_happened(trained: Path) -> None:
    """Each step tells when it begins and how it ended, and the record names every value with the version that made it."""
    events: list[Event] = []
    mlarch.load(trained).run(on_event=events.append)
    assert [(event.key, event.phase, event.outcome) for event in events] == [(key, Phase.ENDED, Outcome.UNCHANGED) for key in KEYS]
    record = last_run(State(trained.parent))
    assert record is not None and list(record.assets) == KEYS and all(record.versions.values())
    assert all((trained.parent / path).is_file() for path in record.assets.values())
    assert record.hash == mlarch.load(trained).digest


def test_a_mistake_of_ours_is_one_line_with_the_rest_as_a_note(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not the user's mistake is raised with the first line of its cause; where it happened is in the notes, for the log."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("three\nlines\nof text")

    monkeypatch.setattr("mlarch.runtime.data.validation.validate", broken)
    with pytest.raises(RuntimeError) as raised:
        mlarch.load(project).run()
    assert str(raised.value) == "ZeroDivisionError: three" and "in broken" in "".join(raised.value.__notes__)
