"""The measured part of the document is read from the artifacts of the last run, and from nothing else."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.lock import Lock
from mlarch.cli import group
from mlarch.runtime.artifacts import (
    Dataset,
    Evaluated,
    GateResult,
    MetricResult,
    Part,
    Prepared,
    Registered,
    RuleResult,
    Trained,
    ValidationReport,
)
from mlarch.targets.document.measured import measured

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "cancer" / "cancer.mlarch"

VALUES: dict[str, msgspec.Struct] = {
    "nuclei/ingested": Dataset(
        source="nuclei",
        path=".mlarch/data/nuclei/d.parquet",
        digest="d1",
        rows=569,
        columns=("a", "b"),
        bytes=31_000,
        origin="x.csv",
        sample=0.5,
    ),
    "nuclei/validated": ValidationReport(
        source="nuclei",
        digest="d1",
        rows=569,
        rules=(
            RuleResult(name="present", rule="a is never missing", at="source.nuclei", passed=True),
            RuleResult(name="range", rule="a in 0..1 | b", at="source.nuclei", passed=False, failing=3, measured=1.25),
        ),
        path=".mlarch/validation/r.json",
    ),
    "classifier/features": Prepared(
        model="classifier",
        folder=".mlarch/features/c",
        digest="d2",
        dataset="d1",
        features=("shape.a", "shape.b"),
        classes=("no", "yes"),
        parts={"train": Part(rows=455, positive=0.37), "test": Part(rows=114, positive=0.38)},
    ),
    "classifier/trained": Trained(
        model="classifier", folder="m", digest="d3", key="k", run_id="run7", tracking_uri="sqlite:///x", experiment="cancer", seconds=0.25
    ),
    "classifier/evaluated": Evaluated(
        model="classifier",
        folder=".mlarch/evaluations/classifier/e 1",
        run_id="run7",
        key="k",
        rows=114,
        metrics=(
            MetricResult(name="roc_auc", value=0.9912, target=">= 0.95", baseline=0.8, met=True),
            MetricResult(name="brier", value=0.04),
        ),
        gate=(GateResult(condition="roc_auc > 0.8", at="system", passed=True, left=0.9912, right=0.8, note="no champion yet"),),
        blocking=True,
        champion="2",
        plots=("roc.png",),
    ),
    "classifier/registered": Registered(
        model="classifier",
        name="cancer.classifier",
        version="3",
        uri="models:/c/3",
        stages=("staging",),
        run_id="run7",
        key="k",
        tracking_uri="x",
        new=True,
    ),
}


@pytest.fixture
def lock(tmp_path: Path) -> Lock:
    """The compiled example in a folder of its own, with the artifacts of a run beside it."""
    file = tmp_path / "cancer.mlarch"
    shutil.copy(EXAMPLE, file)
    record = {}
    for key, value in VALUES.items():
        path = tmp_path / ".mlarch" / "values" / f"{key}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.encode(value))
        record[key] = path.relative_to(tmp_path).as_posix()
    latest = tmp_path / ".mlarch" / "runs" / "latest.json"
    latest.parent.mkdir()
    latest.write_text(json.dumps({"assets": record}))
    return mlarch.load(file).compile().lock


def report(lock: Lock) -> str:
    return measured(lock, lock.root / ".mlarch")


def numbers(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every number and truth value in a JSON value."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from numbers(part, (*at, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from numbers(part, (*at, index))
    elif isinstance(value, (bool, int, float)):
        yield at


def altered(value: Any, at: tuple[Any, ...]) -> Any:
    """Return a JSON value with another number at a place."""
    changed = json.loads(json.dumps(value))
    holder = changed
    for step in at[:-1]:
        holder = holder[step]
    old = holder[at[-1]]
    holder[at[-1]] = not old if isinstance(old, bool) else old + 1
    return changed


@pytest.mark.parametrize("key", VALUES)
def test_altering_any_number_of_an_artifact_changes_the_document(lock: Lock, key: str) -> None:
    """Each number of each artifact is in the document: another number, another text."""
    before = report(lock)
    path = lock.root / ".mlarch" / "values" / f"{key}.json"
    original = json.loads(path.read_bytes())
    places = list(numbers(original))
    assert places or key == "classifier/registered"
    for at in places:
        path.write_text(json.dumps(altered(original, at)))
        assert report(lock) != before, at
    path.write_text(json.dumps(original))
    assert report(lock) == before


def test_every_figure_links_to_the_artifact_that_holds_it(lock: Lock) -> None:
    """Each link of the measured part names a file of the run, and the figures of an asset name that asset's file."""
    section = report(lock).split(". Measured\n")[1]
    for key, part in zip(VALUES, section.split("\n### ")[1:], strict=True):
        links = re.findall(r"(!?)\[[^]]*\]\(([^)]*)\)", part)
        assert {target for picture, target in links if not picture} == {f".mlarch/values/{key}.json"}
        for target in (target for picture, target in links if not picture):
            assert (lock.root / target).is_file()
    assert "![roc](.mlarch/evaluations/classifier/e%201/roc.png)" in section


def test_links_are_relative_to_where_the_document_lies(lock: Lock) -> None:
    """A document that is written into another folder links back to the same files."""
    text = measured(lock, lock.root / ".mlarch", lock.root / "docs" / "deep")
    assert "[569](../../.mlarch/values/nuclei/ingested.json)" in text
    assert "[cancer.mlarch](../../cancer.mlarch)" in text


def test_the_declared_part_is_the_compiled_document(lock: Lock) -> None:
    """Measuring adds a section at the end and leaves the declared ones as they are."""
    compiled = (lock.path.parent / "ARCHITECTURE.md").read_text().split("\n## ", 1)[1]
    assert report(lock).split("\n## ", 1)[1].startswith(compiled.rstrip("\n"))


def test_a_run_of_another_architecture_is_said(lock: Lock) -> None:
    """Where the record says of which architecture the run was, a changed file is pointed out."""
    latest = lock.root / ".mlarch" / "runs" / "latest.json"
    record = json.loads(latest.read_text())
    latest.write_text(json.dumps({**record, "hash": lock.hash}))
    assert "has changed since" not in report(lock)
    latest.write_text(json.dumps({**record, "hash": "0" * 16}))
    assert "has changed since" in report(lock)


@pytest.mark.parametrize(
    ("path", "data", "code"),
    [
        ("runs/latest.json", None, "MLA906"),
        ("runs/latest.json", "{", "MLA608"),
        ("runs/latest.json", '{"assets": {"nuclei/polished": "x.json"}}', "MLA608"),
        ("values/nuclei/ingested.json", None, "MLA608"),
        ("values/nuclei/ingested.json", '{"rows": "many"}', "MLA608"),
    ],
)
def test_what_is_missing_or_damaged_is_one_message(lock: Lock, path: str, data: str | None, code: str) -> None:
    """No run yet, a damaged record, a lost or damaged artifact: each ends in a message that says what to do."""
    file = lock.root / ".mlarch" / path
    file.unlink() if data is None else file.write_text(data)
    with pytest.raises(ArchitectureError) as raised:
        report(lock)
    assert raised.value.code == code
    assert raised.value.help is not None and "mlarch run" in raised.value.help


def test_the_command_prints_or_writes(lock: Lock) -> None:
    """`mlarch document` prints; with -o it writes a file, or ARCHITECTURE.md into a folder; --run adds the measured part."""
    runner, file = CliRunner(), str(lock.root / "cancer.mlarch")
    printed = runner.invoke(group, ["document", file]).stdout
    assert printed.startswith("# cancer: ML architecture") and "Measured\n" not in printed
    target = lock.root / "new" / "out.md"
    assert runner.invoke(group, ["document", file, "--run", "-o", str(target)]).exit_code == 0
    assert "(../.mlarch/values/classifier/evaluated.json)" in target.read_text()
    assert runner.invoke(group, ["document", file, "-o", str(target.parent)]).exit_code == 0
    assert (target.parent / "ARCHITECTURE.md").read_text().count("\n") == printed.count("\n")


def test_the_command_documents_what_is_planned_and_refuses_what_is_wrong(tmp_path: Path) -> None:
    """An architecture that cannot be built yet is documented all the same; one with errors is not."""
    runner = CliRunner()
    planned = runner.invoke(group, ["document", str(Path(__file__).parent / "everything.mlarch")])
    assert planned.exit_code == 0 and "*Planned.*" in planned.stdout
    wrong = tmp_path / "wrong.mlarch"
    wrong.write_text('language = "1.0"\nsystem s { problem = classify }\n')
    result = runner.invoke(group, ["document", str(wrong)], standalone_mode=False)
    assert result.exception is not None and "MLA209" in result.stderr
