"""A model bundle: a folder with everything that answering takes, the fitted feature program beside the weights, and no pickle."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from ...architecture.blocks.model import Output
from ...architecture.blocks.system import Problem
from ...architecture.errors import ArchitectureError
from ...architecture.program import FeatureProgram
from ..features.own.modules import ready
from ..features.requests import to_closure
from ..features.tables import POLARS_TYPES, apply
from .estimator import Estimator, Matrix, Saved, module_of

HEAD, PROGRAM = "bundle.json", "program.json"


class BundleHead(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle is: whose model, of which family, and how its scores become answers. `files` are SHA-256 sums."""

    system: str
    model: str
    family: str
    problem: Problem
    output: Output
    threshold: float
    classes: tuple[str, ...]
    features: tuple[str, ...]
    key: str
    mlarch: str
    libraries: dict[str, str]
    files: dict[str, str] = {}


class Bundle:
    """A bundle read from its folder. Loading one imports neither MLflow nor pandas."""

    def __init__(self, folder: Path, head: BundleHead, program: FeatureProgram, estimator: Estimator) -> None:
        self.folder = folder
        self.head = head
        self.program = program
        self.estimator = estimator

    @classmethod
    def load(cls, folder: Path) -> Bundle:
        """Read a bundle, and run the modules whose functions its features call.

        Raises ArchitectureError: MLA608 when a file is missing or was changed since it was written, MLA516 when a module fails.
        """
        head = read_head(folder)
        program = read_program(folder)
        ready(program)
        estimator = module_of(head.family).load(folder, head.problem, len(head.classes))
        return cls(folder, head, program, estimator)

    @cached_property
    def features(self) -> Any:
        """The closure from a decoded request row to the feature values."""
        return to_closure(self.program)

    def matrix(self, frame: pl.DataFrame) -> Matrix:
        """Return the features of raw rows as a [rows, features] matrix, missing values as NaN; what is of histories stands in the rows."""
        wanted = frame.with_columns(pl.col(column.name).cast(POLARS_TYPES[column.type]) for column in self.program.inputs)
        return to_matrix(apply(self.program, wanted))

    def scores(self, matrix: Matrix) -> Matrix:
        """Return probabilities of the positive class [n], of every class [n, classes], or values [n]."""
        return self.estimator.scores(matrix)

    def score_one(self, row: Sequence[float | None]) -> Any:
        """Return the score of one row of features."""
        return self.estimator.score_one(row)

    def answer(self, score: Any) -> dict[str, Any]:
        """Return a score as the answer that a caller gets."""
        head = self.head
        if _missing(score):
            return self._no_answer()
        if head.problem is Problem.REGRESSION:
            return {"value": score}
        if len(head.classes) == 2:
            label = head.classes[1] if score >= head.threshold else head.classes[0]
            shown: Any = {"true": True, "false": False}.get(label, label) if set(head.classes) == {"true", "false"} else label
            return {"label": shown} if head.output is Output.CLASS else {"probability": score, "label": shown}
        best = max(range(len(score)), key=score.__getitem__)
        label = head.classes[best]
        return (
            {"label": label}
            if head.output is Output.CLASS
            else {"label": label, "probabilities": dict(zip(head.classes, score, strict=True))}
        )

    def _no_answer(self) -> dict[str, Any]:
        """The answer to a row without a score, where a feature is missing and the model takes none: every part of it is missing."""
        head = self.head
        if head.problem is Problem.REGRESSION:
            return {"value": None}
        if head.output is Output.CLASS:
            return {"label": None}
        return {"probability": None, "label": None} if len(head.classes) == 2 else {"label": None, "probabilities": None}

    def predict(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Answer for one decoded request row: features by closures, then the score."""
        return self.answer(self.estimator.score_one(self.features(row)))


def _missing(score: Any) -> bool:
    first = score[0] if isinstance(score, list) else score
    return bool(first != first)


def read_program(folder: Path) -> FeatureProgram:
    """Return the feature program of a bundle, without loading its estimator."""
    return msgspec.json.decode((folder / PROGRAM).read_bytes(), type=FeatureProgram)


def read_head(folder: Path) -> BundleHead:
    """Return what a bundle is, once every file of it is as it was written.

    Raises ArchitectureError (MLA608) when a file is missing or was changed since.
    """
    try:
        head = msgspec.json.decode((folder / HEAD).read_bytes(), type=BundleHead)
        changed = next((name for name, expected in head.files.items() if file_digest(folder / name) != expected), None)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as problem:
        raise ArchitectureError("MLA608", f"the model in {folder} cannot be read: {problem}", help="run again: it is made anew") from None
    if changed is not None:
        raise ArchitectureError(
            "MLA608", f"{changed} of the model in {folder} was changed since it was written", help="run again: it is made anew"
        )
    return head


def to_matrix(frame: pl.DataFrame) -> Matrix:
    """Return a table of floats as a [rows, columns] matrix, missing values as NaN."""
    return frame.select(pl.all().fill_null(float("nan"))).to_numpy(order="c")


def write_bundle(folder: Path, head: BundleHead, program: FeatureProgram, estimator: Saved) -> str:
    """Fill an empty folder with a bundle and return its digest: the SHA-256 of its head, which names every file's."""
    (folder / PROGRAM).write_bytes(msgspec.json.format(msgspec.json.encode(program), indent=1) + b"\n")
    estimator.save(folder)
    files = {path.name: file_digest(path) for path in sorted(folder.iterdir())}
    encoded = msgspec.json.format(msgspec.json.encode(msgspec.structs.replace(head, files=files)), indent=1) + b"\n"
    (folder / HEAD).write_bytes(encoded)
    return hashlib.sha256(encoded).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
