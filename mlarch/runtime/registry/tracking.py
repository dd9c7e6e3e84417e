"""The tracking server: connecting to it, and recording a run."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...architecture.blocks.training import Tracking
from ...architecture.errors import ArchitectureError
from ...architecture.lock import Lock
from ...architecture.pipeline import Pipeline
from ..engines import quiet
from ..secrets import reveal
from ..state import State, disk_space

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

KEY = "mlarch.key"
PATIENCE = 10.0


@dataclass(frozen=True)
class Tracker:
    """An open connection: the client, the server's URI, and the id of the experiment."""

    client: MlflowClient
    uri: str
    experiment_id: str

    def finished_run(self, key: str) -> Run | None:
        """Return the finished run that did this very work, if there is one."""
        found = self.client.search_runs([self.experiment_id], f"tags.`{KEY}` = '{key}' and attributes.status = 'FINISHED'", max_results=1)
        return found[0] if found else None

    def discard_unfinished(self, key: str) -> None:
        """Mark runs of this work that were cut off as killed."""
        for run in self.client.search_runs([self.experiment_id], f"tags.`{KEY}` = '{key}' and attributes.status = 'RUNNING'"):
            self.client.set_terminated(run.info.run_id, "KILLED")


def tracking_uri(tracking: Tracking, state: State) -> str:
    """Return where runs are recorded: the server that the file names, or a SQLite file under `.mlarch/`."""
    return tracking.uri or f"sqlite:///{state.path('mlflow.db').resolve()}"


@contextmanager
def connected(lock: Lock, pipeline: Pipeline, state: State) -> Iterator[Tracker]:
    """Connect to the tracking server; its credentials are in the environment only while the block runs.

    Raises ArchitectureError (MLA605) when the server does not answer or refuses the credentials, or the file is damaged, and MLA903 when
    a secret is not set.
    """
    quiet()
    tracking = pipeline.tracking
    uri, at = tracking_uri(tracking, state), f"tracking.{tracking.name}.uri" if tracking.uri else None
    with _credentials(tracking):
        if tracking.uri:
            _reach(uri, at)
        import mlflow
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with disk_space(state.root):
                if not tracking.uri:
                    _create_database(state)
                mlflow.set_tracking_uri(uri)
                client = mlflow.MlflowClient(uri, uri)
                yield Tracker(client, uri, _experiment(client, pipeline, state))
        except (MlflowException, SQLAlchemyError) as problem:  # MLflow passes on what it meets when it opens a database
            first = str(problem).splitlines()[0]
            raise ArchitectureError(
                "MLA605",
                f"the tracking server {_shown(uri)} failed: {first}",
                at=at,
                help="nothing was registered half; run again when it is well",
            ) from None


def _create_database(state: State) -> None:
    """Make the database under another name: its tables are made one by one, and a half of them would be of no use to anybody."""
    import mlflow

    path = state.path("mlflow.db")
    if path.exists():
        return
    with state.lock("tracking"):
        if not path.exists():
            with state.new_file(path, "tracking.database") as temporary:
                uri = f"sqlite:///{temporary.resolve()}"
                mlflow.MlflowClient(uri, uri).search_experiments(max_results=1)


def _experiment(client: MlflowClient, pipeline: Pipeline, state: State) -> str:
    name = f"{pipeline.experiment}-sample" if state.sampled else pipeline.experiment
    with state.lock("tracking"):  # two first runs at once would both create the experiment
        found = client.get_experiment_by_name(name)
        if found is not None:
            if found.lifecycle_stage == "deleted":
                client.restore_experiment(found.experiment_id)
            return str(found.experiment_id)
        place = None if pipeline.tracking.uri else state.path("mlartifacts", "x").parent.resolve().as_uri()
        return str(client.create_experiment(name, artifact_location=place))


@contextmanager
def _credentials(tracking: Tracking) -> Iterator[None]:
    wanted = {
        "username": tracking.username,
        "password": tracking.password,
        "token": tracking.token,
    }
    values = {
        f"MLFLOW_TRACKING_{key.upper()}": reveal(secret, f"tracking.{tracking.name}.{key}")
        for key, secret in wanted.items()
        if secret is not None
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _reach(uri: str, at: str | None) -> None:
    """Ask the server for its health first: the client itself would try for minutes."""
    if not uri.startswith(("http://", "https://")):
        return
    try:
        urllib.request.urlopen(uri.rstrip("/") + "/health", timeout=PATIENCE).close()
    except urllib.error.HTTPError:
        return  # it answers; whether it lets us in is seen with the first real request
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "reason", problem)
        raise ArchitectureError(
            "MLA605",
            f"the tracking server {_shown(uri)} does not answer: {reason}",
            at=at,
            help="start it, or correct `uri`; without one, runs are kept under .mlarch/",
        ) from None


def _shown(uri: str) -> str:
    """The URI without a password in it."""
    parts = urllib.parse.urlsplit(uri)
    _, login, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=host).geturl() if login else uri  # put together again, the path of a file would lose slashes


def code_version(root: Path) -> dict[str, str]:
    """Return the Git commit of the architecture's folder and whether it has changes, as run tags; nothing outside a repository."""

    def git(*arguments: str) -> str | None:
        try:
            done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=10, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    commit = git("rev-parse", "HEAD")
    if commit is None:
        return {}
    return {"mlflow.source.git.commit": commit, "mlarch.code.changed": "true" if git("status", "--porcelain", "--", ".") else "false"}


def dataset_input(name: str, digest: str, path: str, profile: Mapping[str, Any], context: str) -> Any:
    """Return an MLflow dataset input: a name, a digest (36 characters at most) and where it lies."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    source = json.dumps({"uri": path})
    dataset = Dataset(name=name, digest=digest[:36], source_type="local", source=source, profile=json.dumps(dict(profile)))
    return DatasetInput(dataset, [InputTag("mlflow.data.context", context)])
