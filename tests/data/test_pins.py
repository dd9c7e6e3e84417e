"""A version that is pinned is what runs read, wherever they run, until it is unpinned; nothing is overwritten by it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.cli import group
from mlarch.runtime.data.ingestion import ingest, read
from mlarch.runtime.data.pins import FILE, pins_of
from mlarch.runtime.data.versions import Version, versions_of
from mlarch.runtime.state import State
from mlarch.targets.dagster.outcomes import Outcome

from .breaking import lines, write
from .test_files import ROWS, lock_of
from .test_versions import call, ingested_twice, twice

__all__ = ["ingested_twice", "twice"]
INGESTED = "nuclei/ingested"


def kept(file: Path) -> list[Version]:
    """The versions of the source."""
    return versions_of(State(file.parent), "nuclei")


def command(*arguments: object) -> tuple[int, str]:
    """Call the command line."""
    done = CliRunner().invoke(group, [*map(str, arguments)])
    return done.exit_code, done.output


def test_a_pinned_version_is_read_until_it_is_unpinned(tmp_path: Path) -> None:
    """A run takes the older rows although the file has others, the next has nothing to do, and after unpinning the newest are read."""
    ROWS.write_csv(tmp_path / "rows.csv")
    lock_of(tmp_path, 'csv("rows.csv")')
    file, key = tmp_path / "s.mlarch", "rows/ingested"
    older = mlarch.load(file).run().values[key]
    ROWS[:3].write_csv(tmp_path / "rows.csv")
    newer = mlarch.load(file).run().values[key]
    code, said = call("pin", "rows", older.digest[:6], "--file", file)
    assert code == 0 and f"rows is pinned to {older.digest[:16]}, 10 rows: commit {FILE}" in said
    result = mlarch.load(file).run()
    assert result.ok and result.values[key] == older and result.outcomes[key] is Outcome.DONE
    assert set(mlarch.load(file).run().outcomes.values()) == {Outcome.UNCHANGED}
    assert [each.dataset for each in versions_of(State(tmp_path), "rows")] == [older, newer]
    assert call("unpin", "rows", "--file", file)[1] == "rows is read as it is now, from the next run on\n"
    assert not (tmp_path / FILE).exists()
    assert mlarch.load(file).run().values[key].digest == newer.digest


def test_what_is_pinned_is_shown_everywhere(twice: Path) -> None:
    """List, status and plan say which version is pinned, for people and for programs, and that the last run was of other rows."""
    first, _ = kept(twice)
    assert json.loads(call("pin", "nuclei", first.name, "--file", twice, "--json")[1])["digest"] == first.dataset.digest
    assert f"{first.name}" in call("list", twice)[1] and "breast_cancer.csv, pinned" in call("list", twice)[1]
    assert [each["pinned"] for each in json.loads(call("list", twice, "--json")[1])["nuclei"]] == [True, False]
    code, said = command("status", twice)
    assert code == 0 and f"pinned to {first.name}: other rows than these, 569 of them" in said
    assert "`mlarch run` would run nuclei/ingested" in said
    told = json.loads(command("status", twice, "--json")[1])
    assert told["sources"]["nuclei"]["pinned"] == first.dataset.digest and INGESTED in told["stale"]
    shown = f"pinned: `nuclei` is read as of {first.name}, 569 rows, and not as it is now"
    assert shown in command("plan", twice)[1]
    assert command("compile", twice)[0] == 0 and shown in command("plan", twice)[1]
    assert json.loads(command("plan", twice, "--json")[1])["pinned"]["nuclei"] == {"digest": first.dataset.digest, "rows": 569}
    mlarch.load(twice).run(only=INGESTED)
    assert f"pinned to {first.name}: these rows" in command("status", twice)[1]


def test_another_machine_has_the_pinned_rows_or_says_that_it_has_not(twice: Path, tmp_path: Path) -> None:
    """Where the version is not kept, a source that gives the same rows will do; one that gives others is refused, and nothing is lost."""
    _, second = kept(twice)
    call("pin", "nuclei", second.name, "--file", twice)
    other = tmp_path / "elsewhere"
    shutil.copytree(twice.parent, other, ignore=shutil.ignore_patterns(".mlarch", "build"))
    file = other / twice.name
    assert f"{second.name}  pinned, 562 rows; it is not kept on this machine" in call("list", file)[1]
    assert mlarch.load(file).run(only=INGESTED).values[INGESTED].digest == second.dataset.digest
    shutil.rmtree(other / ".mlarch")
    write(other, lines(other)[:-1])
    result = mlarch.load(file).run(only=INGESTED)
    assert result.problem is not None and result.problem.code == "MLA517" and result.problem.at == "source.nuclei"
    assert f"`nuclei` is pinned to {second.name}, which is not kept here, and the source gives" in result.problem.message
    assert "mlarch data unpin nuclei" in (result.problem.help or "")
    sampled = mlarch.load(file).run(only=INGESTED, sample=0.5)
    assert sampled.problem is not None and sampled.problem.code == "MLA517"


def test_a_sample_is_taken_of_the_pinned_rows(tmp_path: Path) -> None:
    """The same rows as a sample of the version would have, repaired once, and the version stays whole."""
    lock = lock_of(tmp_path, 'csv("rows.csv")')
    state, part = State(lock.root), State(lock.root, sampled=True)
    ROWS.write_csv(tmp_path / "rows.csv")
    whole, sampled = ingest(lock, "rows", state), ingest(lock, "rows", part, sample=0.5)
    ROWS[:3].write_csv(tmp_path / "rows.csv")
    (tmp_path / FILE).write_text(json.dumps({"rows": {"digest": whole.digest, "rows": whole.rows}}))
    assert ingest(lock, "rows", state) == whole
    again = ingest(lock, "rows", part, sample=0.5)
    assert again == sampled and 0 < len(read(again, lock.root)) < len(ROWS)


def test_a_schema_that_the_pinned_rows_do_not_have_is_refused(twice: Path) -> None:
    """A column that is declared otherwise than it was ingested ends the run at the schema, with the way out."""
    first, _ = kept(twice)
    call("pin", "nuclei", first.name, "--file", twice)
    text = twice.read_text()
    assert text.count("mean_texture   : float") == 1, text
    twice.write_text(text.replace("mean_texture   : float", "mean_texture   : string"))
    lock = mlarch.load(twice).architecture
    assert lock is not None
    with pytest.raises(ArchitectureError) as raised:
        ingest(_Lock(lock, twice.parent), "nuclei", State(twice.parent))  # type: ignore[arg-type]
    assert raised.value.code == "MLA517" and raised.value.at == "source.nuclei.schema"


class _Lock:
    """An architecture beside its folder: what is read of a lock here."""

    def __init__(self, architecture: object, root: Path) -> None:
        self.architecture, self.root = architecture, root


@pytest.mark.parametrize("text", ["{", '{"nuclei": 3}', '{"nuclei": {"digest": "a"}}', '{"nuclei": {"digest": "a", "rows": 1, "more": 2}}'])
def test_a_file_of_pins_that_cannot_be_read_is_told(text: str, twice: Path) -> None:
    """No command goes on by the newest rows where it cannot tell which are pinned."""
    (twice.parent / FILE).write_text(text)
    result = mlarch.load(twice).run(only=INGESTED)
    assert result.problem is not None and result.problem.code == "MLA517" and f"{FILE} cannot be read" in result.problem.message
    for arguments in (("data", "list"), ("plan",), ("data", "unpin", "nuclei", "--file")):
        code, said = command(*arguments, twice)
        assert code == 1 and "MLA517" in said, (arguments, said)
    assert command("status", twice)[0] == 0


def test_what_cannot_be_pinned_is_said(twice: Path) -> None:
    """An unknown version is one message with those that there are, an unknown source wrong usage, and neither is written down."""
    code, said = call("pin", "nuclei", "zzz", "--file", twice)
    assert code == 1 and "MLA515" in said and kept(twice)[0].name in said
    assert call("pin", "cells", "a", "--file", twice)[0] == 2
    assert call("unpin", "nuclei", "--file", twice) == (0, "nuclei was not pinned\n")
    assert json.loads(call("unpin", "nuclei", "--file", twice, "--json")[1]) == {"source": "nuclei", "was_pinned": False}
    assert not (twice.parent / FILE).exists() and pins_of(twice.parent) == {}
    (twice.parent / FILE).write_text('{"gone": {"digest": "a", "rows": 1}}')
    assert f"{FILE} pins `gone`, and there is no such source: `mlarch data unpin gone`" in call("list", twice)[1]


@pytest.mark.parametrize(("point", "written"), [("data.pins", False), ("data.pins+", True)])
def test_killed_while_it_is_written_the_file_is_whole(point: str, written: bool, twice: Path) -> None:
    """The pin is there or not, the run goes by what is there, and nothing half-written is beside it after it."""
    first, second = kept(twice)
    program = [str(Path(sys.executable).with_name("mlarch")), "data", "pin", "nuclei", first.name, "--file", str(twice)]
    done = subprocess.run(program, env=os.environ | {"MLARCH_KILL_AT": point}, cwd=twice.parent, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert list(pins_of(twice.parent)) == (["nuclei"] if written else [])
    wanted = first if written else second
    assert mlarch.load(twice).run(only=INGESTED).values[INGESTED].digest == wanted.dataset.digest


# --- lineage --------------------------------------------------------------------------------------------------------


@pytest.mark.servers
def test_a_prediction_leads_to_the_files(project: Path) -> None:
    """By the version that an answer names, its rows and files are found in one command, also when a later run made another one."""
    assert mlarch.load(project).run().ok
    rows = lines(project.parent)
    write(project.parent, [*rows[:1], *rows[5:]])
    assert mlarch.load(project).run().values["classifier/registered"].version == "2"
    answered = json.loads(command("predict", project, "--offline", "--json")[1].splitlines()[-1])
    assert answered["version"] == "2"
    first, second = kept(project)
    for version, made in (("1", first), ("2", second)):
        (chain,) = json.loads(call("lineage", project, "--version", version, "--json")[1])
        assert chain["uri"] == f"models:/cancer.classifier/{version}" and (project.parent / chain["bundle"]).is_dir()
        (held,) = chain["rows"]
        assert held["digest"] == made.dataset.digest and held["rows"] == made.dataset.rows
        assert [each["path"] for each in held["files"]] == ["data/breast_cancer.csv"]
        code, said = call("lineage", project, "--version", version)
        assert code == 0 and f"SHA-256 {made.dataset.files[0].digest}" in said
    (last,) = json.loads(call("lineage", project, "--json")[1])
    assert (last["rows"], last["run"], last["features"]["digest"][:36]) == (chain["rows"], chain["run"], chain["features"]["digest"])
    (project.parent / first.dataset.path).unlink()
    assert "rows " + first.dataset.digest[:16] + " of `nuclei`: not kept on this machine" in call("lineage", project, "--version", "1")[1]


def test_a_version_that_is_not_there_is_said(trained: Path) -> None:
    """An unknown version and an unknown model are told with what there is."""
    code, said = call("lineage", trained, "--version", "9")
    assert code == 1 and "MLA606" in said and "`classifier` has no version 9" in said and "there are 1" in said
    assert call("lineage", trained, "--version", "1", "--model", "other")[0] == 2
    assert call("lineage", trained, "--model", "other") == (0, "nothing yet: `mlarch run`\n")
