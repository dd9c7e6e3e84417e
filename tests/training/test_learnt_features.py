"""Features that are learnt from labels and texts, from a file to a prediction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mlarch.architecture.errors import ArchitectureError
from mlarch.runtime.models.bundle import Bundle
from mlarch.runtime.training.preparation import read_part, read_program
from tests.projects import Steps

PLACES, WORDS = [f"place {number}" for number in range(150)], ["late", "storm", "gate", "crew"]


def project(folder: Path, label: str) -> Path:
    """A table of chance with a category of many values, a text and a label, and its architecture."""
    draw = np.random.default_rng(1)
    places, numbers = draw.choice(PLACES, 600), draw.integers(0, 3, 600)
    texts = [" ".join(draw.choice(WORDS, 3)) for _ in range(600)]
    table = pl.DataFrame({"place": places, "note": texts, "kind": [("x", "y", "z")[each] for each in numbers], "bought": numbers > 0})
    table.write_csv(folder / "rows.csv")
    file = folder / "learnt.mlarch"
    file.write_text(
        f"""language = "1.0"
system learnt {{
  problem = classification
  metric balanced_accuracy {{ baseline = 0.3 }}
}}
source rows {{
  connector = csv("rows.csv")
  schema {{
    place  : string
    note   : string
    kind   : category("x", "y")
    bought : bool
  }}
}}
features f {{
  from = source.rows
  feature place = target_encode(place)
  feature note  = tfidf(note, 3)
}}
model m {{
  family   = logistic_regression
  features = [features.f]
  label    = {label}
}}
"""
    )
    return file


def test_what_is_learnt_serves_as_it_trained(tmp_path: Path) -> None:
    """Training rows are encoded out of fold, test rows as requests are, and the bundle answers with the same program."""
    steps = Steps(project(tmp_path, "rows.bought"))
    trained = steps.train()
    root = steps.lock.root
    assert steps.prepared.features[0] == "f.place" and len(steps.prepared.features) == 4
    train, label = read_part(root, steps.prepared, "train")
    test, _ = read_part(root, steps.prepared, "test")
    assert abs(np.corrcoef(train["f.place"], label)[0, 1]) < 0.15  # encoded by all rows, it would be near 0.5
    bundle = Bundle.load(root / trained.folder)
    assert bundle.program == read_program(root, steps.prepared)
    rows = pl.read_parquet(root / steps.prepared.folder / "test_rows.parquet")
    assert [bundle.features(row) for row in rows.to_dicts()] == test.rows()


def test_a_label_that_turns_out_to_have_several_classes_is_refused(tmp_path: Path) -> None:
    """A file that names two values of a label that has three is refused when the labels are read, at the feature."""
    with pytest.raises(ArchitectureError) as caught:
        Steps(project(tmp_path, "rows.kind")).prepare()
    assert caught.value.code == "MLA325" and caught.value.at == "features.f.feature.place"
