"""Architectures that are wrong in their structure: right files of both forms with whole parts dropped, moved, exchanged or made extreme.

A part is a statement, a value or a word, found by parsing; in YAML an entry, a value or a key. What takes a part's place is a part of the
same sort from any of the files, so that most of what comes out is read far into the checks, or is still right.

`python -m tests.language.fuzzing FIRST LAST` tries the seeds from FIRST to before LAST and prints what fails.
"""

from __future__ import annotations

import re
import sys
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from mlarch.language import tree
from mlarch.language.diagnostics import Findings
from mlarch.language.parsing.parser import parse
from mlarch.language.source import Source

from ..house.sources import ROOT
from .corpus import cases
from .mutations import PIECES, mutated_once
from .writing import as_yaml

EXAMPLES = (ROOT / "examples/cancer/cancer.mlarch", ROOT / "examples/flights/flights.mlarch", ROOT / "tests/documents/everything.mlarch")
#: Numbers, texts and expressions that are hard to take.
EXTREMES = (
    *("0", "-1", "1e309", "1e-400", "9" * 40, "0.0000001%", "5m", "1e3ms", "101%", "0d", "1..0", "0..0", "2013-02-30", "1_000", "007"),
    *('""', '"' + "x" * 300 + '"', '"${param.data}"', '"${"', '"\\\\"', '"../../../etc/passwd"', '"NaN"', "nan", "inf", "null", "true"),
    *("source", "source.", "model.late.late", "`a b`", "champion.champion", "[]", "[[]]", "f()", "f(f(f(x)))", "(x)", "not x", "x = 1"),
    *('python("canary:rows")', 'secret("X")', 'cron("61 * * * *")', 'cron("* * * * *")', "windows(3, of=2)", "autoscale(min=9, max=1)"),
)
YAML_EXTREMES = (
    *(
        "~",
        "NO",
        "1e-3",
        "0x1F",
        "12:30:00",
        "{}",
        "[]",
        "[[[]]]",
        "{a: {b: {c: d}}}",
        "&a x",
        "*a",
        "!!binary aGk=",
        "| ",
        "> x",
        "'it''s'",
    ),
    *("!!python/object/apply:canary.rows []", "!!python/name:canary.rows", "${oc.env:HOME}", "${canary:rows}", "{_target_: canary.rows}"),
    *('"\\x00"', '"< 100ms"', "'= 1'", ">= ", "? x", "- x", "<<", "@x", "`x`", "%x", "---", "..."),
)
WRAPPINGS = ("f({})", "({})", "[{}]", "not {}", "-{}", "{} over 1d", "{} in 0..1", "{} + {}", "{} == {}")


@dataclass(frozen=True)
class Base:
    """A right file with where its parts stand: statements, values and words."""

    path: Path
    suffix: str
    text: str
    statements: tuple[tuple[int, int], ...]
    values: tuple[tuple[int, int], ...]
    words: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Case:
    """One mutated text, the form that it is in, and the right file that it comes from."""

    base: Base
    text: str


def case(seed: int) -> Case:
    """Return the case of a seed: every second in YAML, most with one to four changed parts, some with torn tokens as well."""
    random = Random(seed)
    suffix = (".mlarch", ".yaml")[seed % 2]
    base = random.choice(bases(suffix))
    text = base.text
    for start, end, new in sorted(_edits(base, random), reverse=True):
        text = text[:start] + new + text[end:]
    for _ in range(random.choice((0, 0, 0, 0, 1, 3))):
        text = mutated_once(text, random)
    return Case(base, text)


@cache
def bases(suffix: str) -> tuple[Base, ...]:
    """Return every right file of the corpus and of the examples in one of the two forms."""
    found = [path for path in (*cases("good"), *EXAMPLES) if path.name != "windows_line_ends.mlarch"]
    texts = [(path, path.read_text(encoding="utf-8-sig")) for path in found]
    if suffix == ".mlarch":
        return tuple(_base(path, text) for path, text in texts)
    written = [(path, as_yaml(text)) for path, text in texts]
    twin = ROOT / "examples/cancer/cancer.yaml"
    return tuple(_yaml_base(path, text) for path, text in (*written, (twin, twin.read_text(encoding="utf-8"))))


@cache
def pool(suffix: str, sort: str) -> tuple[str, ...]:
    """Return every different text that stands as a part of one sort in some file; in YAML those on one line."""
    texts = {base.text[start:end] for base in bases(suffix) for start, end in getattr(base, sort)}
    return tuple(sorted(text for text in texts if suffix == ".mlarch" or "\n" not in text))


@cache
def alike(suffix: str, wanted: str) -> tuple[str, ...]:
    """Return every value that has the shape of another."""
    return tuple(text for text in pool(suffix, "values") if shape(text) == wanted)


def shape(text: str) -> str:
    """Return what a value looks like: letters and digits each as one, so that `50ms` is as `2h`, and `csv("a")` as `csv("b/c")`."""
    return re.sub(r"\d+(\.\d+)?", "0", re.sub(r'"[^"\n]*"', '""', re.sub(r"(?<![\w\"])[a-z_]\w*", "a", text)))


def _edits(base: Base, random: Random) -> Iterator[tuple[int, int, str]]:
    """Yield changes of parts that do not lie in one another."""
    taken: list[tuple[int, int]] = []
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        sort = random.choice(("statements", "values", "values", "words"))
        parts = getattr(base, sort)
        if not parts:
            continue
        start, end = random.choice(parts)
        if any((start < last and first < end) or (start, end) == (first, last) for first, last in taken):
            continue
        taken.append((start, end))
        yield start, end, _changed(base, sort, base.text[start:end], random)


def _changed(base: Base, sort: str, old: str, random: Random) -> str:
    """Return what takes the place of a part."""
    newline = "\n" if base.suffix == ".mlarch" else "\n" + random.choice(("", "  ", "    "))
    other = random.choice(pool(base.suffix, sort))
    if sort == "statements":
        return random.choice(("", other, f"{old}{newline}{other}", f"{old}{newline}{old}", f"x {{ {old} }}", f"overlay o {{ {old} }}"))
    if sort == "words":
        return random.choice((other, other, old[:-1], old + "s", old[::-1], old.upper(), random.choice(PIECES)))
    if random.random() < 0.5:
        return random.choice(alike(base.suffix, shape(old)))
    extremes = EXTREMES if base.suffix == ".mlarch" or random.random() < 0.5 else YAML_EXTREMES
    return random.choice((other, other, random.choice(extremes), random.choice(extremes), random.choice(WRAPPINGS).format(old, other), ""))


# --- where the parts stand -------------------------------------------------------------------------------------------


def _base(path: Path, text: str) -> Base:
    """Find the parts of a text."""
    nodes = list(_nodes(parse(Source(path.name, text), Findings()).body))
    statements, values, words = (
        tuple(dict.fromkeys((node.span.start, node.span.end) for node in nodes if isinstance(node, sort)))
        for sort in (tree.Statement, tree.Expression, tree.Word)
    )
    return Base(path, ".mlarch", text, statements, values, words)


def _nodes(value: Any) -> Iterator[Any]:
    """Yield every node below a value."""
    if isinstance(value, tuple):
        for part in value:
            yield from _nodes(part)
    elif is_dataclass(value) and hasattr(value, "span"):
        yield value
        for field in fields(value):
            yield from _nodes(getattr(value, field.name))


def _yaml_base(path: Path, text: str) -> Base:
    """Find the parts of a YAML text: entries, values on one line, and keys."""
    entries: list[tuple[int, int]] = []
    values: list[tuple[int, int]] = []
    keys: list[tuple[int, int]] = []

    def visit(node: yaml.Node) -> None:
        start, end = node.start_mark.index, node.end_mark.index
        if "\n" not in text[start:end]:
            values.append((start, end))
        for part in node.value if not isinstance(node, yaml.ScalarNode) else ():
            if isinstance(part, tuple):
                key, value = part
                keys.append((key.start_mark.index, key.end_mark.index))
                entries.append((key.start_mark.index, len(text[: value.end_mark.index].rstrip())))
                visit(value)
            else:
                visit(part)

    visit(yaml.compose(text, yaml.SafeLoader))
    return Base(path, ".yaml", text, tuple(entries), tuple(values), tuple(keys))


def main(first: int, last: int) -> int:
    """Try a range of seeds and print each that fails; the exit code tells whether any did."""
    from .trying import Bench

    failed = 0
    with tempfile.TemporaryDirectory(prefix="mlarch-fuzz-") as folder:
        bench = Bench(Path(folder))
        for seed in range(first, last):
            try:
                bench.hold(case(seed))
            except Exception:
                failed += 1
                print(f"--- seed {seed}\n{traceback.format_exc()}", flush=True)
            if (seed - first) % 1000 == 999:
                print(f"{seed - first + 1:,} of {last - first:,}: {failed} failed; {bench.tally()}", flush=True)
        bench.untouched()
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
