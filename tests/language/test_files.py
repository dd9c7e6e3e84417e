"""Files that are no architecture, or one of a kind that nobody expects: one finding says what is wrong, and nothing is slow."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlarch.api import Project, load

HEAD = 'language = "1.0"\n\nsystem s { problem = classification }\n'


def only(project: Project) -> tuple[str, str, tuple[str, ...]]:
    """Code, message and helps of the one finding that there is."""
    (finding,) = project.diagnostics
    assert not project.ok and project.architecture is None
    return finding.code, finding.message, finding.helps


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The name of a file in the working folder, where messages show names without folders."""
    monkeypatch.chdir(tmp_path)
    return Path("a.mlarch")


def test_a_missing_file_is_said_with_what_is_there(file: Path) -> None:
    """Nothing there: `mlarch init`; a near name: did you mean it; other files: their names."""
    assert only(load(file)) == ("MLA001", "there is no file a.mlarch", ("`mlarch init` starts a new one",))
    Path("other.mlarch").write_text(HEAD)
    assert only(load(file))[2] == ("there are `other.mlarch`",)
    Path("ab.mlarch").write_text(HEAD)
    assert only(load(file))[2] == ("did you mean `ab.mlarch`?",)


@pytest.mark.parametrize("data", [b"", b"\n \t\r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_said(file: Path, data: bytes) -> None:
    """A file without anything but blanks is empty, and the help says how one begins."""
    file.write_bytes(data)
    code, message, (help,) = only(load(file))
    assert (code, message) == ("MLA002", "a.mlarch is empty")
    assert 'language = "1.0"' in help


def test_a_binary_file_is_said(file: Path) -> None:
    """A null byte anywhere makes a file binary."""
    file.write_bytes(HEAD.encode() * 1000 + b"\x00")
    assert only(load(file))[:2] == ("MLA003", "a.mlarch is a binary file")


@pytest.mark.parametrize(("data", "byte"), [("sy\xe9".encode("latin-1"), "0xe9"), (b"\xff\xfe\xfd", "0xff"), ("é".encode()[:1], "0xc3")])
def test_another_encoding_is_said_with_its_place(file: Path, data: bytes, byte: str) -> None:
    """The message names the byte and its line."""
    file.write_bytes(HEAD.encode() + data)
    assert only(load(file))[:2] == ("MLA003", f"a.mlarch is not UTF-8: byte {byte} on line 4")


def test_a_hundred_megabytes_are_refused_unread(file: Path) -> None:
    """A data file named by mistake costs no time: no more of it is read than an architecture may have."""
    with file.open("wb") as handle:
        handle.truncate(100_000_000)
    started = time.process_time()
    code, message, (help,) = only(load(file))
    assert (code, message) == ("MLA004", "a.mlarch has more than the 17 MB of an architecture file")
    assert help == "is this a data file?"
    assert time.process_time() - started < 0.5


def test_a_folder_is_said_with_its_files(file: Path) -> None:
    """A folder is no file; the help names the architectures in it."""
    file.mkdir()
    assert only(load(file))[:2] == ("MLA001", "a.mlarch is a folder")
    (file / "inner.mlarch").write_text(HEAD)
    assert only(load(file))[2] == ("name a file in it: inner.mlarch",)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said(file: Path) -> None:
    """The operating system's own words are in the message."""
    file.write_text(HEAD)
    file.chmod(0)
    assert only(load(file))[:2] == ("MLA001", "cannot read a.mlarch: Permission denied")


def test_a_path_through_a_file_is_said(file: Path) -> None:
    """A path that leads through a file, or is too long for the system, is not readable."""
    file.write_text(HEAD)
    assert only(load(file / "b.mlarch"))[0] == "MLA001"
    assert only(load(Path("x" * 5000)))[0] == "MLA001"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
def test_a_device_without_an_end_is_refused() -> None:
    """Of what has no end, no more than the limit is read."""
    assert only(load(Path("/dev/zero")))[0] == "MLA004"


@pytest.mark.parametrize("change", [lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text], ids=["CRLF", "BOM"])
def test_line_ends_and_byte_order_marks_change_nothing(file: Path, change: object) -> None:
    """A file from Windows means the same, and its findings have the same lines and columns."""
    assert callable(change)
    text = HEAD + "\n## Two\n## lines.\nhardware h { cpu = two }\nhardware g { cpu = 2 }\n"
    found = []
    for written in (text, change(text)):
        file.write_bytes(written.encode())
        found.append([(item.code, item.span.place if item.span else "", item.message) for item in load(file).diagnostics])
    assert found[0] == found[1] and found[0][0][1] == "a.mlarch:7:20"


@pytest.mark.parametrize(
    "text",
    [
        *("(" * 10_000, "[" * 10_000, "x = [" * 10_000, "a {" * 10_000, "system s {" * 10_000 + "}" * 10_000),
        *(f"features f {{ feature a = {sign * 10_000}x }}" for sign in ("-", "not ", "x + ", "f(", "(", "1/")),
        "features f { feature a = " + "(" * 5_000 + "x" + ")" * 5_000 + " }",
        *("x" * 100_000, "1" * 100_000, '"' * 10_000, "#" * 100_000, "a : " * 10_000, "a " * 10_000, "= " * 10_000, "." * 10_000),
    ],
    ids=lambda text: text[:32],
)
def test_what_is_deep_or_long_is_found_wrong_in_time(file: Path, text: str) -> None:
    """Ten thousand brackets, signs or words end in few findings, without a recursion error and in less than a second or so."""
    file.write_text(f'language = "1.0"\n{text}\n')
    started = time.process_time()
    project = load(file)
    assert time.process_time() - started < 5
    assert not project.ok and len(project.diagnostics) < 10


def test_a_thousand_imports_are_followed(file: Path) -> None:
    """A file with a thousand imports, and a chain of a hundred, are read; each file once."""
    for number in range(1000):
        Path(f"h{number}.mlarch").write_text(f"hardware h{number} {{ cpu = 1 }}\n")
    imports = "".join(f'import "h{number}.mlarch"\n' for number in [*range(1000), *range(1000)])
    file.write_text(HEAD + imports)
    project = load(file)
    assert project.ok and project.architecture is not None and len(project.architecture.hardware) == 1000


def test_a_chain_of_a_thousand_imports_is_refused(file: Path) -> None:
    """A file that imports one that imports one, a thousand deep, gets one finding where it becomes too deep."""
    file.write_text(HEAD + 'import "c0.mlarch"\n')
    for number in range(1000):
        Path(f"c{number}.mlarch").write_text(f'import "c{number + 1}.mlarch"\n' if number < 999 else "hardware h { cpu = 1 }\n")
    (finding,) = load(file).diagnostics
    assert (finding.code, finding.message) == ("MLA107", "the imports go more than 50 files deep")


def test_an_import_that_no_system_can_open_is_said(file: Path) -> None:
    """A name that is too long, and links that lead in a circle, are findings at the import."""
    Path("one.mlarch").symlink_to("two.mlarch")
    Path("two.mlarch").symlink_to("one.mlarch")
    file.write_text(HEAD + f'import "{"x" * 5000}"\nimport "one.mlarch"\n')
    assert [(item.code, item.span.place if item.span else "") for item in load(file).diagnostics] == [
        ("MLA001", "a.mlarch:4:8"),
        ("MLA001", "a.mlarch:5:8"),
    ]


def test_a_file_that_imports_itself_is_said(file: Path) -> None:
    """The shortest circle has one file, whatever way its path is written."""
    file.write_text(HEAD + 'import "./a.mlarch"\n')
    (finding,) = load(file).diagnostics
    assert (finding.code, finding.message) == ("MLA005", "the imports go round in a circle: a.mlarch → a.mlarch")


def big(blocks: int) -> str:
    """An architecture with 15 lines for each block."""
    pair = """
source s{0} {{
  connector = csv("s{0}.csv")
  schema {{
    a : float in 0..1
    b : int
    c : category("x", "y")
  }}
}}

features f{0} {{
  from = source.s{0}
  feature one = log1p(a) + b * 2
  feature two = c == "x"
}}
"""
    return HEAD + "".join(pair.format(number) for number in range(blocks))


@pytest.fixture
def alone() -> Iterator[None]:
    """Leave what other tests hold in memory out of the collections of this one."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("alone")
def test_time_grows_with_the_length_of_a_file(file: Path) -> None:
    """A file of 20,000 lines takes about four times as long as one of 5,000: no step looks at everything for each line."""

    def seconds(text: str) -> float:
        file.write_text(text)
        started = time.process_time()
        load(file)
        return time.process_time() - started

    seconds(big(20))
    short, long = seconds(big(333)), seconds(big(1333))
    assert long < 8 * short + 1
    wrong, wronger = (seconds(big(blocks).replace("a : float", "a = : float")) for blocks in (333, 1333))
    assert wronger < 8 * wrong + 1
