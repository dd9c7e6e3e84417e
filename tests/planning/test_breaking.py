"""What a reviewer must see, and what nobody need look at."""

from __future__ import annotations

import pytest

from mlarch.planning.blast import plan
from mlarch.planning.comparing import touches

from .test_comparing import Edited, edited

__all__ = ["edited"]

#: Put before the deployment of both sides, so that there is something to weaken.
GATE = "evaluation gate {\n require roc_auc >= 0.8\n require roc_auc >= champion.roc_auc - 1%\n require recall in 0.5..1\n}\n\n"
TRACKING = 'tracking runs { uri = "https://a.example.org", token = secret("ONE") }\n\n'
RULES = ("  schema {\n", "  expect { rows >= 100 }\n  schema {\n")
_API = "deployment api"

WEAKER = [
    ("mean_texture   : float in 0..80", "mean_texture : float in 0..70", ["mean_texture", "at most 70"]),
    ("mean_texture   : float in 0..80", "mean_texture : float in 1..80", ["mean_texture", "at least 1"]),
    ("mean_texture   : float in 0..80", "mean_texture : int in 0..80", ["`mean_texture` is int, was float"]),
    ("mean_texture   : float in 0..80", 'mean_texture : float("um") in 0..80', ["is in um, was in no unit"]),
    ("  feature texture   = standardize(mean_texture)\n", "", ["`mean_texture` is not in the request any more"]),
    ('label    = nuclei.diagnosis == "malignant"', "label    = nuclei.diagnosis", ["answers"]),
    ("p99 < 100ms", "p99 < 200ms", ["slo.p99` is weaker: < 200ms, was < 100ms"]),
    ("p99 < 100ms", "p99 <= 100ms", ["slo.p99` is weaker"]),
    ("p99 < 100ms, ", "", ["promised no more"]),
    ("throughput >= 1000req/s", "throughput >= 900req/s", ["slo.throughput` is weaker"]),
    ("target >= 0.95", "target >= 0.94", ["target` is weaker"]),
    ("target >= 0.95, ", "", ["promised no more"]),
    ("baseline = 0.80", "baseline = 0.79", ["easier to beat"]),
    (", baseline = 0.80", "", ["nothing has to beat 0.80"]),
    ("require roc_auc >= 0.8\n", "require roc_auc >= 0.7\n", ["asks less: `roc_auc >= 0.7`, was `roc_auc >= 0.8`"]),
    ("champion.roc_auc - 1%", "champion.roc_auc - 2%", ["asks less: `roc_auc >= champion.roc_auc - 2%`"]),
    ("recall in 0.5..1", "recall in 0.4..1", ["asks less: `recall in 0.4..1`, was `recall in 0.5..1`"]),
    (" require roc_auc >= champion.roc_auc - 1%\n", "", ["asks no more for `roc_auc >= champion.roc_auc - 1%`"]),
    ("rows >= 100", "rows >= 50", ["`source.nuclei.expect` asks less: `rows >= 50`, was `rows >= 100`"]),
    ("  expect { rows >= 100 }\n", "", ["`source.nuclei.expect` asks no more for `rows >= 100`"]),
    (
        "mean_texture   : float in 0..80",
        'mean_texture : float("um") in 0..80',
        ['`source.nuclei.schema.mean_texture` is float("um"), was float'],
    ),
    ("  model = model.classifier\n", "  model = model.classifier\n  stage = staging\n", ["serves the version in staging, was production"]),
    (TRACKING, "", ["`tracking.runs` is taken away", "https://a.example.org"]),
    ("require roc_auc >= 0.8\n", "require recall >= 0.8\n", ["asks no more for `roc_auc >= 0.8`"]),
    ("require roc_auc >= 0.8\n", "gate = false\n require roc_auc >= 0.8\n", ["is switched off"]),
    (GATE, "", ["`evaluation.gate` is taken away"]),
    ("  model = model.classifier\n", '  model = model.classifier\n  host = "0.0.0.0"\n', ["other machines can reach it"]),
    ("  model = model.classifier\n", "  model = model.classifier\n  port = 8010\n", ["port 8010, was 8000"]),
    ("https://a.example.org", "https://b.example.org", ["tracking.runs.uri"]),
    ('secret("ONE")', 'secret("TWO")', ["tracking.runs.token"]),
]

STRONGER = [
    ("mean_texture   : float in 0..80", "mean_texture : float in 0..90"),
    ("mean_texture   : float in 0..80", "mean_texture : float? in 0..80"),
    ("mean_texture   : float in 0..80", "mean_texture : float in 0..80 = 3"),
    ("p99 < 100ms", "p99 < 90ms"),
    ("p99 < 100ms", "p99 < 0.1s"),
    ("throughput >= 1000req/s", "throughput > 1000req/s"),
    ("target >= 0.95", "target >= 96%"),
    ("baseline = 0.80", "baseline = 0.81"),
    ("require roc_auc >= 0.8\n", "require roc_auc >= 0.9\n"),
    ("require roc_auc >= 0.8\n", "require roc_auc >= 0.8\n require recall >= 0.1\n"),
    ("champion.roc_auc - 1%", "champion.roc_auc - 0.5%"),
    ("champion.roc_auc - 1%", "champion.roc_auc + 1%"),
    ("recall in 0.5..1", "recall in 0.6..0.9"),
    ("rows >= 100", "rows >= 200"),
    ("  model = model.classifier\n", '  model = model.classifier\n  host = "127.0.0.2"\n'),
    ("log1p(mean_area)", "sqrt(mean_area)"),
]


@pytest.mark.parametrize(("before", "after", "words"), WEAKER)
def test_what_is_weakened_is_listed(edited: Edited, before: str, after: str, words: list[str]) -> None:
    """What breaks callers, weakens a promise or a gate, or opens a door is said with the values before and after."""
    base = ((_API, f"{GATE}{TRACKING}{_API}"), RULES)
    made = plan(edited(*base), edited(*base, (before, after)))
    assert any(all(word in each.message for word in words) for each in made.breaks), [each.message for each in made.breaks]
    changed = [end for each in made.changes for end in (each.change.path, each.change.was)]
    assert all(any(touches(path, end) for path in each.paths for end in changed) for each in made.breaks)


@pytest.mark.parametrize(("before", "after"), STRONGER)
def test_what_is_strengthened_is_not(edited: Edited, before: str, after: str) -> None:
    """A wider request, a tighter promise or a higher bar needs no reviewer, although it costs something."""
    base = ((_API, f"{GATE}{TRACKING}{_API}"), RULES)
    made = plan(edited(*base), edited(*base, (before, after)))
    assert made.changes and not made.breaks, [each.message for each in made.breaks]


def test_a_required_column_that_joins_the_request_breaks_it(edited: Edited) -> None:
    """A feature that reads another column asks callers for it; with a default it does not."""
    without = edited(("  feature texture   = standardize(mean_texture)\n", ""))
    (found,) = plan(without, edited()).breaks
    assert found.api and "`mean_texture` is new in the request, and required" in found.message
    column = ("mean_texture   : float in 0..80", "mean_texture : float in 0..80 = 20")
    assert not plan(edited(column, ("  feature texture   = standardize(mean_texture)\n", "")), edited(column)).breaks
