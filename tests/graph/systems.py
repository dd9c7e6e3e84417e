"""Architectures to draw: the smallest one, one that says everything, one of 200 blocks, and one of names that break pictures."""

from __future__ import annotations

from pathlib import Path

import mlarch
from mlarch.architecture.architecture import Architecture

ROOT = Path(__file__).parent.parent.parent
SMALL = ROOT / "examples" / "cancer" / "cancer.mlarch"
EVERYTHING = ROOT / "tests" / "documents" / "everything.mlarch"

#: Texts with every mark that means something in XML, DOT, Mermaid or HTML, and names that are words of theirs.
NASTY = r"""language = "1.0"
system graph {
  problem  = classification
  title    = "T <i>&amp; \" ]]> --> %% ; é 漢字\nsecond"
  overview = "x; \"y\" <z> \\ end \\"
  metric roc_auc { baseline = 0.5 }
}
## Doc with <b> & "quotes" ]]> and a backslash \
source click {
  connector = csv("a.csv")
  schema { a : float, y : category("no", "yes") }
}
features a_very_long_name_that_goes_on_and_on_and_never_ends_until_it_does_finally_end { from = source.click, feature x = a }
features end { from = source.click, feature x = a }
features subgraph { from = source.click, feature x = end.x + a }
model m {
  family   = logistic_regression
  label    = y == "yes"
  features = [features.a_very_long_name_that_goes_on_and_on_and_never_ends_until_it_does_finally_end, features.subgraph]
}
deployment d { model = model.m }
"""


def large(models: int = 26) -> str:
    """A system of that many models, each with all that one can have: 200 blocks for 26."""
    said = [
        'language = "1.0"',
        'system shop { problem = classification, title = "All that a shop predicts", metric roc_auc { baseline = 0.5 } }',
        "hardware small { cpu = 2 }",
        "tracking runs { backend = mlflow }",
        "registry versions { backend = mlflow }",
        "feature_store store { backend = feast }",
        "governance rules { model_card = true }",
    ]
    for i in range(models):
        said += [
            f'source events_{i} {{ connector = csv("e{i}.csv"), schema {{ a : float, b : float, y : category("no", "yes") }} }}',
            f"features clicks_{i} {{ from = source.events_{i}, feature x = a / b, feature z = log1p(a) }}",
            f'model buys_{i} {{ family = logistic_regression, label = events_{i}.y == "yes", features = [features.clicks_{i}] }}',
            f"training weekly_{i} {{ model = model.buys_{i}, hardware = hardware.small }}",
            f"evaluation gate_{i} {{ training = training.weekly_{i}, require roc_auc >= 0.6 }}",
            f"deployment api_{i} {{ model = model.buys_{i}, port = {8000 + i} }}",
            f"monitor live_{i} {{ deployment = deployment.api_{i}, reference = training.weekly_{i} }}",
        ]
        if i % 4 == 0:
            said += [
                f"alert drift_{i} {{ when = drift.ks > 0.1, then = retrain }}",
                f"retraining again_{i} {{ training = training.weekly_{i}, on = [alert.drift_{i}], cooldown = 12h }}",
            ]
    return "\n".join(said) + "\n"


def read(text: str, folder: Path) -> Architecture:
    """The architecture that a text describes, warnings or not."""
    file = folder / "drawn.mlarch"
    file.write_text(text, encoding="utf-8")
    project = mlarch.load(file)
    assert project.ok, project.diagnostics
    assert project.architecture is not None
    return project.architecture
