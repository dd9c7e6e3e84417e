"""How long an edit in a long file takes to become fresh findings, at the editor's end of the pipe.

`python -m tests.lsp.latency [LINES [EDITS]]` prints the milliseconds as JSON.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from .client import Client, Json, session

FIRST = 'language = "1.0"\n\nsystem large {\n  problem = classification\n  metric roc_auc { target >= 0.7, baseline = 0.5 }\n}\n'
#: One source with all that hangs on it; `@` is its number.
PART = """
# Part @.
source s@ {
  connector = csv("d@.csv")
  timestamp = at
  schema {
    at : timestamp
COLUMNS
    y  : bool
  }
  expect { rows >= 100, mean(c1) in 0..50 }
}

features f@ {
  from = source.s@
FEATURES
}

model m@ {
  family   = logistic_regression
  label    = s@.y
  features = [features.f@]
  hyperparameters { C = 0.5 }
}

training t@ {
  model = model.m@
  split { by = time, test = 20% }
}

evaluation e@ {
  training = training.t@
  require roc_auc >= 0.6
}
"""
COLUMNS = "\n".join(f"    c{each} : float in 0..100" for each in range(12))
FEATURES = "\n".join(f"  ## What c{each} comes to.\n  feature g{each} = log1p(c{each}) + c{(each + 1) % 12} / 2" for each in range(12))


def _part(number: int) -> str:
    return PART.replace("COLUMNS", COLUMNS).replace("FEATURES", FEATURES).replace("@", str(number))


def architecture(lines: int) -> str:
    """Return a right architecture of about so many lines."""
    part = _part(0).count("\n")
    return FIRST + "".join(_part(number) for number in range(max(1, lines // part)))


def typed(text: str, edits: int, seed: int = 0) -> list[str]:
    """Return the texts that follow each other while lines are typed letter by letter all over a file, each then taken back."""
    choose = random.Random(seed)
    made: list[str] = []
    while len(made) < edits:
        places = [at for at, char in enumerate(text) if char == "\n" and text[at - 1] in "02356789c"]
        at = choose.choice(places) + 1
        line = choose.choice(
            (
                "  feature extra = log1p(c1) * 2\n",
                "  feature h = f1.g1 + c2\n",
                "    z : float in 0..1\n",
                "# a note\n",
                "  threshold = 0.4\n",
            )
        )
        made += [text[:at] + line[:count] + text[at:] for count in range(1, len(line) + 1)]
        made.append(text)
    return made[:edits]


def measure(lines: int, edits: int) -> Json:
    """Return what edits of a file of so many lines took: median, 95th percentile and longest, in milliseconds."""
    text = architecture(lines)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder).resolve() / "large.mlarch"
        path.write_text(text, encoding="utf-8")
        with session(path.parent) as client:
            started = perf_counter()
            uri = client.open(path.name)
            assert client.fresh(uri) == [], client.fresh(uri)[:3]
            opened = perf_counter() - started
            taken = sorted(_one(client, uri, each) for each in typed(text, edits))
            client.edit(uri, text)
            assert client.fresh(uri) == []
    return {
        "lines": text.count("\n"),
        "edits": edits,
        "open_ms": round(1000 * opened, 1),
        "median_ms": round(1000 * statistics.median(taken), 1),
        "p95_ms": round(1000 * taken[int(0.95 * len(taken))], 1),
        "longest_ms": round(1000 * taken[-1], 1),
    }


def _one(client: Client, uri: str, text: str) -> float:
    started = perf_counter()
    client.edit(uri, text)
    client.fresh(uri)
    return perf_counter() - started


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    print(json.dumps(measure(*(*given, *(5000, 200)[len(given) :]))))
