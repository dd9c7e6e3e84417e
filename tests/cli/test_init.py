"""`mlarch init` starts projects that check, read and validate their own data, and says what is wrong with data that it cannot use."""

from __future__ import annotations

import json
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mlarch
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.types import ColumnType
from mlarch.cli import group
from mlarch.cli.failures import guarded
from mlarch.language.files import architectures_in
from mlarch.runtime.artifacts import ValidationReport
from mlarch.runtime.data.inference import infer
from mlarch.runtime.data.ingestion import ingest
from mlarch.runtime.data.validation import validate
from mlarch.runtime.state import State
from mlarch.runtime.training.preparation import prepare


def init(*arguments: object) -> Result:
    return CliRunner().invoke(group, ["init", *map(str, arguments)])


def project_in(folder: Path) -> mlarch.Project:
    (file,) = architectures_in(folder)
    return mlarch.load(file)


def validated(folder: Path) -> ValidationReport:
    """Compile a started project, ingest its data and check every rule that was inferred."""
    project = project_in(folder)
    assert project.diagnostics == []
    lock = project.compile().lock
    state = State(lock.root)
    (source,) = lock.architecture.source
    return validate(lock, source, ingest(lock, source, state), state)


@pytest.mark.parametrize("problem", ["classification", "regression"])
def test_a_starter_without_data_is_complete(tmp_path: Path, problem: str) -> None:
    """Without data a table is generated: the project checks without a finding, and its rows pass every rule and can be trained on."""
    result = init(tmp_path / "new", "--problem", problem)
    assert result.exit_code == 0, result.output
    report = validated(tmp_path / "new")
    assert report.passed and report.rows == 400 and len(report.rules) > 5
    lock = project_in(tmp_path / "new").compile().lock
    state = State(lock.root)
    (source,) = lock.architecture.source
    prepared = prepare(lock, "predictor", [ingest(lock, source, state)], state)
    assert prepared.parts["train"].rows == 320
    assert ".mlarch/" in (tmp_path / "new" / ".gitignore").read_text().splitlines()


def test_the_same_command_gives_the_same_project(tmp_path: Path) -> None:
    """Generated data and text are the same every time."""
    for name in ("a", "b"):
        assert init(tmp_path / name / "shop").exit_code == 0
    for file in ("shop.mlarch", "data/visits.csv", ".gitignore"):
        assert (tmp_path / "a" / "shop" / file).read_bytes() == (tmp_path / "b" / "shop" / file).read_bytes()


ROWS = 40
MIXED: dict[str, list[Any]] = {
    "customer_id": [f"c{n}" for n in range(ROWS)],
    "code": [f"{n % 7:03}" for n in range(ROWS)],
    "age": [None if n == 3 else 20 + n for n in range(ROWS)],
    "balance": [-5.5 + n / 3 for n in range(ROWS)],
    "tiny": [1e-7 * n for n in range(ROWS)],
    "plan": ["basic" if n % 3 else 'pro "plus"' for n in range(ROWS)],
    "note": [f"free text, number {n * n}" for n in range(ROWS)],
    "since": [datetime(2020, 1, 1 + n % 28, n % 24) for n in range(ROWS)],
    "born": [date(1980, 1 + n % 12, 1) for n in range(ROWS)],
    "active": [bool(n % 2) for n in range(ROWS)],
    "Größe": [150 + n for n in range(ROWS)],
    "Überfällig": [n % 5 for n in range(ROWS)],
    "and": [n % 4 for n in range(ROWS)],
    "nothing": [None] * ROWS,
    "churned": ["yes" if n % 4 == 0 else "no" for n in range(ROWS)],
}


def write(rows: dict[str, list[Any]], file: Path) -> Path:
    """Write a table in the format of the file's suffix."""
    frame = pl.DataFrame(rows, strict=False)
    match file.suffix:
        case ".parquet":
            frame.write_parquet(file)
        case ".jsonl":
            frame.write_ndjson(file)
        case ".tsv":
            frame.write_csv(file, separator="\t")
        case _:
            frame.write_csv(file)
    return file


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "jsonl"])
def test_every_format_gives_a_project_whose_data_pass_their_own_schema(tmp_path: Path, suffix: str) -> None:
    """Identifiers, codes with leading zeros, quotes, missing values, times, unicode and words of the language: what is inferred holds."""
    data = write(MIXED, tmp_path / f"customers.{suffix}")
    result = init(tmp_path / "new", "--data", data)
    assert result.exit_code == 0, result.output
    assert "`churned`" in result.output
    report = validated(tmp_path / "new")
    assert [rule.rule for rule in report.rules if not rule.passed] == []
    assert (tmp_path / "new" / "data" / f"customers.{suffix}").read_bytes() == data.read_bytes()


def test_types_nullability_ranges_and_categories_are_inferred(tmp_path: Path) -> None:
    """Each column gets the type that its values have, `?` where some are missing, and a range that is a little wider than the data."""
    found = infer(write(MIXED, tmp_path / "customers.csv"), "customers.csv")
    columns = {column.name: column for column in found.columns}
    assert {name: column.type.value for name, column in columns.items()} == {
        "customer_id": "id",
        "code": "category",
        "age": "int",
        "balance": "float",
        "tiny": "float",
        "plan": "category",
        "note": "string",
        "since": "timestamp",
        "born": "date",
        "active": "bool",
        "Größe": "int",
        "Überfällig": "int",
        "and": "int",
        "churned": "bool",
    }
    assert [name for name, column in columns.items() if column.nullable] == ["age"]
    assert (columns["age"].low, columns["age"].high) == (16, 63)
    assert columns["balance"].low is not None and -8 < columns["balance"].low < -5.5
    assert columns["plan"].categories == ("basic", 'pro "plus"')
    assert found.left_out == {"nothing": "every value is missing"}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2", " 3"], ColumnType.INT),
        (["007", "008", "009"], ColumnType.STRING),
        (["1", "2.5", "1e3"], ColumnType.FLOAT),
        (["1", "x", "2"], ColumnType.STRING),
        (["0", "1", "1"], ColumnType.INT),
        (["TRUE", "false", "yes"], ColumnType.BOOL),
        (["2024-02-30", "2024-01-01", "2024-01-02"], ColumnType.STRING),
        (["2024-02-28 10:00:00", "2024-01-01 00:00:00", "2024-01-02 23:59:59"], ColumnType.TIMESTAMP),
        (["99999999999999999999", "1", "2"], ColumnType.FLOAT),
        (["inf", "1", "2"], ColumnType.STRING),
        (["1e400", "1", "2"], ColumnType.STRING),
        (["a", "a", "b", "b"], ColumnType.CATEGORY),
    ],
)
def test_texts_are_read_by_what_all_of_them_are(tmp_path: Path, values: list[str], kind: ColumnType) -> None:
    """One value that does not fit makes the column a text: nothing is lost when it is ingested."""
    file = tmp_path / "t.csv"
    file.write_text("x,y\n" + "".join(f'"{value}",1\n' for value in values))
    assert infer(file, "t.csv").columns[0].type is kind


@pytest.mark.parametrize("values", [[4.7e-243, 0.0, 1e-250], [1e300, 5.0, -1e300], [3e-10, 1e-10, 2e-10]])
def test_a_range_that_plain_digits_cannot_say_is_left_out(tmp_path: Path, values: list[float]) -> None:
    """Numbers that are all tiny, or huge, get no range rather than one that they break."""
    column = infer(write({"x": values, "y": [1, 2, 3]}, tmp_path / "t.parquet"), "t.parquet").columns[0]
    assert (column.type, column.low, column.high) == (ColumnType.FLOAT, None, None)


def test_infinite_numbers_are_missing_ones(tmp_path: Path) -> None:
    """A column with an infinity may be missing, since ingestion takes infinities for missing values; its range is of the finite ones."""
    column = infer(write({"x": [1.5, float("inf"), 2.5], "y": [1, 2, 3]}, tmp_path / "t.parquet"), "t.parquet").columns[0]
    assert column.nullable and column.high is not None and column.high < 3


@pytest.mark.parametrize(
    ("label", "values", "problem", "target"),
    [
        ("bought", [True, False, False, False] * 5, "classification", "table.bought\n"),
        ("class", ["rare", "often", "often", "often"] * 5, "classification", 'table.class == "rare"'),
        ("flag", [0, 0, 0, 1] * 5, "classification", "table.flag == 1"),
        ("grade", [1, 2, 3, 4] * 5, "classification", "table.grade\n"),
        ("price", [1.5 * n for n in range(20)], "regression", "table.price\n"),
    ],
)
def test_label_and_problem_are_guessed(tmp_path: Path, label: str, values: list[Any], problem: str, target: str) -> None:
    """The label's values say whether it is a classification, and of two classes the rarer one is what is looked for."""
    data = write({"x": [n % 11 + n / 10 for n in range(20)], label: values}, tmp_path / "table.csv")
    result = init(tmp_path / "new", "--data", data, "--json")
    assert json.loads(result.stdout)["label"] == label and json.loads(result.stdout)["problem"] == problem
    assert f"label    = {target}" in (tmp_path / "new" / "new.mlarch").read_text()
    assert validated(tmp_path / "new").passed


def refusal(*arguments: object) -> ArchitectureError:
    """The message in which a command ends."""
    result = init(*arguments)
    assert isinstance(result.exception, ArchitectureError), (result.exception, result.output)
    return result.exception


def test_column_names_that_cannot_be_used_are_listed_with_better_ones(tmp_path: Path) -> None:
    """Spaces, dots, digits first and words of the language: the message says what to rename to what, and nothing is written."""
    data = tmp_path / "odd.csv"
    data.write_text("mean radius,2nd,größe in cm,true,ok\n1,2,3,4,5\n6,7,8,9,0\n")
    found = refusal(tmp_path / "new", "--data", data)
    assert found.code == "MLA508" and found.message.startswith("4 column names")
    for old, new in (("mean radius", "mean_radius"), ("2nd", "_2nd"), ("größe in cm", "größe_in_cm"), ("true", "true_")):
        assert f"`{old}` to `{new}`" in (found.help or "")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("name", "data", "code", "said"),
    [
        ("none.csv", None, "MLA501", "there is no data file none.csv"),
        ("empty.csv", b"", "MLA506", "empty.csv is empty"),
        ("header.csv", b"a,b\n", "MLA506", "has no rows"),
        ("twice.csv", b"a,b,a\n1,2,3\n", "MLA508", "two columns named `a`"),
        ("bytes.csv", b"a,b\n\xff\xfe,1\n\x00\x01,2\n", "MLA507", "cannot be read"),
        ("noise.parquet", b"not parquet at all", "MLA507", "cannot be read"),
        ("half.jsonl", b'{"a": 1}\n{"a": \n', "MLA507", "cannot be read"),
        ("book.xlsx", b"PK", "MLA507", "no connector reads"),
        ("one.csv", b"a\n1\n2\n", "MLA509", "no column beside `a`"),
        ("same.csv", b"a,b\n1,1\n1,1\n", "MLA509", "no column can be the label"),
    ],
)
def test_data_that_cannot_be_used_end_in_one_message(tmp_path: Path, name: str, data: bytes | None, code: str, said: str) -> None:
    """Missing, empty, malformed, or with nothing to learn: the message names the file and the next step, and nothing is written."""
    if data is not None:
        (tmp_path / name).write_bytes(data)
    found = refusal(tmp_path / "new", "--data", tmp_path / name)
    assert (found.code, found.help is not None) == (code, True)
    assert said in found.message
    assert not (tmp_path / "new").exists()


def test_a_label_that_does_not_exist_or_fit_is_said(tmp_path: Path) -> None:
    """A misspelt label is guessed at; one that the problem cannot predict is refused with what it is."""
    data = write({"x": [n + 0.5 for n in range(30)], "price": [n * 1.1 for n in range(30)], "kind": ["a", "b"] * 15}, tmp_path / "t.csv")
    assert "did you mean `price`?" in refusal(tmp_path / "new", "--data", data, "--label", "prize").message
    assert "`price` is a float" in refusal(tmp_path / "new", "--data", data, "--label", "price", "--problem", "classification").message
    assert "predicts a number" in refusal(tmp_path / "new", "--data", data, "--label", "kind", "--problem", "regression").message
    assert init(tmp_path / "new", "--label", "x").exit_code == 2


def test_nothing_that_exists_is_overwritten(tmp_path: Path) -> None:
    """A folder with an architecture, a file in the way, and data of the same name each stop the command before it writes."""
    taken = tmp_path / "taken"
    assert init(taken).exit_code == 0
    before = {path: path.read_bytes() for path in taken.rglob("*") if path.is_file()}
    assert refusal(taken).code == "MLA011"
    assert {path: path.read_bytes() for path in taken.rglob("*") if path.is_file()} == before
    (tmp_path / "file").write_text("mine")
    assert refusal(tmp_path / "file").code == "MLA011"
    mine = tmp_path / "other" / "data" / "visits.csv"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    assert refusal(tmp_path / "other").code == "MLA011"
    assert mine.read_text() == "mine" and list((tmp_path / "other").iterdir()) == [mine.parent]


def test_data_inside_the_folder_are_named_where_they_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`mlarch init --data table.csv` in the data's own folder makes no copy, and leaves a .gitignore as it is."""
    write({"x": [1.5, 2.5, 3.5, 4.5] * 5, "bought": [True, False] * 10}, tmp_path / "table.csv")
    (tmp_path / ".gitignore").write_text("mine\n")
    monkeypatch.chdir(tmp_path)
    assert init("--data", "table.csv").exit_code == 0
    assert 'csv("table.csv")' in next(tmp_path.glob("*.mlarch")).read_text()
    assert not (tmp_path / "data").exists() and (tmp_path / ".gitignore").read_text() == "mine\n"
    assert validated(tmp_path).passed


def test_names_are_made_fit_for_every_engine(tmp_path: Path) -> None:
    """Folders and files with spaces, accents, digits or Python's words first give names that check takes."""
    for number, name in enumerate(("Überfällige Kunden", "2024 churn", "class", "…")):
        data = write({"x": [1.5, 2.5, 3.5, 4.5] * 5, "bought": [True, False] * 10}, tmp_path / f"{name}.csv")
        folder = tmp_path / str(number) / name
        assert init(folder, "--data", data).exit_code == 0
        assert validated(folder).passed


def test_a_project_that_has_run_is_still_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state folder `.mlarch` is no architecture file: a command without FILE still means the only one there is."""
    assert init(tmp_path / "shop").exit_code == 0
    (tmp_path / "shop" / ".mlarch").mkdir()
    monkeypatch.chdir(tmp_path / "shop")
    assert CliRunner().invoke(group, ["check"], standalone_mode=False).exit_code == 0


def test_a_refusal_is_one_message_and_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On the command line a refusal shows its code, what is wrong and the next step, and no traceback."""
    assert guarded(group, ["init", str(tmp_path / "new"), "--data", str(tmp_path / "none.csv")]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error[MLA501]: there is no data file none.csv") and "help:" in said and "Traceback" not in said


TEXTS = st.sampled_from(
    [
        "",
        " ",
        "a",
        "b b",
        "ü",
        "7",
        "007",
        "-0",
        "1.5",
        "1e400",
        "inf",
        "NaN",
        "true",
        "No",
        "2024-01-31",
        '"',
        "\\",
        "${x}",
        "a,b",
        "x\ty",
        "null",
    ]
)
VALUES = st.one_of(
    st.lists(st.none() | TEXTS, min_size=12, max_size=12),
    st.lists(st.none() | st.integers(-(2**40), 2**40), min_size=12, max_size=12),
    st.lists(st.none() | st.floats(), min_size=12, max_size=12),
    st.lists(st.none() | st.booleans(), min_size=12, max_size=12),
    st.lists(st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), min_size=12, max_size=12),
    st.lists(st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)), min_size=12, max_size=12),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(columns=st.lists(VALUES, min_size=1, max_size=4), suffix=st.sampled_from(["csv", "parquet", "jsonl"]))
def test_whatever_the_data_hold_they_pass_the_schema_inferred_from_them(tmp_path: Path, columns: list[list[Any]], suffix: str) -> None:
    """Any table either ends in a message or gives a project without findings whose data are ingested and break no rule."""
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    rows = {f"c{number}": values for number, values in enumerate(columns)} | {"bought": [True, False, False] * 4}
    data = write(rows, folder / f"table.{suffix}")
    result = init(folder / "new", "--data", data, "--label", "bought")
    if isinstance(result.exception, ArchitectureError):
        assert result.exception.code == "MLA509"
        return
    assert result.exit_code == 0, result.exception
    report = validated(folder / "new")
    assert [rule.rule for rule in report.rules if not rule.passed] == []
