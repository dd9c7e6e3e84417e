"""`serve.yaml`: Ray Serve's own schema takes it as it is, and what Ray would drop without a word is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mlarch
from mlarch.architecture.blocks.deployment import Deployment
from mlarch.architecture.errors import ArchitectureError
from mlarch.runtime.serving.cluster import refuse_unknown
from mlarch.targets.ray_serve.emit import ongoing
from mlarch.targets.ray_serve.read import read_configuration

Edit = Callable[[Path, str, str], Path]


def configuration(file: Path) -> dict[str, Any]:
    """The configuration of a build's one deployment, read back."""
    build = mlarch.load(file).compile()
    (deployment,) = build.lock.architecture.deployment.values()
    return read_configuration(build.folder, build.lock.architecture, deployment)


def deployment_of(file: Path) -> Deployment:
    """The one deployment of a file."""
    architecture = mlarch.load(file).architecture
    assert architecture is not None
    (deployment,) = architecture.deployment.values()
    return deployment


@pytest.mark.parametrize(
    "said",
    ["", "replicas = 3", "replicas = autoscale(2, 5)", 'host = "0.0.0.0"\n  port = 8123'],
)
def test_ray_takes_it_as_it_is(project: Path, edit: Edit, said: str) -> None:
    """Ray Serve's own schema validates the file, keeps every key of it, and each declared figure arrives."""
    from ray.serve.schema import ServeDeploySchema

    file = edit(project, "model = model.classifier\n", f"model = model.classifier\n  {said}\n")
    written, deployment = configuration(file), deployment_of(file)
    refuse_unknown(written)
    kept = ServeDeploySchema.model_validate(written).model_dump(exclude_unset=True)
    assert _within(written, kept) == []
    assert (kept["http_options"]["host"], kept["http_options"]["port"]) == (deployment.host, deployment.port)
    (replica,) = kept["applications"][0]["deployments"]
    assert replica["max_ongoing_requests"] == ongoing(deployment)
    if said.startswith("replicas = 3"):
        assert replica["num_replicas"] == 3
    if "autoscale" in said:
        scaling = replica["autoscaling_config"]
        assert (scaling["min_replicas"], scaling["max_replicas"]) == (2, 5)


def test_replicas_share_the_memory_of_their_node(project: Path, edit: Edit) -> None:
    """All replicas of the highest load fit in the declared memory together: otherwise the last ones would wait for ever."""
    hardware = "hardware box { cpu = 4, memory = 12GiB }\ndeployment api {"
    file = edit(project, "deployment api {", f"{hardware}\n  hardware = hardware.box\n  replicas = autoscale(2, 3)")
    (replica,) = configuration(file)["applications"][0]["deployments"]
    assert replica["ray_actor_options"]["memory"] * 3 == 12 * 1024**3


def _within(part: Any, whole: Any, place: str = "") -> list[str]:
    """The places at which something of `part` is not in `whole`."""
    if isinstance(part, dict):
        return [found for key, value in part.items() for found in _within(value, _get(whole, key), f"{place}.{key}")]
    if isinstance(part, list):
        return [found for number, value in enumerate(part) for found in _within(value, whole[number], f"{place}[{number}]")]
    return [] if part == getattr(whole, "value", whole) else [f"{place}: {part!r} became {whole!r}"]


def _get(whole: Any, key: str) -> Any:
    return whole.get(key) if isinstance(whole, dict) else None


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ([], "aplications"),
        (["http_options"], "prot"),
        (["applications", 0], "import_pth"),
        (["applications", 0, "logging_config"], "loglevel"),
        (["applications", 0, "deployments", 0], "max_concurrent_queries"),
        (["applications", 0, "deployments", 0, "ray_actor_options"], "cpus"),
        (["applications", 0, "deployments", 0, "autoscaling_config"], "target_num_ongoing_requests_per_replica"),
    ],
)
def test_a_key_that_ray_would_drop_is_refused(project: Path, edit: Edit, place: list[Any], key: str) -> None:
    """At every level of the file an unknown key is MLA702, with its name and the way back."""
    written = configuration(edit(project, "model = model.classifier\n", "model = model.classifier\n  replicas = autoscale(1, 2)\n"))
    refuse_unknown(written)
    part: Any = written
    for step in place:
        part = part[step]
    part[key] = 1
    with pytest.raises(ArchitectureError) as caught:
        refuse_unknown(written)
    assert caught.value.code == "MLA702"
    assert key in caught.value.message and "mlarch compile" in (caught.value.help or "")


@pytest.mark.parametrize(
    ("slo", "wanted"),
    [
        ("", 100),
        ("slo { p99 < 100ms, throughput >= 1000req/s }", 200),
        ("slo { p50 < 1s, p99 < 3s, throughput >= 500req/s }", 3000),
        ("replicas = 2\n  slo { p99 < 3s, throughput >= 500req/s }", 1500),
        ("slo { throughput >= 9000req/s }", 100),
    ],
)
def test_requests_in_flight_follow_from_the_slo(project: Path, edit: Edit, slo: str, wanted: int) -> None:
    """A replica may hold twice throughput times slowest latency, shared among the replicas, and never fewer than a hundred."""
    file = edit(project, "  slo { p99 < 100ms, throughput >= 1000req/s }\n", f"  {slo}\n")
    assert ongoing(deployment_of(file)) == wanted


@pytest.mark.parametrize("text", [None, "applications: [", "- 1", "", "applications: []"])
def test_a_damaged_configuration_is_said(project: Path, text: str | None) -> None:
    """A file that is gone, no YAML, or no configuration is MLA702 with its path and the way back."""
    build = mlarch.load(project).compile()
    path = build.folder / "serve.yaml"
    path.unlink() if text is None else path.write_text(text)
    (deployment,) = build.lock.architecture.deployment.values()
    with pytest.raises(ArchitectureError) as caught:
        read_configuration(build.folder, build.lock.architecture, deployment)
    assert caught.value.code == "MLA702"
    assert "serve.yaml" in caught.value.message
