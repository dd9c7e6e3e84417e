"""Config groups: Hydra chooses them, the last writer wins, and each position is that of the file that wrote it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import mlarch
from mlarch.language.resources import conf_path

from .test_yaml import SMALL, write
from .writing import architecture_of, errors_of


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An architecture that takes its hardware and its SLO from groups."""
    write(tmp_path, "small: {cpu: 2, memory: 4GiB}\n", "hardware/small.yaml")
    write(tmp_path, "large: {cpu: 64, memory: 256GiB}\n", "conf/hardware/large.yml")
    write(tmp_path, '# @package deployment.api\nslo: {p99: "< 9ms"}\nport: 9000\n', "conf/serving/fast.yaml")
    text = "defaults:\n  - hardware: small\n  - serving: fast\n  - _self_\n" + SMALL + "deployment: {api: {model: model.m, port: 9001}}\n"
    return write(tmp_path, text)


def test_groups_are_found_beside_the_file_in_its_conf_and_in_mlarchs_own(project: Path) -> None:
    """A group lies beside the file, in `conf/` beside it, or comes with mlarch; the first place that has it counts."""
    assert list(architecture_of(project).hardware) == ["small"]
    assert list(architecture_of(project, "hardware=large").hardware) == ["large"]
    assert list(architecture_of(project, "hardware=laptop").hardware) == ["machine"]
    write(project.parent, "mine: {cpu: 1}\n", "hardware/laptop.yaml")
    assert list(architecture_of(project, "hardware=laptop").hardware) == ["mine"]


def test_every_group_of_mlarchs_own_composes(project: Path) -> None:
    """Each file under `conf/` can be chosen, and says something that the vocabulary takes."""
    files = sorted(conf_path().rglob("*.yaml"))
    assert files
    for path in files:
        group = path.parent.relative_to(conf_path()).as_posix()
        package = {"slo": "@deployment.api.slo"}.get(group, "")
        sign = "" if group == "hardware" else "+"
        assert errors_of(project, f"{sign}{group}{package}={path.stem}") == []


def test_the_last_writer_wins(project: Path) -> None:
    """Keys merge deeply in the order of the list: `_self_` at the end is over the groups, at the beginning below them."""
    assert (architecture_of(project).deployment["api"].port, str(_slo(project))) == (9001, "< 9ms")
    text = project.read_text(encoding="utf-8")
    below = write(project.parent, text.replace("  - _self_\n", "").replace("defaults:\n", "defaults:\n  - _self_\n"), "below.yaml")
    assert architecture_of(below).deployment["api"].port == 9000
    assert architecture_of(below, "deployment.api.port=9002").deployment["api"].port == 9002


def _slo(path: Path) -> object:
    slo = architecture_of(path).deployment["api"].slo
    assert slo is not None
    return slo.p99


def test_positions_are_those_of_the_file_that_wrote_last(project: Path) -> None:
    """A value from a group is at its line of the group's file, one that the architecture overwrites at the architecture's."""
    places = {path: span.place.rpartition("/")[2] for path, span in mlarch.load(project).positions.paths.items()}
    assert places["hardware.small.cpu"] == "small.yaml:1:9"
    assert places["deployment.api.slo.p99"] == "fast.yaml:2:7"
    assert places["deployment.api.port"].startswith("small.yaml:10:")
    assert places["deployment.api"].startswith("small.yaml:10:")
    project = write(project.parent, project.read_text(encoding="utf-8"), "main.yaml")
    overridden = mlarch.load(project, ["deployment.api.port=80"]).positions.paths
    assert (overridden["deployment.api.port"].place, overridden["hardware.small"].source.name.rpartition("/")[2]) == (
        "<override:1>:1:16",
        "small.yaml",
    )


def test_a_mistake_in_a_group_is_shown_there(project: Path) -> None:
    """A wrong value, a misspelt key and malformed YAML in a group file are said with that file's name and line."""
    group = project.parent / "hardware" / "small.yaml"
    for text, code, place in (
        ("small:\n  cpu: many\n", "MLA207", "small.yaml:2:8"),
        ("small:\n  cpus: 2\n", "MLA204", "small.yaml:2:3"),
        ("small: {cpu: 2\n", "MLA010", "small.yaml:1:14"),
        ("small: {cpu: &x 2}\n", "MLA010", "small.yaml:1:14"),
    ):
        group.write_text(text, encoding="utf-8")
        span = next(item.span for item in mlarch.load(project).diagnostics if item.code == code)
        assert span is not None and span.source.path == group
        assert errors_of(project) == [(code, place, errors_of(project)[0][2])]


def test_groups_may_have_defaults_of_their_own(project: Path) -> None:
    """A group's own `defaults:` list is followed, relative to its folder, and a package can be given where a group is named."""
    write(project.parent, "defaults:\n  - small\n  - _self_\nsecond: {cpu: 5}\n", "hardware/both.yaml")
    assert list(architecture_of(project, "hardware=both").hardware) == ["small", "second"]
    write(project.parent, "cpu: 7\n", "nodes/seven.yaml")
    assert architecture_of(project, "+nodes@hardware.small=seven").hardware["small"].cpu == 7


@pytest.mark.parametrize(
    ("override", "message", "help"),
    [
        ("hardware=lage", "there is no config file `hardware/lage.yaml`", "`laptop`, `large`, `small`"),
        ("slo=interactive", "could not override 'slo'. No match in the defaults list", "+slo=interactive"),
        ("~slo", "could not delete 'slo'. No match in the defaults list", ""),
        ("+hardware=large", "multiple values for hardware. To override a value use 'override hardware: large'", "from 'command line'"),
        ("nothing@deployment.api=x", "there is no config group `nothing`", "beside the architecture"),
        ("hardware=5", "config group override must be a string or a list. Got int", ""),
        ("++hardware=large", "force-add of config groups is not supported: '++hardware=large'", ""),
    ],
)
def test_a_choice_that_cannot_be_made_is_said_at_the_override(project: Path, override: str, message: str, help: str) -> None:
    """A missing option, a group that the list does not take, a second choice: one MLA009 at the override, with what there is."""
    found = mlarch.load(project, ["deployment.api.port=80", override]).diagnostics
    assert [(item.code, item.span.source.name if item.span else None) for item in found] == [("MLA009", "<override:2>")]
    assert message in found[0].message
    assert help in " ".join(found[0].helps)


def test_deleting_a_choice_takes_the_group_out(project: Path) -> None:
    """`~hardware` composes without the group."""
    assert architecture_of(project, "~hardware").hardware == {}


def test_lists_are_replaced_and_docs_kept(project: Path) -> None:
    """A list of the last writer replaces the one before it; a doc comment stays unless the last writer has one."""
    write(project.parent, "## From the group.\nsmall: {cpu: 2}\n", "hardware/small.yaml")
    text = project.read_text(encoding="utf-8") + "hardware: {small: {cpu: 3}}\n"
    made = architecture_of(write(project.parent, text, "docs.yaml"))
    assert (made.hardware["small"].doc, made.hardware["small"].cpu) == ("From the group.", 3)


def test_imports_of_a_group_are_relative_to_the_group(project: Path) -> None:
    """A file that a group imports lies beside the group, not beside the architecture that takes it."""
    write(project.parent, "hardware extra { cpu = 9 }\n", "hardware/extra.mlarch")
    write(project.parent, "# @package _global_\nimport: extra.mlarch\nhardware: {small: {cpu: 2}}\n", "hardware/small.yaml")
    assert {name: each.cpu for name, each in architecture_of(project).hardware.items()} == {"extra": 9, "small": 2}


def test_hydra_is_loaded_only_where_it_is_needed(project: Path, tmp_path: Path) -> None:
    """A YAML file without config groups is read without Hydra and OmegaConf; one with them needs both."""
    code = "import sys, mlarch; mlarch.load(sys.argv[1]); print([name for name in ('hydra', 'omegaconf') if name in sys.modules])"
    alone = write(tmp_path, SMALL, "alone.yaml")
    for path, loaded in ((alone, []), (project, ["hydra", "omegaconf"])):
        done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == str(loaded)
