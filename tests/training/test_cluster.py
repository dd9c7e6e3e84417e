"""Ray: two nodes on one machine make the same rows as one, and as no Ray at all; only the driver writes `.mlarch/`."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.lock import Lock
from mlarch.runtime.artifacts import Prepared
from mlarch.runtime.data.rooms import Room
from mlarch.runtime.engines import quiet
from mlarch.runtime.features.histories import partitions
from mlarch.runtime.models.bundle import Bundle
from mlarch.runtime.state import State
from mlarch.runtime.training import cluster as clusters
from mlarch.runtime.training import estimating, places, preparation
from mlarch.runtime.training.preparation import bound_pipeline
from mlarch.targets.dagster.work import Work

from ..registry.test_server import PASSWORD, USER, free_port, serving
from .test_batches import HOUR, LEARNT
from .test_histories import project as shops

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

SYSTEM = "problem = classification\n"
OWN = 'feature own = python("own:twice", hour(at))\n'
NAMES = ("train.parquet", "validation.parquet", "test.parquet", "test_rows.parquet", "program.json")


@pytest.fixture(scope="module")
def ray_nodes() -> Iterator[Any]:
    """A cluster of two nodes with two CPUs each, in a folder of its own; where S3 is, its nodes know from the environment."""
    moto = pytest.importorskip("moto.server").ThreadedMotoServer(port=0)
    boto3 = pytest.importorskip("boto3")
    quiet()
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as environment:
        moto.start()
        url = "http://{}:{}".format(*moto.get_host_and_port())
        scratch = tempfile.mkdtemp(prefix="ray-", dir="/tmp")
        (
            Path(scratch) / "ray"
        ).mkdir()  # where Ray writes of itself, and not into the folder that every cluster of this machine has in common
        said = {"RAY_TMPDIR": scratch, "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "worker", "AWS_SECRET_ACCESS_KEY": "quiet"}
        for name, value in said.items():
            environment.setenv(name, value)
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="shared")
        node = {"num_cpus": 2, "object_store_memory": 100_000_000, "include_dashboard": False}
        client = free_port()
        made = Cluster(initialize_head=True, head_node_args={**node, "ray_client_server_port": client})
        made.client = f"ray://127.0.0.1:{client}"
        try:
            del node["include_dashboard"]
            made.second = made.add_node(**node)
            made.node = node
            yield made
        finally:
            made.shutdown()
            moto.stop()
            shutil.rmtree(scratch, ignore_errors=True)


def on_ray(folder: Path, address: str, *changes: tuple[str, str], nodes: str = "1..2", storage: str | None = None) -> Path:
    """Write the project with a training that runs on a cluster; the storage is a folder, if no other is named."""
    folder.mkdir()
    shared = storage or (folder.parent / "shared place").as_uri()
    (folder / "own.py").write_text("def twice(hour):\n    return 2 * hour\n")
    placed = f'hardware pool {{ cluster = ray("{address}"), nodes = {nodes}, cpu = 1 }}\ntraining t {{ hardware = hardware.pool, '
    return shops(
        folder,
        (SYSTEM, f'{SYSTEM}  storage = "{shared}"\n'),
        ("training t { ", f'tracking runs {{ uri = "http://127.0.0.1:9" }}\n{placed}'),
        *changes,
    )


def made(file: Path) -> tuple[Lock, Prepared]:
    """Prepare the model of a file."""
    lock = mlarch.load(file).compile().lock
    steps = Work(lock, State(lock.root)).steps
    step = steps["bad/features"]
    return lock, step.run(*(steps[key].run() for key in step.inputs))


def files_of(lock: Lock, prepared: Prepared) -> list[bytes]:
    """Return what was prepared, byte by byte."""
    return [(lock.root / prepared.folder / name).read_bytes() for name in NAMES]


def watched(monkeypatch: pytest.MonkeyPatch) -> list[clusters.Cluster]:
    """Keep each cluster that something was done on."""
    seen: list[clusters.Cluster] = []
    connect: Callable[..., Any] = clusters.on_cluster

    @contextmanager
    def kept(*arguments: Any) -> Iterator[clusters.Cluster]:
        with connect(*arguments) as found:
            seen.append(found)
            yield found

    for module in (preparation, estimating):
        monkeypatch.setattr(module, "on_cluster", kept)
    return seen


def test_two_nodes_make_the_rows_of_one_and_of_none(ray_nodes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Matrices, program and model are the same to the last bit, both nodes do some of the work, and the storage is left empty."""
    learnt = (HOUR, LEARNT + OWN)
    (tmp_path / "none").mkdir()
    shutil.copy(on_ray(tmp_path / "unused", "auto").parent / "own.py", tmp_path / "none")
    wanted = made(shops(tmp_path / "none", learnt))
    monkeypatch.setattr(places, "BATCH", 60)
    monkeypatch.setattr(partitions, "PARTITION", 70)
    seen = watched(monkeypatch)
    two = made(on_ray(tmp_path / "two", ray_nodes.address, learnt))
    assert two[1].digest == wanted[1].digest and files_of(*two) == files_of(*wanted)
    assert len(seen[0].worked) == 2
    fitted = [_fitted(*each, tmp_path / f"model-{number}") for number, each in enumerate((wanted, two))]
    assert fitted[0] == fitted[1] and len(seen[1].worked) == 1
    ray_nodes.remove_node(ray_nodes.second)
    try:
        one = made(on_ray(tmp_path / "one", ray_nodes.address, learnt))
    finally:
        ray_nodes.second = ray_nodes.add_node(**ray_nodes.node)
    assert files_of(*one) == files_of(*wanted) and len(seen[2].worked) == 1
    assert not [each for each in (tmp_path / "shared place").rglob("*") if each.is_file()]


def _fitted(lock: Lock, prepared: Prepared, folder: Path) -> list[bytes]:
    folder.mkdir()
    with estimating.fitted(lock, bound_pipeline(lock, "bad"), prepared) as (estimator, _):
        estimator.save(folder)
    return [file.read_bytes() for file in sorted(folder.iterdir())]


def test_what_the_nodes_share_may_lie_in_s3(ray_nodes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With storage in S3, and a cluster that is spoken to from outside, the rows are the same, and nothing is left in the bucket."""
    (tmp_path / "none").mkdir()
    wanted = made(shops(tmp_path / "none"))
    monkeypatch.setattr(places, "BATCH", 200)
    found = made(on_ray(tmp_path / "s3", ray_nodes.client, storage="s3://shared/work"))
    assert files_of(*found) == files_of(*wanted)
    import boto3

    left = boto3.client("s3", region_name="us-east-1").list_objects_v2(Bucket="shared").get("Contents", [])
    assert not [each["Key"] for each in left if each["Size"]]


def test_a_node_that_is_lost_costs_time_and_nothing_else(ray_nodes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node dies while it works: what it had begun is done by the other, and the rows are the same."""
    (tmp_path / "none").mkdir()
    wanted = made(shops(tmp_path / "none"))
    monkeypatch.setattr(places, "BATCH", 40)
    monkeypatch.setattr(partitions, "PARTITION", 30)
    each, lost = clusters.Cluster.each, threading.Timer(0.3, lambda: ray_nodes.remove_node(ray_nodes.second, allow_graceful=False))

    def begun(cluster: clusters.Cluster, work: Callable[[int], None], count: int) -> None:
        if len(cluster.worked) == 2 and lost.ident is None:
            lost.start()
        each(cluster, work, count)

    monkeypatch.setattr(clusters.Cluster, "each", begun)
    try:
        found = made(on_ray(tmp_path / "lost", ray_nodes.address))
    finally:
        if lost.ident is not None:
            lost.join()
        ray_nodes.second = ray_nodes.add_node(**ray_nodes.node)
    assert lost.ident is not None, "no node was lost"
    assert files_of(*found) == files_of(*wanted)


def test_a_run_goes_through_on_a_cluster(ray_nodes: Any, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the source to the registry: features and training on the nodes, the rest here, and a model as one that was trained here."""
    monkeypatch.setenv("CLUSTER_USER", USER)
    monkeypatch.setenv("CLUSTER_PASSWORD", PASSWORD)
    text = project.read_text().replace("system cancer {", f'system cancer {{\n  storage = "{(tmp_path / "shared").as_uri()}"')
    with serving(tmp_path / "server", free_port()) as uri:
        project.write_text(
            f'''{text}
            hardware pool {{ cluster = ray("{ray_nodes.address}"), cpu = 2 }}
            training weekly {{ model = model.classifier, hardware = hardware.pool }}
            tracking runs {{ uri = "{uri}", username = secret("CLUSTER_USER"), password = secret("CLUSTER_PASSWORD") }}
            '''
        )
        result = mlarch.load(project).run()
    assert result.ok, result.problem
    (model,) = (project.parent / ".mlarch" / "models" / "classifier").iterdir()
    assert Bundle.load(model).head.classes == ("false", "true")
    assert not [each for each in (tmp_path / "shared").rglob("*") if each.is_file()]


def test_what_goes_wrong_on_a_cluster_is_one_message(ray_nodes: Any, tmp_path: Path) -> None:
    """A cluster that is too small, storage that cannot be written, a function that fails on a node: each is told where it stands."""
    failing = (HOUR, HOUR + "\n" + OWN)
    file = on_ray(tmp_path / "failing", ray_nodes.address, failing)
    (file.parent / "own.py").write_text('def twice(hour):\n    raise ValueError("no such hour")\n')
    for problem, code, at, text in (
        (file, "MLA516", "features.sale.feature.own", "no such hour"),
        (on_ray(tmp_path / "few", ray_nodes.address, nodes="3..4"), "MLA904", "hardware.pool.nodes", "has 2 nodes, and 3 are the fewest"),
        (on_ray(tmp_path / "cpu", ray_nodes.address, ("cpu = 1", "cpu = 64")), "MLA904", "hardware.pool.cpu", "2 are the most"),
        (
            on_ray(tmp_path / "full", ray_nodes.address, storage="file:///proc/none"),
            "MLA908",
            "system.shops.storage",
            "cannot be read or written",
        ),
    ):
        with pytest.raises(ArchitectureError, match=text) as raised:
            made(problem)
        assert (raised.value.code, raised.value.at) == (code, at)


def test_what_is_lost_on_the_way_is_one_message(ray_nodes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that was damaged is made anew by the next run; storage that loses a file is told, and nothing is left."""
    file = on_ray(tmp_path / "lost", ray_nodes.address)
    lock = mlarch.load(file).compile().lock
    steps = Work(lock, State(lock.root)).steps
    datasets = [steps[key].run() for key in steps["bad/features"].inputs]
    damaged = lock.root / datasets[0].path
    damaged.write_bytes(damaged.read_bytes()[:-100])
    with pytest.raises(ArchitectureError) as raised:
        steps["bad/features"].run(*datasets)
    assert raised.value.code == "MLA608" and not damaged.exists()
    bring = Room.bring
    monkeypatch.setattr(Room, "bring", lambda room, data, name: bring(room, data, name) if name != "sales.parquet" else None)
    with pytest.raises(ArchitectureError, match=r"sales\.parquet") as raised:
        made(file)
    assert (raised.value.code, raised.value.at) == ("MLA908", "system.shops.storage")
    assert not [each for each in (tmp_path / "shared place").rglob("*") if each.is_file()]
    assert not [*file.parent.rglob("train.parquet")]


def test_a_process_that_is_connected_runs_there_or_says_why_not(ray_nodes: Any, tmp_path: Path) -> None:
    """Who called `ray.init` before keeps the connection: `auto` is it, and an address that is named is refused, not passed over."""
    import ray

    ray.init(ray_nodes.address, log_to_driver=False)
    try:
        with pytest.raises(ArchitectureError, match="connected to a Ray cluster already") as raised:
            made(on_ray(tmp_path / "named", "127.0.0.1:9"))
        assert (raised.value.code, raised.value.at) == ("MLA904", "hardware.pool.cluster")
        made(on_ray(tmp_path / "auto", "auto"))
        assert ray.is_initialized()
    finally:
        ray.shutdown()


def test_a_cluster_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Where nothing answers at the address, the message names it, and nothing is left half-made."""
    os.environ.pop("RAY_ADDRESS", None)
    file = on_ray(tmp_path / "gone", "127.0.0.1:9")
    with pytest.raises(ArchitectureError, match=r"127\.0\.0\.1:9 does not answer") as raised:
        made(file)
    assert raised.value.code == "MLA904" and not [*file.parent.rglob("train.parquet")]
