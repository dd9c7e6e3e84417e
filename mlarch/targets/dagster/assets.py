"""Steps as Dagster assets, with their checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import dagster as dg

from ...architecture.errors import ArchitectureError
from ...runtime.data.ingestion import source_digest
from ...runtime.state import disk_space
from .metadata import metadata_of
from .values import Values
from .work import Step, Work, data_version, verdicts

#: Metadata under which an ingestion records the SHA-256 of the file that it read.
SOURCE_DIGEST = "source_digest"


def assets_of(work: Work, values: Values, observe: Observer | None = None) -> list[dg.AssetsDefinition]:
    """Return one asset a step; `observe` is told when each begins and ends, in a run of ours where no asset of the user's is in reach."""
    manager = dg.IOManagerDefinition.hardcoded_io_manager(values)
    return [_asset(work, step, manager, observe) for step in work.steps.values()]


class Observer:
    """What is told of steps as they run in this process; by default nobody listens."""

    def began(self, step: Step) -> None:
        """A step begins."""

    def ended(self, step: Step, value: Any) -> None:
        """A step ended with a value."""

    def failed(self, step: Step, problem: ArchitectureError) -> None:
        """A step failed by the user's mistake."""

    def kept(self, step: Step) -> Any:
        """Return the value that running a step again would give, or None where it must run."""
        return None


def asset_key(key: str) -> dg.AssetKey:
    """Return the key of a step."""
    return dg.AssetKey(key.split("/"))


def _asset(work: Work, step: Step, manager: dg.IOManagerDefinition, observer: Observer | None) -> dg.AssetsDefinition:
    observe = observer or Observer()
    resource = f"{_plain(work.lock.architecture.system.name)}_values"
    ins = {f"input_{number}": dg.AssetIn(asset_key(key)) for number, key in enumerate(step.inputs)}
    if step.table and observer is None:
        ins["table"] = dg.AssetIn(asset_key(step.table))

    @dg.asset(
        key=asset_key(step.key),
        ins=ins,
        deps=[asset_key(key) for key in step.after],
        description=step.doc,
        group_name=_plain(work.lock.architecture.system.name),
        kinds=set(step.tools),
        owners=list(work.lock.architecture.system.owners),
        code_version=step.code_version,
        metadata=_references(work, step),
        check_specs=[
            dg.AssetCheckSpec(
                check.name,
                asset=asset_key(step.key),
                description=check.text,
                blocking=check.blocking,
                metadata=_references(work, step, check.at),
            )
            for check in step.checks
        ],
        resource_defs={resource: manager},
        io_manager_key=resource,
        output_required=True,
    )
    def run(**inputs: Any) -> Iterator[Any]:
        # Before the file is read: should it change meanwhile, the next run will see it.
        digest = {SOURCE_DIGEST: source_digest(work.lock, step.owner)} if step.kind == "ingested" else {}
        value = observe.kept(step)
        if value is None:
            observe.began(step)
            try:
                with disk_space(work.state.root):
                    value = step.run(*(inputs[name] for name in ins))
            except ArchitectureError as problem:
                observe.failed(step, problem)
                raise _failure(work, problem) from problem
            observe.ended(step, value)
        metadata = {**metadata_of(value, work.lock), **digest}
        yield dg.Output(value, metadata=metadata, data_version=dg.DataVersion(data_version(value)))
        yield from _results(step, value)

    return run


def _results(step: Step, value: Any) -> Iterator[dg.AssetCheckResult]:
    """Yield a result for every declared check: one that is missing would block nothing, and counts as failed."""
    found = verdicts(value)
    for check in step.checks:
        passed, numbers = found.get(check.name, (False, {"note": "not measured"}))
        severity = dg.AssetCheckSeverity.ERROR if check.blocking else dg.AssetCheckSeverity.WARN
        metadata = {name: number for name, number in numbers.items() if number not in (None, "", [])}
        yield dg.AssetCheckResult(passed=passed, check_name=check.name, severity=severity, metadata={"condition": check.text, **metadata})


def _references(work: Work, step: Step, at: str | None = None) -> dict[str, Any]:
    place = work.lock.place(at or step.at)
    if place is None:
        return {}
    reference = dg.LocalFileCodeReference(file_path=str(place[0]), line_number=place[1], label=f"{place[0].name}:{place[1]}")
    return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[reference])}


def _failure(work: Work, problem: ArchitectureError) -> dg.Failure:
    place = work.lock.place(problem.at) if problem.at else None
    where = {"place": dg.MetadataValue.text(f"{place[0]}:{place[1]}")} if place else {}
    helps = {"help": dg.MetadataValue.text(problem.help)} if problem.help else {}
    return dg.Failure(f"[{problem.code}] {problem.message}", metadata={**where, **helps}, allow_retries=False)


def _plain(name: str) -> str:
    """Dagster's names are letters, digits and underscores."""
    return re.sub(r"\W", "_", name)
