"""What a registered version was made of, by the record of its run: the rows of each source, and the features."""

from __future__ import annotations

import msgspec

from ...architecture.errors import ArchitectureError
from ...architecture.lock import Lock
from ...architecture.pipeline import pipeline_of
from ..state import State
from .registration import registered_name
from .tracking import KEY, connected


class Traced(msgspec.Struct, frozen=True, kw_only=True):
    """A version with its run. `rows` are the digests of the datasets by source, as long as the server keeps them: 36 digits."""

    version: str
    uri: str
    run: str
    key: str
    features: str
    folder: str
    rows: dict[str, str]


def trace(lock: Lock, model: str, version: str, state: State) -> Traced:
    """Look a version up in the registry.

    Raises ArchitectureError (MLA606) when there is no such version, MLA605 when the server does not answer.
    """
    from mlflow.exceptions import MlflowException

    name = registered_name(lock, model)
    with connected(lock, pipeline_of(lock.architecture, model), state) as tracker:
        try:
            found = tracker.client.get_model_version(name, version)
        except MlflowException as problem:
            if problem.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                raise
            there = [str(each.version) for each in tracker.client.search_model_versions(f"name = '{name}'")]
            help = f"there are {', '.join(sorted(there, key=int))}" if there else "there is none yet: `mlarch run`"
            raise ArchitectureError("MLA606", f"`{model}` has no version {version}", at=f"model.{model}", help=help) from None
        run = tracker.client.get_run(str(found.run_id))
    inputs = run.inputs.dataset_inputs if run.inputs is not None else []
    held = {each.dataset.name: (each.dataset, {tag.key: tag.value for tag in each.tags}["mlflow.data.context"]) for each in inputs}
    features = next(dataset for dataset, context in held.values() if context == "training")
    return Traced(
        version=version,
        uri=f"models:/{name}/{version}",
        run=str(found.run_id),
        key=found.tags[KEY],
        features=features.digest,
        folder=msgspec.json.decode(features.source).get("uri", "") if features.source else "",
        rows={name: dataset.digest for name, (dataset, context) in held.items() if context != "training"},
    )
