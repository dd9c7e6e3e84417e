"""How often a slip of one letter is answered with the name that was meant: every slip in every kind of name of the examples.

A slip that makes another word of the language is another mistake, and is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from mlarch.api import load
from mlarch.architecture.blocks import KINDS
from mlarch.language.files import holding

from .fuzzing import EXAMPLES
from .mistakes import KNOWN
from .slips import slipped

_NAMES = "model|source|training|features|deployment|hardware"
#: Where a name of each kind stands; `at` is the name.
PLACES = {
    "kinds of blocks": "^(?P<at>" + "|".join(KINDS) + r")(?= \w+ \{)",
    "keys": r"^  (?P<at>[a-z_]{4,}) *= ",
    "inner blocks": r"^  (?P<at>schema|slo|split|search|release|expect|fairness|clean|hyperparameters)(?= +\{)",
    "names of blocks": rf"^ +\w+ *= \[?(?:{_NAMES})\.(?P<at>\w{{4,}})",
    "columns": r"^ +feature \w+ *= \w+\((?P<at>[a-z]\w{3,})\)|^ +label *= \w+\.(?P<too>\w{4,})",
    "functions": r"^ +feature \w+ *= (?P<at>[a-z_]\w{3,})(?=\()",
    "metrics": r"^ +(?:metric|require) (?P<at>\w{4,}) ",
    "members": r"^ +(?:problem|mode|promote|output|backend|scheduler) *= (?P<at>[a-z_]{5,})$",
    "parameters": r"param\.(?P<at>\w{4,})",
    "families": r"^ +family *= (?P<at>\w+)$",
    "connectors": r"^ +connector *= (?P<at>parquet|csv)(?=\()",
    "types": r"^    \w+ *: (?P<at>float|string|timestamp|category|bool)\b",
    "hyperparameters": r"^ {4}(?P<at>learning_rate|num_leaves|n_estimators) *= ",
    "units": r"(?<![\w.])\d+(?P<at>min|GiB)\b",
}


#: Units that one slip makes of another.
_TAKEN = KNOWN | {"MB", "GB", "kB", "TB", "KiB", "MiB", "TiB", "h", "d", "w", "s", "ms", "us", "m"}


def suggested(sample: int | None) -> dict[str, tuple[int, int]]:
    """Return by kind of name how many slips got the right name, and how many were tried: all, or so many of each kind."""
    right: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for kind, pattern in PLACES.items():
        slips = [
            (path, text, match, slip) for path, text, match in _matches(pattern) for slip in slipped(_name(match)) if slip not in _TAKEN
        ]
        for path, text, match, slip in slips if sample is None or len(slips) <= sample else Random(kind).sample(slips, sample):
            start, end = match.span(match.lastgroup or 0)
            with holding({path.resolve(): text[:start] + slip + text[end:]}):
                found = load(path).diagnostics
            offered = [f"{item.caption} {item.message} {' '.join(item.helps)}" for item in found if slip in item.message]
            tried[kind] += 1
            right[kind] += any(re.search(rf"[`.\"]{re.escape(_name(match))}[`\"(]", each) for each in _first(offered))
    return {kind: (right[kind], tried[kind]) for kind in tried}


def _name(match: re.Match[str]) -> str:
    return match[match.lastgroup or 0]


def _first(offered: list[str]) -> list[str]:
    """Only what is asked as `did you mean`: a list of all there is answers nothing."""
    return [each.partition("?")[0] for each in offered if "did you mean" in each]


def _matches(pattern: str) -> Iterator[tuple[Path, str, re.Match[str]]]:
    """Yield every place of a kind of name in the examples."""
    for path in EXAMPLES:
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(pattern, text, re.M):
            yield path, text, match
