"""What goes wrong on a cluster comes back as one message: how it is brought from a node, and what is said where Ray itself gives up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from mlarch.architecture.blocks.training import Hardware
from mlarch.architecture.errors import ArchitectureError
from mlarch.runtime.data.rooms import Room
from mlarch.runtime.engines import quiet
from mlarch.runtime.features.own.calling import FunctionFailed
from mlarch.runtime.training.cluster import Cluster, Failure


def brought(problem: ArchitectureError | OSError) -> ArchitectureError | OSError:
    """Bring a failure from a node."""
    return msgspec.json.decode(msgspec.json.encode(Failure.of(problem)), type=Failure).exception()


def raised(tmp_path: Path, problem: BaseException) -> BaseException:
    """Return what is raised here, where Ray raises an exception."""

    def get() -> None:
        raise problem

    with pytest.raises(Exception) as caught:  # which one, the tests say
        Cluster(Room.local(tmp_path), tmp_path, Hardware(name="pool"))._plainly(get)
    return caught.value


@pytest.mark.parametrize(
    "problem", [ArchitectureError("MLA608", "it was damaged", at="source.sales", help="run again"), FunctionFailed("`own:f` failed: why")]
)
def test_a_failure_of_a_batch_says_all_that_it_said_on_the_node(problem: ArchitectureError) -> None:
    """Code, message, place and next step come from the node as they were; nothing of it is pickled."""
    found = brought(problem)
    assert isinstance(found, ArchitectureError)
    assert (found.code, found.message, found.at, found.help) == (problem.code, problem.message, problem.at, problem.help)


@pytest.mark.parametrize(
    ("problem", "told"), [(OSError(28, "No space left"), "[Errno 28] No space left"), (TimeoutError(), "TimeoutError")]
)
def test_storage_that_fails_a_node_is_told_in_a_line(problem: OSError, told: str) -> None:
    """What the storage said comes from the node in one line, and an exception without a text says what it is."""
    found = brought(problem)
    assert isinstance(found, OSError) and str(found) == told


@pytest.mark.parametrize("nested", [False, True])
def test_work_that_ray_gives_up_is_no_mistake_of_ours(nested: bool, tmp_path: Path) -> None:
    """A node that is short of memory, or a worker that dies, is told as the cluster's, also where Ray Data has it inside."""
    quiet()
    from ray.exceptions import OutOfMemoryError, RayTaskError, WorkerCrashedError

    problem: Any = WorkerCrashedError() if nested else OutOfMemoryError("the node is low on memory\nand much more")
    found = raised(tmp_path, RayTaskError("_mapped", "…", problem) if nested else problem)
    assert isinstance(found, ArchitectureError) and (found.code, found.at) == ("MLA904", "hardware.pool.cluster")
    assert "worker died" in found.message if nested else found.message.endswith("was lost: the node is low on memory")


def test_what_a_task_raised_is_raised_here(tmp_path: Path) -> None:
    """A message for the user is found inside of what Ray raises; any other exception of a task stays as it is."""
    quiet()
    from ray.exceptions import RayTaskError

    inner = ArchitectureError("MLA516", "it failed")
    assert raised(tmp_path, RayTaskError("_do", "…", inner)) is inner
    other = RayTaskError("_do", "…", KeyError("a mistake of ours"))
    assert raised(tmp_path, other) is other
