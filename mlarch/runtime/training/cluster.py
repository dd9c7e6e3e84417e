"""Ray: features are built and a model is fitted on the nodes of a cluster, through the storage that these share.

Only this process reads and writes `.mlarch/`. What it hands to the nodes, and they to each other, lies in one folder of the storage, and
is gone when the work is done.
"""

from __future__ import annotations

import logging
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import polars as pl

from ...architecture.blocks.training import Hardware
from ...architecture.errors import ArchitectureError
from ...architecture.lock import Lock
from ...architecture.pipeline import Pipeline
from ...architecture.program import FeatureProgram
from ..artifacts import Dataset
from ..data.batches import Batches
from ..data.ingestion import undamaged
from ..data.rooms import Room, Shared
from ..engines import quiet
from ..features.histories.partitions import answered, parts_of
from ..state import made_anew
from . import places
from .matrices import Features
from .places import Observed
from .splitting import PARTS

Result = TypeVar("Result")
#: Seconds in which a cluster answers.
PATIENCE = 10.0


@contextmanager
def on_cluster(lock: Lock, pipeline: Pipeline) -> Iterator[Cluster]:
    """Connect to the cluster of a training, and give a fresh folder of the storage to work in; it is gone when the block ends.

    Raises ArchitectureError: MLA904 when the cluster does not answer or has too few nodes, MLA908 when the storage cannot be written.
    """
    hardware, storage = pipeline.hardware, lock.architecture.system.storage
    assert hardware.cluster is not None and storage is not None, "checks demand storage of a cluster"
    with _connected(hardware), _room(lock, storage, pipeline.name) as room:
        yield Cluster(room, lock.root, hardware)


@contextmanager
def _connected(hardware: Hardware) -> Iterator[None]:
    """Connect to the cluster. Where this process is connected already, that connection is the one that `auto` means, and stays."""
    quiet()
    import ray

    assert hardware.cluster is not None, "said above"
    address, at, theirs = hardware.cluster.address, f"hardware.{hardware.name}.cluster", ray.is_initialized()
    if theirs and address != "auto":
        told = f"this process is connected to a Ray cluster already, and the training is to run on the one at {address}"
        help = 'call `ray.shutdown()` first, or write `cluster = ray("auto")` to run on the one that is connected'
        raise ArchitectureError("MLA904", told, at=at, help=help)
    try:
        try:
            if not theirs:
                _knock(address)
                ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
            nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
        except Exception as problem:  # Ray raises all sorts, assertions and plain exceptions too
            told = f"the Ray cluster at {address} does not answer: {_lines(problem)[0]}"
            raise ArchitectureError("MLA904", told, at=at, help="start it, or name another") from problem
        _enough(hardware, address, [node.get("CPU", 0) for node in nodes])
        yield
    finally:
        if not theirs:
            ray.shutdown()


def _lines(problem: BaseException) -> list[str]:
    """Return what an exception says, one line at least."""
    return (str(problem).strip() or type(problem).__name__).splitlines()


def _knock(address: str) -> None:
    """Raise OSError where nothing listens at an address with a port: Ray itself goes on trying for many minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), timeout=PATIENCE).close()


def _enough(hardware: Hardware, address: str, cpus: list[float]) -> None:
    """There are the fewest nodes, and one that a model is fitted on, unless nodes come when they are asked for (`nodes = 0..8`)."""
    fewest = hardware.nodes[0] if hardware.nodes is not None else 1
    if len(cpus) < fewest:
        told = f"the Ray cluster at {address} has {len(cpus)} nodes, and {fewest} are the fewest"
        raise ArchitectureError("MLA904", told, at=f"hardware.{hardware.name}.nodes", help="start more, or ask for fewer")
    if fewest and max(cpus) < hardware.cpu:
        told = f"no node of the Ray cluster at {address} has {hardware.cpu} CPUs: {max(cpus):g} are the most"
        raise ArchitectureError("MLA904", told, at=f"hardware.{hardware.name}.cpu", help="start a larger one, or ask for fewer")


@contextmanager
def _room(lock: Lock, storage: str, model: str) -> Iterator[Room]:
    system = lock.architecture.system.name
    room = Room(storage).within(f"mlarch/{system}/{model}-{secrets.token_hex(8)}")
    try:
        room.make()
        yield room
    except OSError as problem:  # raised on a node or here: nothing else of the work is a file that is not looked after elsewhere
        told = f"`{storage}` cannot be read or written: {_lines(problem)[-1]}"
        raise ArchitectureError("MLA908", told, at=f"system.{system}.storage", help="is it there, and may you?") from None
    finally:
        with suppress(OSError):
            room.remove()


class Failure(msgspec.Struct, frozen=True):
    """What is wrong with a batch, as it comes from a node: an exception itself would be pickled. An OSError has no code."""

    code: str | None
    message: str
    at: str | None = None
    help: str | None = None

    @classmethod
    def of(cls, problem: ArchitectureError | OSError) -> Failure:
        """Write an exception down."""
        if isinstance(problem, ArchitectureError):
            return cls(problem.code, problem.message, problem.at, problem.help)
        return cls(None, _lines(problem)[-1])

    def exception(self) -> ArchitectureError | OSError:
        """Return it as it can be raised here."""
        return OSError(self.message) if self.code is None else ArchitectureError(self.code, self.message, at=self.at, help=self.help)


@dataclass
class Cluster:
    """A cluster with a folder that all its nodes and this process see. `worked` are the nodes that have done something."""

    room: Room
    root: Path
    hardware: Hardware
    worked: set[str] = field(default_factory=set)

    @property
    def most(self) -> int | None:
        """How many tasks may run at once, each on one CPU; None for as many as the cluster takes."""
        return self.hardware.nodes[1] * self.hardware.cpu if self.hardware.nodes is not None else None

    def tables(self, pipeline: Pipeline, datasets: Mapping[str, Dataset]) -> dict[str, Batches]:
        """Bring the rows of every source to the nodes."""
        found: dict[str, Batches] = {}
        for name in pipeline.sources:
            file, at = self.root / datasets[name].path, f"source.{name}"
            with made_anew(file), undamaged(datasets[name].path, at):
                pl.scan_parquet(file).collect_schema()
                self.room.bring(file, f"{name}.parquet")
            found[name] = Shared(datasets[name].rows, places.BATCH, self.room, f"{name}.parquet")
        return found

    def observed(self, program: FeatureProgram, observations: Batches, tables: Mapping[str, Batches], names: Sequence[str]) -> Batches:
        """Answer the histories by partitions, each a task."""
        if not program.histories:
            return observations
        rows = max(table.before(table.count) for table in (observations, *tables.values()))
        return Observed(observations, answered(program, observations, tables, self.room, parts_of(rows), self.each))

    def each(self, work: Callable[[int], None], count: int) -> None:
        """Do something for each number, as tasks that are spread over the nodes."""
        import ray

        held, task = ray.put(work), ray.remote(num_cpus=1, scheduling_strategy="SPREAD")(_do)
        waiting: list[Any] = []
        for number in range(count):
            if self.most is not None and len(waiting) >= self.most:
                done, waiting = ray.wait(waiting)
                self._take(done)
            waiting.append(task.remote(held, number))
        self._take(waiting)

    def made(self, features: Features) -> Iterator[list[pl.DataFrame]]:
        """Compute the batches with Ray Data, and yield them in their order."""
        import ray

        count = features.divided.observations.count
        most = min(self.most, count) if self.most is not None else None
        task: Any = ray.remote(num_cpus=0)(_mapped)
        rows = self._plainly(lambda: ray.get(task.remote([ray.put(features)], self.room, count, most)))
        self.worked |= {row["node"] for row in rows}
        told = next((row["problem"] for row in rows if row["problem"]), None)
        if told is not None:
            raise msgspec.json.decode(told, type=Failure).exception()
        for number in range(count):
            yield [*(self.room.read(f"features-{number}", place) for place in range(len(PARTS))), self.room.read(f"raw-{number}", 0)]

    def once(self, work: Callable[[Room], Result]) -> Result:
        """Do something on one node, with the CPUs of the hardware."""
        import ray

        task: Any = ray.remote(num_cpus=self.hardware.cpu)(_once)
        node, made = self._plainly(lambda: ray.get(task.remote(work, self.room)))
        self.worked.add(node)
        return cast(Result, made)

    def _take(self, done: list[Any]) -> None:
        import ray

        self.worked.update(self._plainly(lambda: ray.get(done)))

    def _plainly(self, get: Callable[[], Result]) -> Result:
        """Raise what was raised on a node, where it is for the user, as if it had been raised here; and say where Ray itself gave up."""
        from ray.exceptions import RayError, RayTaskError

        try:
            return get()
        except RayError as problem:
            causes = list(_causes(problem))
            known = next((each for each in causes if isinstance(each, ArchitectureError)), None)
            if known is None and isinstance(causes[-1], RayError) and not isinstance(causes[-1], RayTaskError):
                told, at = f"work on the Ray cluster was lost: {_lines(causes[-1])[0]}", f"hardware.{self.hardware.name}.cluster"
                help = "run again; the logs of Ray on its nodes say more, and a node that was short of memory needs more of it"
                raise ArchitectureError("MLA904", told, at=at, help=help) from problem
            raise known or problem from None


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """Yield an exception, and what it came from, the innermost last."""
    cause: BaseException | None = problem
    while cause is not None:
        yield cause
        cause = getattr(cause, "cause", None) or cause.__cause__


def _node() -> str:
    import ray

    return str(ray.get_runtime_context().get_node_id())


def _do(work: Callable[[int], None], number: int) -> str:
    work(number)
    return _node()


def _once(work: Callable[[Room], Result], room: Room) -> tuple[str, Result]:
    return _node(), work(room)


def _mapped(held: list[Any], room: Room, count: int, most: int | None) -> list[dict[str, Any]]:
    """Lead the work of Ray Data: from a node, since through `ray://` this cannot be done."""
    import ray.data

    ray.data.DataContext.get_current().enable_progress_bars = False
    numbers = ray.data.range(count, override_num_blocks=count)
    mapped = numbers.map_batches(partial(_features, held[0], room), batch_size=1, num_cpus=1, concurrency=most)
    return list(mapped.take_all())


def _features(held: Any, room: Room, batch: dict[str, Any]) -> dict[str, list[Any]]:
    """Write the features of the batch whose number is given; return where that was done, and what is wrong, which Ray Data would wrap."""
    import ray

    features: Features = ray.get(held)
    try:
        for number in batch["id"]:
            *parts, raw = features.of(int(number))
            room.write(f"features-{number}", parts)
            room.write(f"raw-{number}", [raw])
    except (ArchitectureError, OSError) as problem:
        return {"node": [_node()], "problem": [msgspec.json.encode(Failure.of(problem))]}
    return {"node": [_node()], "problem": [b""]}
