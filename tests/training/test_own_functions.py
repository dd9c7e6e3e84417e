"""Functions of the user's from a file to a prediction: kept with the model, run again when they change, refused where they are strange."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import mlarch
from mlarch.architecture.blocks.training import Stage
from mlarch.architecture.errors import ArchitectureError
from mlarch.cli.overview import overview
from mlarch.runtime.models.bundle import Bundle
from mlarch.runtime.registry.champion import fetch_champion
from mlarch.runtime.serving.app import App
from mlarch.runtime.state import State
from mlarch.runtime.training.preparation import read_part
from mlarch.targets.dagster.outcomes import Outcome
from tests.projects import Steps

TONE = """\
from words.lists import GOOD


def tone(comment, hour):
    if comment is None:
        return None
    return sum(word in GOOD for word in comment.split()) + hour / 100
"""
FILE = """language = "1.0"
system shop { problem = classification, metric accuracy { baseline = 0.3 } }
source rows {
  connector = csv("rows.csv")
  entity    = who
  timestamp = at
  known_at  = known
  schema {
    who     : string
    at      : timestamp
    known   : timestamp
    comment : string?
    bought  : bool
  }
}
features f {
  from = source.rows
  feature tone  = coalesce(python("words:tone", comment, hour(at)), -1)
  PAST
}
model m { family = logistic_regression, features = [features.f], label = rows.bought }
evaluation e { model = model.m, require accuracy >= champion.accuracy - 60% }
"""
PAST = 'feature usual = impute_mean(mean(python("words:tone", comment, 0)) over 30d)'


def project(folder: Path, past: str = "") -> Path:
    """A table of comments, the functions beside it, and the architecture."""
    (folder / "words").mkdir(parents=True)
    (folder / "words" / "__init__.py").write_text(TONE)
    (folder / "words" / "lists.py").write_text('GOOD = {"nice"}\n')
    rows = [
        {
            "who": f"w{number % 7}",
            "at": f"2024-01-{number % 28 + 1:02}T{number % 24:02}:00:00Z",
            "known": f"2024-01-{number % 28 + 1:02}T{number % 24:02}:30:00Z",
            "comment": (None, "nice nice", "bad", "nice")[number % 4],
            "bought": number % 4 in (1, 3),
        }
        for number in range(120)
    ]
    pl.DataFrame(rows).write_csv(folder / "rows.csv")
    file = folder / "shop.mlarch"
    file.write_text(FILE.replace("PAST", past))
    return file


def edit(file: Path, old: str, new: str) -> None:
    """Replace a text in a file."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def asked(app: App, row: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Ask an app for one row; return the status and the answer."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"body": json.dumps(row).encode()}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app({"type": "http", "path": "/predict", "method": "POST", "headers": []}, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_what_is_served_is_the_code_that_was_trained_with(tmp_path: Path) -> None:
    """A bundle answers as its training part was computed when the files beside the architecture are other ones, or gone."""
    steps = Steps(project(tmp_path))
    trained = steps.train()
    root = steps.lock.root
    test, _ = read_part(root, steps.prepared, "test")
    (root / "words" / "lists.py").write_text("GOOD = set()\n")
    (root / "words" / "__init__.py").unlink()
    bundle = Bundle.load(root / trained.folder)
    rows = pl.read_parquet(root / steps.prepared.folder / "test_rows.parquet")
    assert [bundle.features(row) for row in rows.to_dicts()] == test.rows()
    assert test["f.tone"].n_unique() > 10
    assert "words.lists" not in sys.modules and "words" not in sys.modules


def test_a_window_over_a_function_is_prepared(tmp_path: Path) -> None:
    """What is aggregated over a window may be a function of each row; its code is kept too."""
    steps = Steps(project(tmp_path, PAST))
    steps.prepare()
    train, _ = read_part(steps.lock.root, steps.prepared, "train")
    assert train["f.usual"].n_unique() > 10 and steps.prepared.code


def test_a_function_that_fails_in_training_is_told_at_its_feature(tmp_path: Path) -> None:
    """The message names the function, the exception and the row's values, and the place is the feature; no module is left half made."""
    file = project(tmp_path)
    edit(file.parent / "words" / "__init__.py", "if comment is None:", "if False:")
    with pytest.raises(ArchitectureError) as caught:
        Steps(file).prepare()
    assert caught.value.code == "MLA516" and caught.value.at == "features.f.feature.tone"
    assert "`words:tone` failed: AttributeError" in caught.value.message and "comment = None, hour(at) = " in caught.value.message
    edit(file.parent / "words" / "__init__.py", "def tone(", "def town(")
    with pytest.raises(ArchitectureError) as caught:
        Steps(file).prepare()
    assert caught.value.at == "features.f.feature.tone" and "cannot be imported" in caught.value.message


def test_a_function_that_fails_at_a_request_is_a_fault_of_the_server(tmp_path: Path) -> None:
    """The answer is 500 with the function and without values: the row is what the schema allows, and the next row is answered."""
    file = project(tmp_path)
    edit(file.parent / "words" / "__init__.py", "sum(word", "1 / (comment != 'zero') + sum(word")
    steps = Steps(file)
    app = App.load(steps.lock.root / steps.train().folder, "1", steps.lock)
    status, answer = asked(app, {"comment": "zero", "at": "2024-01-01T00:00:00Z"})
    assert status == 500 and answer["error"]["code"] == "MLA516"
    assert "words:tone" in answer["error"]["message"] and "zero" not in answer["error"]["message"]
    assert asked(app, {"comment": "nice", "at": "2024-01-01T00:00:00Z"})[0] == 200


@pytest.mark.servers
def test_editing_the_code_runs_again_what_depends_on_it(tmp_path: Path) -> None:
    """After an edit of a module, or of one that it imports, `status` and `run` name the features and what follows; nothing else counts."""
    file = project(tmp_path)
    model = ["m/features", "m/trained", "m/evaluated", "m/registered"]
    assert mlarch.load(file).run().ok
    (file.parent / "words" / "unread.py").write_text("x = 1\n")
    assert set(mlarch.load(file).run().outcomes.values()) == {Outcome.UNCHANGED} and not overview(mlarch.load(file)).stale
    edit(file.parent / "words" / "lists.py", '{"nice"}', '{"nice", "bad"}')
    assert list(overview(mlarch.load(file)).stale) == model
    result = mlarch.load(file).run()
    assert [key for key, outcome in result.outcomes.items() if outcome is Outcome.DONE] == model
    assert result.values["m/registered"].version == "2"
    _strange_code_is_refused(file)
    _mlflow_predicts(file, result.values["m/trained"].tracking_uri)


def _strange_code_is_refused(file: Path) -> None:
    """Code of a registry runs only where a feature names its function; evaluation goes on without such a champion."""
    before = file.read_text()
    edit(file, 'coalesce(python("words:tone", comment, hour(at)), -1)', "if(is_missing(comment), 0, length(comment))")
    project = mlarch.load(file)
    with pytest.raises(ArchitectureError) as caught:
        fetch_champion(project.compile().lock, "m", Stage.PRODUCTION, State(file.parent))
    assert caught.value.code == "MLA611" and "words:tone" in caught.value.message
    result = project.run()
    (condition,) = result.values["m/evaluated"].gate
    assert result.ok and condition.passed and "calls functions that the file does not name: words:tone" in (condition.note or "")
    file.write_text(before)


def _mlflow_predicts(file: Path, uri: str) -> None:
    """A plain MLflow client answers with the code in the version, in another folder and without the files."""
    code = (
        f"import mlflow, pandas; mlflow.set_tracking_uri({uri!r});"
        "model = mlflow.pyfunc.load_model('models:/shop.m/2');"
        "rows = pandas.DataFrame({'comment': ['nice bad'], 'at': pandas.to_datetime(['2024-01-01T12:00:00'])});"
        "print(model.predict(rows).to_json(orient='records'))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "probability" in done.stdout, done.stderr
