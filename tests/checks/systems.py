"""An architecture without a mistake, to make one in it."""

from __future__ import annotations

from pathlib import Path

from mlarch.api import load

WHOLE = """language = "1.0"

system visits {
  problem = classification
  metric roc_auc { target >= 0.9, baseline = 0.6 }
}

source visits {
  connector = csv("visits.csv")
  schema {
    page    : category("home", "cart")
    seconds : float in 0..900
    clicks  : int
    started : timestamp
    bought  : bool
  }
}

features visit {
  from = source.visits
  feature pace = log1p(seconds)
}

model buyer {
  family   = logistic_regression
  features = [features.visit]
  label    = visits.bought == true
}

hardware small { cpu = 2 }

training weekly { model = model.buyer, hardware = hardware.small }

evaluation gate { require roc_auc >= 0.7 }

deployment api {
  model = model.buyer
  slo { p99 < 100ms }
}
"""


def findings(folder: Path, *changes: tuple[str, str]) -> list[tuple[str, str]]:
    """Code and underlined text of each finding, with texts of the architecture replaced; each stands in it once."""
    text = WHOLE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file = folder / "visits.mlarch"
    file.write_text(text, encoding="utf-8")
    return [(item.code, item.span.text if item.span else "") for item in load(file).diagnostics]
