"""Weighted terms: equal to scikit-learn's, the same in tables and requests, and each text read once."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from mlarch.architecture.expressions import Apply, Literal, Name
from mlarch.architecture.program import FeatureProgram, ProgramFeature
from mlarch.architecture.types import Column, ColumnType, ValueKind
from mlarch.runtime.features import requests, tables, tfidf
from mlarch.runtime.features.fitting import fit

COLUMNS = (Column(name="t", type=ColumnType.STRING, nullable=True),)
WORDS = ["late", "flight", "Gate", "gate", "storm", "a", "42", "snake_case", "Ärger", "naïve", "日本", "don't", "x-ray", "İstanbul", "ΑΣ"]


def texts(seed: int, count: int) -> list[str]:
    draw = random.Random(seed)
    return [" ".join(draw.choices(WORDS, k=draw.randrange(12))) for _ in range(count)]


def fitted(training: list[str | None], most: int = 100) -> FeatureProgram:
    expression = Apply("tfidf", (Name(("t",)), Literal(most)))
    program = FeatureProgram(COLUMNS, (ProgramFeature("f.y", expression, ValueKind.NUMBER),))
    return fit(program, pl.DataFrame({"t": training}, schema={"t": pl.String}))


def shown(program: FeatureProgram, asked: list[str | None]) -> Any:
    """The features of rows, where table and request agree to the last bit."""
    table = tables.apply(program, pl.DataFrame({"t": asked}, schema={"t": pl.String})).rows()
    closure = requests.to_closure(program)
    assert table == [closure({"t": text}) for text in asked]
    return np.array(table)


def test_the_weights_are_those_of_scikit_learn() -> None:
    """Terms, inverse document frequencies and lengths are those of `TfidfVectorizer` with its defaults, within 1e-12."""
    training, asked = texts(1, 300), texts(2, 100)
    program = fitted([*training])
    theirs = TfidfVectorizer().fit(training)
    assert program.names == tuple(f"f.y={term}" for term in theirs.get_feature_names_out())
    for rows in (training, asked):
        assert np.abs(shown(program, [*rows]) - theirs.transform(rows).toarray()).max() < 1e-12


def test_the_most_frequent_terms_are_kept() -> None:
    """At most n, by how often they stand in all texts together; of equal ones those first by code point, whatever the order of the rows."""
    training = ["bb bb aa cc", "cc dd dd dd", "ee"]
    assert fitted([*training], 3).names == ("f.y=bb", "f.y=cc", "f.y=dd")
    assert fitted([*training], 4).names == ("f.y=aa", "f.y=bb", "f.y=cc", "f.y=dd")
    assert fitted([*reversed(training)], 4) == msgspec.structs.replace(fitted([*training], 4))


def test_a_missing_text_has_no_terms() -> None:
    """A missing text, an empty one and one of unknown words are 0 everywhere, and are missing nowhere."""
    program = fitted(["red green", None, "red"])
    assert shown(program, [None, "", "blue"]).tolist() == [[0.0, 0.0]] * 3
    assert program == fitted(["red green", "red"])
    assert tables.apply(program, pl.DataFrame({"t": []}, schema={"t": pl.String})).shape == (0, 2)


def test_the_program_can_be_kept() -> None:
    """As JSON it comes back the same, each term held once."""
    program = fitted([*texts(3, 50)])
    kept = msgspec.json.encode(program)
    assert msgspec.json.decode(kept, type=FeatureProgram) == program
    assert kept.count(b'"snake_case"') == 1


def test_each_text_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many terms there are, a request reads its text once, and a table each different text once."""
    program, read = fitted([*texts(4, 50)]), list[str]()
    words = tfidf.words
    monkeypatch.setattr(tfidf, "words", lambda text: read.append(text) or words(text))  # type: ignore[func-returns-value]
    requests.to_closure(program)({"t": "late flight"})
    assert read == ["late flight"]
    tables.apply(program, pl.DataFrame({"t": ["late", "gate", "late", None] * 10}))
    assert sorted(read) == ["gate", "late", "late flight"]
