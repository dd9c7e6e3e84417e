"""A bundle is whole or refused, answers without the engines, and answers the same alone as in a table."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mlarch.architecture.blocks.model import Output
from mlarch.architecture.blocks.system import Problem
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.expressions import Literal, Name
from mlarch.architecture.program import FeatureProgram, ProgramFeature
from mlarch.architecture.types import Column, ColumnType, ValueKind
from mlarch.runtime.models.bundle import HEAD, Bundle, BundleHead, write_bundle
from mlarch.runtime.models.logistic_regression import LinearClassifier


@pytest.fixture
def folder(trained: Path, tmp_path: Path) -> Path:
    """A copy of the trained project's bundle."""
    (found,) = (trained.parent / ".mlarch" / "models").rglob(HEAD)
    return Path(shutil.copytree(found.parent, tmp_path / "bundle"))


def test_a_bundle_is_read_and_says_what_it_is(folder: Path) -> None:
    """The head names system, model, family, classes, features and the libraries that it was made by."""
    head = Bundle.load(folder).head
    assert (head.system, head.model, head.family, head.classes) == ("cancer", "classifier", "logistic_regression", ("false", "true"))
    assert head.features == ("shape.roundness", "shape.log_area", "shape.texture", "shape.concavity")
    assert {"numpy", "polars", "scikit-learn"} <= set(head.libraries)
    assert set(head.files) == {path.name for path in folder.iterdir()} - {HEAD}


@pytest.mark.parametrize("name", ["weights.json", "program.json"])
@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
def test_a_changed_file_is_refused(folder: Path, name: str, damage: str) -> None:
    """One byte more, half a file or none: the bundle is refused with the next step, and never answers wrongly."""
    file = folder / name
    data = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(data + b" " if damage == "changed" else data[: len(data) // 2])
    with pytest.raises(ArchitectureError) as raised:
        Bundle.load(folder)
    assert raised.value.code == "MLA608" and raised.value.help is not None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"system": 3}'])
def test_a_damaged_head_is_refused(folder: Path, text: str) -> None:
    """A head that is no head is one message."""
    (folder / HEAD).write_text(text)
    with pytest.raises(ArchitectureError) as raised:
        Bundle.load(folder)
    assert raised.value.code == "MLA608" and "\n" not in raised.value.message


def test_loading_a_bundle_imports_no_engine(folder: Path) -> None:
    """A serving process loads neither MLflow nor pandas, Dagster, Ray or scikit-learn for a linear model."""
    code = (
        "import sys; from pathlib import Path; from mlarch.runtime.models.bundle import Bundle;"
        f"b = Bundle.load(Path({str(folder)!r}));"
        "b.predict({'mean_radius': 14.0, 'mean_texture': 20.0, 'mean_area': 600.0, 'mean_concavity': 0.1});"
        "print([m for m in ('mlflow', 'pandas', 'dagster', 'ray', 'sklearn', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_requests_and_tables_are_answered_alike(folder: Path, trained: Path) -> None:
    """Every row of the data gets the same score as a request and in a table, to the last few bits."""
    bundle = Bundle.load(folder)
    frame = pl.read_csv(trained.parent / "data" / "breast_cancer.csv")
    scores = bundle.scores(bundle.matrix(frame))
    alone = [bundle.predict(row)["probability"] for row in frame.to_dicts()]
    assert np.allclose(scores, alone, rtol=1e-12, atol=0)


def _bundle(folder: Path, classes: tuple[str, ...], output: Output, problem: Problem = Problem.CLASSIFICATION, **rest: Any) -> Bundle:
    """A bundle of one feature whose weights are plain to see."""
    folder.mkdir()
    program = FeatureProgram((Column(name="x", type=ColumnType.FLOAT),), (ProgramFeature("f.x", Name(("x",)), ValueKind.NUMBER),))
    rows = 1 if len(classes) == 2 else len(classes)
    estimator = LinearClassifier(np.arange(1, rows + 1, dtype=float)[:, None], np.zeros(rows))
    head = BundleHead(
        system="s", model="m", family="logistic_regression", problem=problem, output=output, threshold=rest.get("threshold", 0.5),
        classes=classes, features=("f.x",), key="k", mlarch="0", libraries={},
    )  # fmt: skip
    write_bundle(folder, head, program, estimator)
    return Bundle.load(folder)


def test_the_output_decides_what_an_answer_holds(tmp_path: Path) -> None:
    """Probability or class, booleans or names, two classes or more: each has its own form of answer."""
    truth = _bundle(tmp_path / "a", ("false", "true"), Output.PROBABILITY)
    assert truth.predict({"x": 0.0}) == {"probability": 0.5, "label": True}
    named = _bundle(tmp_path / "b", ("no", "yes"), Output.CLASS)
    assert named.predict({"x": -1.0}) == {"label": "no"} and named.predict({"x": 1.0}) == {"label": "yes"}
    three = _bundle(tmp_path / "c", ("a", "b", "c"), Output.PROBABILITY)
    answer = three.predict({"x": 1.0})
    assert answer["label"] == "c" and list(answer["probabilities"]) == ["a", "b", "c"]
    assert sum(answer["probabilities"].values()) == pytest.approx(1)
    assert _bundle(tmp_path / "d", ("a", "b", "c"), Output.CLASS).predict({"x": -1.0}) == {"label": "a"}


def test_a_row_without_a_score_gets_no_answer(tmp_path: Path) -> None:
    """Where the score is missing every part of the answer is, and no class is named in its place."""
    nothing = float("nan")
    two = _bundle(tmp_path / "a", ("false", "true"), Output.PROBABILITY)
    assert two.answer(nothing) == two.predict({"x": None}) == {"probability": None, "label": None}
    assert _bundle(tmp_path / "b", ("no", "yes"), Output.CLASS).answer(nothing) == {"label": None}
    three = _bundle(tmp_path / "c", ("a", "b", "c"), Output.PROBABILITY)
    assert three.predict({"x": None}) == {"label": None, "probabilities": None}


@pytest.mark.parametrize(("threshold", "label"), [(0.5, True), (0.500001, False), (0.0, True), (1.0, False)])
def test_the_threshold_decides_the_label(threshold: float, label: bool, tmp_path: Path) -> None:
    """The answer is yes at the threshold and above it, no below."""
    bundle = _bundle(tmp_path / "a", ("false", "true"), Output.PROBABILITY, threshold=threshold)
    assert bundle.predict({"x": 0.0})["label"] is label


def test_the_head_names_the_digest_of_every_file(folder: Path) -> None:
    """Two bundles with the same contents have the same head, byte for byte, so that its digest names the model."""
    bundle = Bundle.load(folder)
    again = folder.parent / "again"
    again.mkdir()
    write_bundle(again, bundle.head, bundle.program, bundle.estimator)
    assert (again / HEAD).read_bytes() == (folder / HEAD).read_bytes()
    assert json.loads((again / HEAD).read_text())["files"] == bundle.head.files


def test_a_program_without_columns_has_as_many_rows_as_were_asked(tmp_path: Path) -> None:
    """Constant features keep the height of the request."""
    program = FeatureProgram((), (ProgramFeature("f.one", Literal(1), ValueKind.NUMBER),))
    bundle = _bundle(tmp_path / "a", ("no", "yes"), Output.CLASS)
    constant = Bundle(bundle.folder, bundle.head, program, bundle.estimator)
    assert constant.matrix(pl.DataFrame({"y": [1, 2, 3]})).tolist() == [[1.0]] * 3
