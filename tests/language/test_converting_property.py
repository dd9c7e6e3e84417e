"""The converter on files that are laid out in any way, with comments wherever one may stand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mlarch.architecture.architecture import Architecture
from mlarch.architecture.binding import bind
from mlarch.architecture.shapes import VOCABULARY_SHAPES
from mlarch.language import tree
from mlarch.language.converting import converted, read
from mlarch.language.diagnostics import Findings
from mlarch.language.formatting.tokens import Word, collected
from mlarch.language.overlays import merge_overlays
from mlarch.language.parameters import place_parameters
from mlarch.language.parsing.parser import parse
from mlarch.language.source import Source, Span
from mlarch.language.yaml.reading import read_statements

from .layouts import Writer
from .test_converting import FILES

#: Files are long, and a shorter one takes longer to find than the mistake.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
TEXTS = [path.read_text(encoding="utf-8-sig") for path in FILES]
#: Words that must stand on one line with a neighbour, so that they are read as operators.
_TIED = ("IN", "OVER", "NOT", "AND", "OR")


def relaid(text: str, random: Random) -> tuple[str, list[str]]:
    """A file with the same words in another layout, and the comments in it."""
    found = collected(Source("text", text), Findings())
    assert found is not None
    writer = Writer(random)
    parts, depth, before = [writer.between()], 0, Word("", "")
    for word in found.tokens:
        if before.kind:
            parts.append(_gap(writer, before, word, depth))
        depth += (word.kind in ("LPAR", "LSQB")) - (word.kind in ("RPAR", "RSQB"))
        parts.append(word.text)
        before = word
    return "".join(parts) + writer.between(), writer.comments


def _gap(writer: Writer, before: Word, word: Word, depth: int) -> str:
    if before.kind == "CALLNAME" or "$END" in (before.kind, word.kind) or word.kind in ("DOT", "QUESTION") or before.kind == "DOT":
        return ""
    if word.ended and depth == 0:
        return writer.newline + writer.between() if before.kind == "LBRACE" or word.kind == "RBRACE" else writer.end()
    if depth and not {before.kind, word.kind} & {*_TIED, "EQUAL"}:
        return " " + writer.free()
    return " "


def architecture(statements: list[tree.Statement], source: Source) -> tuple[Architecture | None, list[str]]:
    """What statements come to without their imports, and the codes of what is wrong."""
    findings = Findings()
    merged, _ = merge_overlays([each for each in statements if not isinstance(each, tree.LabelledString)], [], findings)
    made, _ = bind(tree.Document(place_parameters(merged, {}, VOCABULARY_SHAPES, findings), Span(source, 0, len(source.text))), findings)
    return made, sorted(item.code for item in findings)


def holds(random: Random) -> None:
    """Lay a file out anew, convert it there and back twice, and compare."""
    text, comments = relaid(random.choice(TEXTS), random)
    said: list[str] = [text]
    architectures = []
    for step in range(5):
        source = Source("x", said[-1], Path("x.yaml" if step % 2 else "x.mlarch"))
        findings = Findings()
        statements = read_statements(source, [], VOCABULARY_SHAPES, findings) if step % 2 else list(parse(source, findings).body)
        assert statements is not None and not findings.items, (text, findings.items)
        architectures.append(architecture(statements, source))
        outlined = read(source, bool(step % 2), VOCABULARY_SHAPES, findings)
        assert outlined is not None
        assert Counter(outlined.comments()) == Counter(comment.rstrip(" \t") for comment in comments), said[-1]
        said.append(converted(outlined, step % 2 == 0, VOCABULARY_SHAPES))
    assert all(each == architectures[0] for each in architectures), text
    assert (said[1], said[2]) == (said[3], said[4]), text


@given(st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None, phases=PHASES, suppress_health_check=SLOW)
def test_any_layout_goes_there_and_back(random: Random) -> None:
    """For any file: each comment, the same architecture at every step, and a second round of the same bytes."""
    holds(random)


@pytest.mark.prove
@pytest.mark.timeout(3600)
@given(st.randoms(use_true_random=False))
@settings(max_examples=2_000, deadline=None, phases=PHASES, suppress_health_check=SLOW, database=None)
def test_two_thousand_layouts_go_there_and_back(random: Random) -> None:
    """The same, for two thousand files: 0 comments lost, and one architecture."""
    holds(random)
