"""Bad data end in one message that names the place in the file and the next step; the state stays whole, and mended data run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.lock import Lock
from mlarch.runtime.data.ingestion import ingest
from mlarch.runtime.data.text import BLOCK, not_text
from mlarch.runtime.state import State
from mlarch.targets.dagster.outcomes import refusal
from mlarch.targets.dagster.work import Work
from tests.conftest import EXAMPLE

from . import breaking
from .breaking import FILE, NOISE, Break, cells, content, edited, header, without

CONNECTOR, SCHEMA = "source.nuclei.connector", "source.nuclei.schema"


@dataclass(frozen=True)
class Case:
    """How the data are broken, and what must be said: the code, the path, words of the message, words of the help."""

    name: str
    broken: Break
    code: str
    at: str
    message: str
    help: str


CASES = [
    Case("missing", breaking.renamed, "MLA501", CONNECTOR, "no data file data/breast_cancer.csv", "data/ has cancer.csv"),
    Case("no folder", breaking.no_folder, "MLA501", CONNECTOR, "no data file", "data/ does not exist beside the architecture"),
    Case("a folder", breaking.a_folder, "MLA501", CONNECTOR, "is a folder", "name a file in it"),
    Case("empty", content(b""), "MLA506", CONNECTOR, "is empty", "first line names the columns"),
    Case("blank lines", content(b"\n\n\n"), "MLA507", CONNECTOR, "empty CSV", "header line"),
    Case("binary", content(NOISE), "MLA507", CONNECTOR, "it is not text", "CSV file in UTF-8"),
    Case("zeroes", content(bytes(3000)), "MLA507", CONNECTOR, "it is not text", "UTF-8"),
    Case("workbook", content(b"PK\x03\x04" + NOISE), "MLA507", CONNECTOR, "a zip file or a workbook", "CSV file"),
    Case("parquet", breaking.parquet, "MLA507", CONNECTOR, "it is a Parquet file", "CSV file"),
    Case(
        "latin-1",
        edited(lambda rows: [*rows[:3], rows[3].replace("malignant", "bösartig"), *rows[4:]], "latin-1"),
        "MLA507",
        CONNECTOR,
        "line 4 is not UTF-8",
        "UTF-8",
    ),
    Case(
        "latin-1 in a header that is not read",
        edited(lambda rows: [rows[0] + ",größe", *(f"{row},1" for row in rows[1:])], "latin-1"),
        "MLA507",
        CONNECTOR,
        "line 1 is not UTF-8",
        "UTF-8",
    ),
    Case("utf-16", edited(list, "utf-16"), "MLA507", CONNECTOR, "UTF-16, not UTF-8", "UTF-8"),
    Case(
        "semicolons",
        edited(lambda rows: [row.replace(",", ";") for row in rows]),
        "MLA502",
        CONNECTOR,
        "one column only, `sample_id;mean_radius;",
        'csv("data/breast_cancer.csv", separator=";")',
    ),
    Case("tabs", edited(lambda rows: [row.replace(",", "\t") for row in rows]), "MLA502", CONNECTOR, "one column only", r'separator="\t"'),
    Case("column missing", without("mean_area"), "MLA502", f"{SCHEMA}.mean_area", "no column `mean_area`", "it has `diagnosis`,"),
    Case("slip", header("mean_area", "mean_aera"), "MLA502", f"{SCHEMA}.mean_area", "did you mean `mean_aera`?", "it has"),
    Case("misnamed", header("mean_area", "size"), "MLA502", f"{SCHEMA}.mean_area", "did you mean `size`?", "it has"),
    Case("other case", header("mean_area", "Mean_Area"), "MLA502", f"{SCHEMA}.mean_area", "did you mean `Mean_Area`?", "it has"),
    Case("header twice", header("mean_texture", "mean_radius"), "MLA508", f"{SCHEMA}.mean_radius", "two columns named", "rename one"),
    Case("no header", edited(lambda rows: rows[1:]), "MLA502", "source.nuclei.connector", "none of the 6 columns", "header line missing"),
    Case("header only", edited(lambda rows: rows[:1]), "MLA506", CONNECTOR, "has no rows", "empty table"),
    Case(
        "wrong type",
        cells("mean_area", "wide", {1, 2, 7}),
        "MLA503",
        f"{SCHEMA}.mean_area",
        '`mean_area` is declared float, and 3 of 569 values are not: "wide"',
        "change the type in the schema",
    ),
    Case("not finite", cells("mean_area", "1e400", {1}), "MLA503", f"{SCHEMA}.mean_area", 'values are not: "1e400"', "change the type"),
    Case("long value", cells("mean_area", "x" * 5000, {1}), "MLA503", f"{SCHEMA}.mean_area", "x" * 80 + "…", "change the type"),
    Case("all missing", cells("mean_area", ""), "MLA504", f"{SCHEMA}.mean_area", "every value of `mean_area` is missing", "is it empty"),
    Case("some missing", cells("mean_area", "", {3, 4}), "MLA505", f"{SCHEMA}.mean_area", "never missing, in 2 of 569 rows", "report"),
    Case("out of range", cells("mean_area", "-3", {3}), "MLA505", f"{SCHEMA}.mean_area", "in 0..4000, in 1 of 569 rows", "report"),
    Case("unknown category", cells("diagnosis", "maybe", {5}), "MLA505", f"{SCHEMA}.diagnosis", "is one of benign, malignant", "report"),
    Case("the same id", cells("sample_id", "x", {1, 5}), "MLA505", f"{SCHEMA}.sample_id", "is unique, in 2 of 569 rows", "report"),
    Case("label missing", cells("diagnosis", "", {0, 9}), "MLA505", f"{SCHEMA}.diagnosis", "never missing, in 2 of 569 rows", "report"),
    Case(
        "one class", cells("diagnosis", "benign"), "MLA601", "model.classifier.label", "one class only: it is false", "condition ever true"
    ),
    Case(
        "too few rows",
        edited(lambda rows: [*rows[:2], rows[-1]]),
        "MLA607",
        "model.classifier",
        "the test part has no rows (2 in all)",
        "more rows",
    ),
    Case(
        "too many values",
        edited(lambda rows: [*rows[:5], rows[5] + ",1,2", *rows[6:]]),
        "MLA507",
        CONNECTOR,
        "line 6 has 8 values, and the header names 6",
        "header line",
    ),
    Case(
        "too few values", edited(lambda rows: [*rows[:5], "n0004,1", *rows[6:]]), "MLA505", f"{SCHEMA}.mean_texture", "1 of 569", "report"
    ),
    Case(
        "a web page",
        content(b"<!DOCTYPE html>\n<html></html>\n"),
        "MLA502",
        "source.nuclei.connector",
        "`<!DOCTYPE html>`",
        "another table",
    ),
]


def scraps(folder: Path) -> list[str]:
    """What a write leaves behind when it does not end: hidden files beside the real ones."""
    return [path.name for path in (folder / ".mlarch").rglob(".*") if path.name != ".mlarch" and ".mlarch/dagster" not in path.as_posix()]


def steps(lock: Lock) -> None:
    """Take the steps from the file to the matrices, as an engine would: what a report refuses ends them."""
    work = Work(lock, State(lock.root))
    dataset = work.steps["nuclei/ingested"].run()
    validated = work.steps["nuclei/validated"]
    refused = refusal(validated, validated.run(dataset))
    if refused is not None:
        raise refused
    work.steps["classifier/features"].run(dataset)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_data_end_in_one_message_with_its_place(case: Case, project: Path) -> None:
    """Each way to break the data gives its code, words and next step, at the line that declares what is broken."""
    case.broken(project.parent)
    lock = mlarch.load(project).compile().lock
    with pytest.raises(ArchitectureError) as raised:
        steps(lock)
    problem = raised.value
    assert (problem.code, problem.at) == (case.code, case.at)
    assert case.message in problem.message and case.help in (problem.help or "")
    assert len(problem.message) < 400 and "\n" not in problem.message
    place = lock.place(case.at)
    assert place is not None and place[0] == project.resolve()
    assert case.at.split(".")[-1] in project.read_text(encoding="utf-8").splitlines()[place[1] - 1]
    assert scraps(project.parent) == []


@pytest.mark.parametrize(
    "broken", [content(NOISE), cells("mean_area", "", {3}), cells("diagnosis", "benign")], ids=["read", "rule", "label"]
)
def test_mended_data_run(broken: Break, project: Path) -> None:
    """After a failure in ingestion, in validation or in the split, mended data run through and are registered as version 1."""
    architecture = mlarch.load(project)
    broken(project.parent)
    failed = architecture.run()
    assert failed.problem is not None and not (project.parent / ".mlarch" / "registry").exists()
    shutil.copy(EXAMPLE / FILE, project.parent / FILE)
    result = architecture.run()
    assert result.ok, result.problem
    assert result.values["classifier/registered"].version == "1"


def test_the_separator_of_the_help_works(project: Path, edit: Callable[[Path, str, str], Path]) -> None:
    """What the message says of another separator, written into the file, reads the data."""
    breaking.edited(lambda rows: [row.replace(",", "\t") for row in rows])(project.parent)
    problem = mlarch.load(project).run(only="nuclei/ingested").problem
    assert problem is not None and problem.help is not None
    edit(project, 'csv("data/breast_cancer.csv")', problem.help.split("`")[1])
    result = mlarch.load(project).run(only="nuclei/ingested")
    assert result.ok and result.values["nuclei/ingested"].rows == 569


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.rstrip(b"\n"),
        lambda data: data.replace(b"diagnosis", b"diagnosis,more").replace(b"benign", b"benign,1").replace(b"malignant", b"malignant,2"),
    ],
    ids=["byte order mark", "Windows line ends", "no last line end", "a column more"],
)
def test_harmless_differences_give_the_same_data(change: Callable[[bytes], bytes], project: Path) -> None:
    """A byte order mark, other line ends or a column that the schema does not name change nothing, not even the digest."""
    lock = mlarch.load(project).compile().lock
    before = ingest(lock, "nuclei", State(lock.root)).digest
    file = project.parent / FILE
    file.write_bytes(change(file.read_bytes()))
    assert ingest(lock, "nuclei", State(lock.root)).digest == before


@pytest.mark.parametrize("before", [0, 5, BLOCK - 1, BLOCK, 3 * BLOCK + 1])
def test_the_line_that_is_not_utf_8_is_found_in_a_large_file(before: int, tmp_path: Path) -> None:
    """The line of a wrong byte is named wherever it is, at the border of two blocks too; a good character across it is no mistake."""
    lines = (("ä" * 50 + "\n") * (before // 101 + 1)).encode()[: before // 101 * 101]
    good = lines + b"x" * (before - len(lines)) + "ä\n".encode()
    file = tmp_path / "rows.csv"
    file.write_bytes(good)
    assert not_text(file) is None
    file.write_bytes(good[:-3] + b"\xe4\n")
    assert not_text(file) == f"line {before // 101 + 1} is not UTF-8"
    file.write_bytes(good[:-2])
    assert not_text(file) == f"line {before // 101 + 1} is not UTF-8"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_said(project: Path) -> None:
    """A file without permission to read is one message, not a traceback."""
    (project.parent / FILE).chmod(0)
    problem = mlarch.load(project).run().problem
    assert problem is not None and problem.code == "MLA501" and "Permission denied" in problem.message


@pytest.mark.servers
def test_a_large_file_takes_bounded_memory_and_time(project: Path) -> None:
    """A CSV of 100 MB is ingested and validated within a minute and 1.5 GB of memory."""
    head, *rows = breaking.lines(project.parent)
    with (project.parent / FILE).open("w", encoding="utf-8") as file:
        file.write(head + "\n")
        block = "\n".join(row.partition(",")[2] for row in rows).split("\n")
        for copy in range(102_000_000 // (len("\n".join(rows)) + 3 * len(rows)) + 1):
            file.writelines(f"{copy}-{number},{row}\n" for number, row in enumerate(block))
    assert (project.parent / FILE).stat().st_size > 100_000_000
    code = (
        "import resource, time, sys, mlarch; started = time.monotonic();"
        "run = mlarch.load(sys.argv[1]).run;"
        "[run(only=step) for step in ('nuclei/ingested', 'nuclei/validated')];"
        "result = run(only='nuclei/validated'); assert result.ok, result.problem;"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, time.monotonic() - started)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(project)], capture_output=True, text=True, check=True)
    gigabytes, seconds = map(float, done.stdout.split()[-2:])
    assert gigabytes < 1.5 and seconds < 60, done.stdout
