"""Bundles made without training: every column type, every way in which a column may be absent, and any head."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mlarch.architecture.blocks.model import Output
from mlarch.architecture.blocks.system import Problem
from mlarch.architecture.expressions import Apply, Expression, Literal, Name
from mlarch.architecture.program import FeatureProgram, ProgramFeature
from mlarch.architecture.types import Column, ColumnType, ValueKind
from mlarch.runtime.models.bundle import Bundle, BundleHead, write_bundle
from mlarch.runtime.models.logistic_regression import LinearClassifier

COLUMNS = (
    Column(name="age", type=ColumnType.INT, low=0, high=120),
    Column(name="count", type=ColumnType.INT, default=Literal(3)),
    Column(name="weight", type=ColumnType.FLOAT, low=-1.5, high=1000.0, unit="kg", doc="In the morning."),
    Column(name="ratio", type=ColumnType.FLOAT, nullable=True),
    Column(name="smoker", type=ColumnType.BOOL),
    Column(name="city", type=ColumnType.CATEGORY, categories=("Bonn", "Köln"), nullable=True),
    Column(name="note", type=ColumnType.STRING, nullable=True),
    Column(name="seen", type=ColumnType.TIMESTAMP, nullable=True),
    Column(name="born", type=ColumnType.DATE),
)
#: A row that is right in every column.
RIGHT = {
    "age": 40,
    "count": 2,
    "weight": 70.5,
    "ratio": 0.25,
    "smoker": False,
    "city": "Köln",
    "note": "fine",
    "seen": "2026-03-01T12:00:00Z",
    "born": "1986-01-31",
}


def _feature(name: str, expression: Expression, kind: ValueKind = ValueKind.NUMBER) -> ProgramFeature:
    return ProgramFeature(f"f.{name}", expression, kind)


def _name(text: str) -> Name:
    return Name((text,))


PROGRAM = FeatureProgram(
    COLUMNS,
    (
        _feature("age", Apply("/", (_name("age"), Literal(10)))),
        _feature("count", Apply("log1p", (Apply("abs", (_name("count"),)),))),
        _feature("weight", Apply("log1p", (Apply("abs", (_name("weight"),)),))),
        _feature("ratio", Apply("coalesce", (Apply("clip", (_name("ratio"), Literal(-9), Literal(9))), Literal(0.5)))),
        _feature("smoker", _name("smoker"), ValueKind.BOOLEAN),
        _feature("city", Apply("coalesce", (Apply("==", (_name("city"), Literal("Köln"))), Literal(False))), ValueKind.BOOLEAN),
        _feature("note", Apply("coalesce", (Apply("length", (_name("note"),)), Literal(0)))),
        _feature("seen", Apply("coalesce", (Apply("hour", (_name("seen"),)), Literal(12)))),
        _feature("born", Apply("/", (Apply("year", (_name("born"),)), Literal(100)))),
    ),
)


def a_bundle(
    folder: Path,
    *,
    program: FeatureProgram = PROGRAM,
    problem: Problem = Problem.CLASSIFICATION,
    output: Output = Output.PROBABILITY,
    classes: tuple[str, ...] = ("false", "true"),
) -> Bundle:
    """Write a bundle of a linear classifier into a folder, and read it back."""
    folder.mkdir()
    rows = 1 if len(classes) == 2 else len(classes)
    weights = np.linspace(-0.02, 0.03, rows * len(program.features)).reshape(rows, -1)
    head = BundleHead(
        system="health",
        model="risk",
        family="logistic_regression",
        problem=problem,
        output=output,
        threshold=0.5,
        classes=classes,
        features=program.names,
        key="key",
        mlarch="0",
        libraries={},
    )
    write_bundle(folder, head, program, LinearClassifier(weights, np.zeros(rows)))
    return Bundle.load(folder)
