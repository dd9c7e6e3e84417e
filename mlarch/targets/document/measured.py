"""The document with what the last run measured: every figure is read from the run's artifacts, and is a link to the one that holds it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from ...architecture.architecture import Architecture
from ...architecture.errors import ArchitectureError
from ...architecture.lock import Lock
from ...runtime.artifacts import Dataset, Evaluated, GateResult, Prepared, Registered, RuleResult, Scalar, Trained, ValidationReport
from ...runtime.record import LATEST, LastRun
from .. import Emission
from .emit import document
from .markdown import bullets, code, link, prose, table
from .wording import SILENT

_KINDS: dict[str, type[msgspec.Struct]] = {
    "ingested": Dataset,
    "validated": ValidationReport,
    "features": Prepared,
    "trained": Trained,
    "evaluated": Evaluated,
    "registered": Registered,
}

_ORDER = list(_KINDS.values())


@dataclass(frozen=True)
class Artifact:
    """The value of one asset, with the paths that a link from the document to its file, and to others beside it, begins with."""

    value: Any
    file: str
    root: PurePosixPath

    def figure(self, value: Scalar) -> str:
        """Return a figure as a link to this artifact."""
        return link(number(value), self.file)


def measured(lock: Lock, state_folder: Path, folder: Path | None = None) -> str:
    """Return the document with a last section of measured figures; links are relative to `folder`, by default the architecture's.

    Raises ArchitectureError when nothing was measured yet (MLA906), or an artifact of the run is missing or damaged (MLA608).
    """
    run = _last_run(state_folder)
    root = PurePosixPath(Path(os.path.relpath(lock.root, (folder or lock.root).resolve())).as_posix())
    found = {key: _artifact(lock.root, root, key, path) for key, path in run.assets.items()}
    artifacts = dict(sorted(found.items(), key=lambda item: _ORDER.index(type(item[1].value))))
    emission = Emission(lock.hash, root, lock.file.files[0].name)

    def section(architecture: Architecture) -> list[str]:
        return [*_heading(lock, run), *(part for key, artifact in artifacts.items() for part in _asset(key, artifact))]

    return document(lock.architecture, emission, (("Measured", section),))


def _last_run(state_folder: Path) -> LastRun:
    try:
        return msgspec.json.decode((state_folder / LATEST).read_bytes(), type=LastRun)
    except FileNotFoundError:
        raise ArchitectureError(
            "MLA906", "nothing was measured yet: there is no run", help="`mlarch run` measures; then ask again"
        ) from None
    except (OSError, msgspec.DecodeError) as problem:
        raise ArchitectureError(
            "MLA608", f"the record of the last run cannot be read: {problem}", help="`mlarch run` writes it anew"
        ) from None


def _artifact(folder: Path, root: PurePosixPath, key: str, path: str) -> Artifact:
    kind = _KINDS.get(key.rpartition("/")[2])
    again = "`mlarch run` makes it again"
    if kind is None:
        raise ArchitectureError("MLA608", f"the last run has an asset `{key}`, which this version does not know", help=again)
    try:
        value = msgspec.json.decode((folder / path).read_bytes(), type=kind)
    except OSError as problem:
        raise ArchitectureError("MLA608", f"the artifact of `{key}` is gone: {path}: {problem.strerror}", help=again) from None
    except msgspec.DecodeError as problem:
        raise ArchitectureError("MLA608", f"the artifact of `{key}` is damaged: {path}: {problem}", help=again) from None
    return Artifact(value, (root / path).as_posix(), root)


def _heading(lock: Lock, run: LastRun) -> list[str]:
    note = "Figures of the last run; each is a link to the artifact that it is read from."
    if run.hash is None or run.hash == lock.hash:
        return [note]
    return [note, f"**The file has changed since:** that run was of architecture {code(run.hash)}, this is {code(lock.hash)}."]


def _asset(key: str, artifact: Artifact) -> Iterator[str]:
    yield f"### {code(key)}"
    match artifact.value:
        case Dataset():
            yield _dataset(artifact, artifact.value)
        case ValidationReport():
            yield from _validation(artifact, artifact.value)
        case Prepared():
            yield from _prepared(artifact, artifact.value)
        case Trained():
            yield _trained(artifact, artifact.value)
        case Evaluated():
            yield from _evaluated(artifact, artifact.value)
        case Registered():
            yield _registered(artifact, artifact.value)


def _dataset(artifact: Artifact, value: Dataset) -> str:
    rows = [
        ("Rows", artifact.figure(value.rows)),
        ("Columns", artifact.figure(len(value.columns))),
        ("Bytes", artifact.figure(value.bytes)),
        ("Rows set aside", artifact.figure(value.quarantined)),
        ("Share of the rows", artifact.figure(1.0 if value.sample is None else value.sample)),
        ("SHA-256 of the contents", artifact.figure(value.digest)),
        ("Read from", artifact.figure(value.origin)),
    ]
    rows += [(f"Rows by {code(each.rule)}", artifact.figure(each.rows)) for each in value.repairs]
    return table(("Figure", "Measured"), rows)


def _validation(artifact: Artifact, value: ValidationReport) -> Iterator[str]:
    passed = sum(rule.passed for rule in value.rules)
    yield f"{artifact.figure(passed)} of {artifact.figure(len(value.rules))} rules hold on {artifact.figure(value.rows)} rows."
    if value.rules:
        yield table(("Rule", "Holds", "Rows that break it", "Measured"), (_rule(artifact, rule) for rule in value.rules))


def _rule(artifact: Artifact, rule: RuleResult) -> tuple[str, ...]:
    return (
        code(rule.rule),
        artifact.figure(rule.passed),
        artifact.figure(rule.failing),
        artifact.figure(rule.measured) if rule.measured is not None else "",
    )


def _prepared(artifact: Artifact, value: Prepared) -> Iterator[str]:
    yield f"{artifact.figure(len(value.features))} columns reach the estimator. " + (
        f"Classes: {', '.join(map(code, value.classes))}." if value.classes else ""
    )
    rows = (
        (code(name), artifact.figure(part.rows), "" if part.positive is None else artifact.figure(part.positive))
        for name, part in value.parts.items()
    )
    yield table(("Part", "Rows", "Share of positive labels"), rows)


def _trained(artifact: Artifact, value: Trained) -> str:
    rows = [
        ("Seconds", artifact.figure(value.seconds)),
        ("Tracking run", artifact.figure(value.run_id)),
        ("Experiment", artifact.figure(value.experiment)),
        ("SHA-256 of the bundle", artifact.figure(value.digest)),
    ]
    return table(("Figure", "Measured"), rows)


def _evaluated(artifact: Artifact, value: Evaluated) -> Iterator[str]:
    yield f"Measured on {artifact.figure(value.rows)} test rows" + (
        f", beside champion version {artifact.figure(value.champion)}." if value.champion else "."
    )
    metrics = []
    for metric in value.metrics:
        target = SILENT if metric.target is None else code(metric.target)
        baseline = SILENT if metric.baseline is None else artifact.figure(metric.baseline)
        met = "" if metric.met is None else artifact.figure(metric.met)
        metrics.append((code(metric.name), artifact.figure(metric.value), target, met, baseline))
    yield table(("Metric", "Measured", "Target", "Target met", "Baseline"), metrics)
    yield f"The gate {'lets it through' if value.passed else 'does not let it through'}" + (
        "." if value.blocking else "; it is switched off."
    )
    if value.gate:
        yield table(("Condition", "Left", "Right", "Holds", "Note"), (_gate(artifact, result) for result in value.gate))
    if value.plots:
        yield bullets(f"!{link(Path(plot).stem, (artifact.root / value.folder / plot).as_posix())}" for plot in value.plots)


def _gate(artifact: Artifact, result: GateResult) -> tuple[str, ...]:
    left, right = (SILENT if side is None else artifact.figure(side) for side in (result.left, result.right))
    return code(result.condition), left, right, artifact.figure(result.passed), prose(result.note) if result.note else ""


def _registered(artifact: Artifact, value: Registered) -> str:
    rows = [
        ("Name", artifact.figure(value.name)),
        ("Version", artifact.figure(value.version)),
        ("Model URI", artifact.figure(value.uri)),
        ("Stages", ", ".join(map(artifact.figure, value.stages)) or SILENT),
        ("New in this run", artifact.figure(value.new)),
    ]
    return table(("Figure", "Measured"), rows)


def number(value: Scalar) -> str:
    """Return a measured value as it is read: floats to six significant digits, whole numbers with separators."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.6g}"
    return str(value)
