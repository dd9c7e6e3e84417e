"""Preparation: label, split, and the feature program fitted on the training rows; the matrices are kept as Parquet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import polars as pl

from ...architecture.blocks.system import Problem
from ...architecture.blocks.training import SplitBy
from ...architecture.errors import ArchitectureError
from ...architecture.expressions import calls
from ...architecture.families import family_named
from ...architecture.lock import Lock
from ...architecture.nodes import digest
from ...architecture.pipeline import Pipeline, pipeline_of
from ...architecture.program import FeatureProgram
from ...architecture.steps import prepared_by
from ..artifacts import Dataset, Prepared
from ..data.batches import Batches, Some
from ..data.ingestion import read_table
from ..data.sampling import drawn
from ..features.histories.offline import sees_itself
from ..features.own.calling import placed
from ..features.own.collecting import bound
from ..features.own.modules import ready
from ..features.tables import POLARS_TYPES, lower
from ..models.bundle import PROGRAM
from ..state import State, made_anew, read_value
from .cluster import on_cluster
from .matrices import LABEL, Divided, Features, Matrix, write
from .places import Here, Place
from .splitting import PARTS, Rows, split_rows

HEAD = "prepared.json"


def prepare(lock: Lock, model: str, datasets: Sequence[Dataset], state: State, *, sample: float | None = None) -> Prepared:
    """Join what was known at each row's moment, split the rows, fit the feature program on the training part, and write one matrix a part.

    `datasets` are those of the sources that the model reads; of the observations, `sample` is the share that is learnt from. Histories
    are of all their rows, whatever part a row falls into and whether it has a label: that is what is known at a moment. Raises
    ArchitectureError when the label has one class (MLA601), or too many for a mean (MLA325), a part is left without rows (MLA607), a
    feature is missing where the family takes no missing values (MLA603), rows see their own label (MLA610), or a function of the user's
    fails (MLA516).
    """
    with placed(lock.architecture):
        pipeline = bound_pipeline(lock, model)
        ready(pipeline.program)
    by_source = {dataset.source: dataset for dataset in datasets}
    key = prepared_key(pipeline, by_source, sample)
    folder = state.path("features", model, key)
    kept = read_value(folder / HEAD, Prepared)
    if kept is not None:
        return kept
    with placed(lock.architecture), _place(lock, pipeline, state, folder) as place, state.new_folder(folder, "features.folder") as fresh:
        divided, classes = _divided(pipeline, by_source, place, sample)
        program, in_training = divided.fitted(pipeline.program, pipeline.training.split.seed)
        raw = {column.name: POLARS_TYPES[column.type] for column in pipeline.observations.schema.columns}
        features = Features(divided, program, in_training, tuple(raw))
        matrices = write(fresh, features.schema, pl.Schema(raw), place.made(features))
        _no_missing(pipeline, program, matrices)
        prepared = Prepared(
            model=model,
            folder=folder.relative_to(lock.root).as_posix(),
            digest=_digest(program, matrices),
            dataset=by_source[pipeline.observations.name].digest,
            features=program.names,
            classes=classes,
            parts={part: divided.told(part, len(classes)) for part in PARTS},
            histories={name: by_source[name] for name in pipeline.histories},
            code=program.code.digest if program.code is not None else None,
            sample=sample,
        )
        (fresh / PROGRAM).write_bytes(msgspec.json.format(msgspec.json.encode(program), indent=1) + b"\n")
        (fresh / HEAD).write_bytes(msgspec.json.encode(prepared))
    return prepared


@contextmanager
def _place(lock: Lock, pipeline: Pipeline, state: State, folder: Path) -> Iterator[Place]:
    """Give the place where features are built: the cluster that the training names, or this machine."""
    if pipeline.hardware.cluster is not None:
        with on_cluster(lock, pipeline) as cluster:
            yield cluster
    else:
        with state.scratch(folder) as scratch:
            yield Here(lock.root, scratch)


def _divided(pipeline: Pipeline, datasets: Mapping[str, Dataset], place: Place, sample: float | None) -> tuple[Divided, tuple[str, ...]]:
    """Return the observations with what was known at their moments, divided into parts, and the classes of their label."""
    tables = place.tables(pipeline, datasets)
    own = tables[pipeline.observations.name]
    label = pl.concat([label_of(pipeline, own.batch(number, pipeline.label_columns)) for number in range(own.count)]).rechunk()
    wanted = label.is_not_null().to_numpy()
    if sample is not None:
        wanted = wanted & drawn(0, len(wanted), sample)
    labelled, label = Some(own, wanted), label.filter(pl.Series(wanted))
    _not_seen_by_itself(pipeline, labelled, len(label))
    classes = _classes(pipeline, label)
    _one_mean(pipeline, classes)
    label = encode_label(label, classes)
    kind = label.dtype
    label = label.shrink_dtype() if classes else label  # a byte for each row, where a class is one of a few
    rows = split_rows(pipeline.split_by, pipeline.training.split, label, _times(pipeline, labelled))
    _enough(pipeline, rows, label, len(classes))
    names = [column.name for column in pipeline.observations.schema.columns]
    return Divided.of(place.observed(pipeline.program, labelled, tables, names), label, kind, rows), classes


def _times(pipeline: Pipeline, labelled: Batches) -> pl.Series | None:
    """Return when each observation was, if they are split by it."""
    name = pipeline.observations.timestamp
    if pipeline.split_by is not SplitBy.TIME or name is None:
        return None
    return pl.concat([labelled.batch(number, [name])[name] for number in range(labelled.count)])


def bound_pipeline(lock: Lock, model: str) -> Pipeline:
    """Return the pipeline of a model, its program with the code that it calls, as it is now. Raises ArchitectureError (MLA516)."""
    pipeline = pipeline_of(lock.architecture, model)
    return msgspec.structs.replace(pipeline, program=bound(pipeline.program, lock.root))


def prepared_key(pipeline: Pipeline, datasets: Mapping[str, Dataset], sample: float | None = None) -> str:
    """Return the name of the work: the same program, label, split, rows and share of them are prepared once."""
    return digest([*prepared_by(pipeline), *(datasets[name].digest for name in pipeline.sources), *([] if sample is None else [sample])])


def label_of(pipeline: Pipeline, frame: pl.DataFrame) -> pl.Series:
    """Return the label of every row: booleans, texts or numbers."""
    columns = {column.name: column for column in pipeline.observations.schema.columns}
    return frame.select(lower(pipeline.label, columns).alias("label"))["label"]


def encode_label(label: pl.Series, classes: tuple[str, ...]) -> pl.Series:
    """Return class numbers for a classification, the values themselves for a regression (`classes` is then empty)."""
    if not classes:
        return label.cast(pl.Float64)
    if label.dtype == pl.Boolean:
        return label.cast(pl.Int64)
    return label.replace_strict(list(classes), list(range(len(classes))), return_dtype=pl.Int64)


def read_part(root: Path, prepared: Prepared, part: str) -> tuple[pl.DataFrame, pl.Series]:
    """Return the features and the label of a part.

    Raises ArchitectureError (MLA608) when the file is gone or damaged.
    """
    with made_anew(root / prepared.folder):
        table = read_table(root, f"{prepared.folder}/{part}.parquet", f"model.{prepared.model}")
    return table.drop(LABEL), table[LABEL]


def read_program(root: Path, prepared: Prepared) -> FeatureProgram:
    """Return the fitted feature program.

    Raises ArchitectureError (MLA608) when its file is gone or damaged.
    """
    with made_anew(root / prepared.folder):
        program = read_value(root / prepared.folder / PROGRAM, FeatureProgram)
        if program is None:
            path, at = f"{prepared.folder}/{PROGRAM}", f"model.{prepared.model}"
            raise ArchitectureError("MLA608", f"{path} is gone or damaged", at=at, help="run again: it will be made anew")
    return program


def _not_seen_by_itself(pipeline: Pipeline, labelled: Batches, rows: int) -> None:
    """A row whose outcome is visible before the row is asked about would find its own label in its history."""
    for history in pipeline.program.histories:
        if history.source != pipeline.observations.name:
            continue
        names = list(dict.fromkeys(column.name for column in (*pipeline.program.inputs, *history.columns)))
        outcome, numbers = set(pipeline.label_columns), range(labelled.count)
        seeing = sum(sees_itself(pipeline.program, history, outcome, labelled.batch(number, names)) for number in numbers)
        if seeing:
            seen = ", ".join(f"`{name}`" for name in pipeline.label_columns)
            raise ArchitectureError(
                "MLA610",
                f"{seeing} of {rows} rows are visible before they are asked about: {seen} of the label is in their own history",
                at=f"model.{pipeline.name}.as_of" if pipeline.model.as_of is not None else f"source.{history.source}.timestamp",
                help="ask earlier (`as_of`), or say when an outcome becomes known (`known_at` of the source)",
            )


def _classes(pipeline: Pipeline, label: pl.Series) -> tuple[str, ...]:
    if pipeline.problem is not Problem.CLASSIFICATION:
        return ()
    values = label.unique().sort().to_list()
    classes = tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values)
    if len(values) < 2:
        only = f"it is {classes[0]} in every row" if values else "it is missing in every row"
        raise ArchitectureError(
            "MLA601",
            f"the label has one class only: {only}",
            at=f"model.{pipeline.name}.label",
            help="is the condition ever true? Look at the values of its column",
        )
    return classes


def _one_mean(pipeline: Pipeline, classes: tuple[str, ...]) -> None:
    """A mean of labels is one number: the share of one of two classes, or a mean value."""
    encoding = next((each.name for each in pipeline.program.features if calls(each.expression, "target_encode")), None)
    if encoding is not None and len(classes) > 2:
        group, _, feature = encoding.partition(".")
        raise ArchitectureError(
            "MLA325",
            f"`target_encode` is of a label that is true or false, or a number; this one has {len(classes)} classes",
            at=f"features.{group}.feature.{feature}",
            help="encode it without labels: `ordinal(…)`, `one_hot(…)`",
        )


def _enough(pipeline: Pipeline, rows: dict[str, Rows], label: pl.Series, classes: int) -> None:
    at = f"training.{pipeline.training.name}.split" if pipeline.training_declared else f"model.{pipeline.name}"
    wanted = PARTS if pipeline.training.split.validation.value > 0 else ("train", "test")
    for part in wanted:
        found = label[rows[part]]
        if found.is_empty():
            raise ArchitectureError(
                "MLA607", f"the {part} part has no rows ({len(label)} in all)", at=at, help="more rows, or another split"
            )
        if classes and part != "validation" and found.n_unique() < classes:
            raise ArchitectureError(
                "MLA607",
                f"the {part} part lacks a class: {found.n_unique()} of {classes}",
                at=at,
                help="more rows, or `split { by = stratified }`",
            )


def _no_missing(pipeline: Pipeline, program: FeatureProgram, matrices: Mapping[str, Matrix]) -> None:
    family = family_named(pipeline.model.family or "")
    if family.missing:
        return
    for name in program.names:
        missing = sum(matrix.missing[name] for matrix in matrices.values())
        if missing:
            group, _, feature = name.partition(".")
            feature = feature.partition("=")[0]
            raise ArchitectureError(
                "MLA603",
                f"`{name}` is missing in {missing} rows, and `{family.name}` takes no missing values",
                at=f"features.{group}.feature.{feature}",
                help="impute it: `impute_median(…)`, or choose a family that takes them: lightgbm, xgboost",
            )


def _digest(program: FeatureProgram, matrices: Mapping[str, Matrix]) -> str:
    found = hashlib.sha256(msgspec.json.encode(program))
    for matrix in matrices.values():
        found.update(matrix.digest.hexdigest().encode())
    return found.hexdigest()
