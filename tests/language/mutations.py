"""Texts that are nearly architectures: the good files of the corpus with pieces taken away, doubled, swapped or put in."""

from __future__ import annotations

import re
from random import Random

from .corpus import CORPUS

#: Pieces that belong to the language, and some that do not.
PIECES = (
    *(
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ",",
        "=",
        "==",
        ":",
        "<",
        ">=",
        "+",
        "-",
        "*",
        "/",
        ".",
        "..",
        "?",
        "%",
        "#",
        "##",
        '"',
        "'",
        "`",
        "\\",
    ),
    *("in", "over", "not", "and", "or", "true", "null", "5m", "50ms", "1..2", "2013-10-11", "2013-99-99", "1e309", "1_0", "5%", "0x", "µs"),
    *(
        "\n",
        "\r\n",
        "\r",
        "\t",
        "\f",
        "\u2028",
        "é",
        "\U0001f600",
        "${param.x}",
        "${",
        "source.rows",
        "feature x = ",
        "overlay p {",
        "import",
    ),
    *("system s {", "model m { ", "param p : int = 1", 'language = "1.0"', "metric f1 {", "case", "-1", ";", "\ufeff", "\x00", "\x7f"),
)
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
TEXTS = tuple(
    path.read_text(encoding="utf-8-sig") for path in sorted(CORPUS.glob("good/**/*.mlarch")) if path.name != "windows_line_ends.mlarch"
)


def mutated(random: Random) -> str:
    """Return one of the good texts with one to six changes to its tokens or its lines."""
    text = random.choice(TEXTS)
    for _ in range(random.randint(1, 6)):
        text = mutated_once(text, random)
    return text


def mutated_once(text: str, random: Random) -> str:
    """Return a text with one change to its tokens or its lines."""
    by_lines = random.random() < 0.3
    parts = text.splitlines(keepends=True) if by_lines else _TOKEN.findall(text)
    if parts:
        _change(parts, random)
    return "".join(parts)


def _change(parts: list[str], random: Random) -> None:
    """Take one part away, double it, swap it with another, move it, cut it short, or put a piece before it."""
    place, other = random.randrange(len(parts)), random.randrange(len(parts))
    match random.randrange(6):
        case 0:
            del parts[place]
        case 1:
            parts.insert(place, parts[place])
        case 2:
            parts[place], parts[other] = parts[other], parts[place]
        case 3:
            parts.insert(other, parts.pop(place))
        case 4:
            parts[place] = parts[place][: len(parts[place]) // 2]
        case _:
            parts.insert(place, random.choice(PIECES))
