"""`mlarch fmt` rewrites files in place, whole or not at all, and says what it did."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mlarch.cli import fmt, group
from mlarch.cli.failures import guarded
from mlarch.language.formatting import Changed
from mlarch.language.formatting.differences import painted, unified

UGLY = '# note\nlanguage="1.0"\nsystem s{title="x"   # é\n}\n'
TIDY = '# note\nlanguage = "1.0"\n\nsystem s {\n  title = "x"' + " " * 45 + "# é\n}\n"
WRONG = "a = 1\nb =\n"


def run(*arguments: object, input: bytes | None = None) -> Result:
    return CliRunner().invoke(group, ["fmt", *map(str, arguments)], input=input)


@pytest.fixture
def ugly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is not in the canonical style, in the working folder."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "ugly.mlarch"
    file.write_text(UGLY, encoding="utf-8")
    return file


def test_a_file_is_rewritten_once(ugly: Path) -> None:
    """The file gets the canonical style and is named; the second time there is nothing to do, and it is not written."""
    first = run("ugly.mlarch")
    assert (first.exit_code, first.stdout, ugly.read_text(encoding="utf-8")) == (0, "ugly.mlarch\n", TIDY)
    before = ugly.stat()
    second = run("ugly.mlarch")
    assert (second.exit_code, second.stdout, second.stderr) == (0, "", "0 rewritten, 1 unchanged\n")
    assert (ugly.stat().st_ino, ugly.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_check_writes_nothing_and_ends_with_one(ugly: Path) -> None:
    """`--check` lists what would change and says so by its exit code; on a tidy file it is silent and content."""
    found = run("--check", ugly)
    assert (found.exit_code, found.stdout, found.stderr) == (1, "ugly.mlarch\n", "1 would change, 0 unchanged\n")
    assert ugly.read_text(encoding="utf-8") == UGLY
    run(ugly)
    assert (run("--check", ugly).exit_code, run("--check", ugly).stdout) == (0, "")


def test_diff_shows_what_patch_would_apply(ugly: Path) -> None:
    """`--diff` writes nothing, ends with 0, or with 1 beside `--check`; `patch` makes of it what `fmt` would have."""
    found = run("--diff", ugly)
    assert found.exit_code == 0 and run("--diff", "--check", ugly).exit_code == 1
    assert ugly.read_text(encoding="utf-8") == UGLY and "\x1b" not in found.stdout
    subprocess.run(["git", "apply", "-p1"], input=found.stdout.encode(), cwd=ugly.parent, check=True, env={**os.environ, "GIT_DIR": "none"})
    assert ugly.read_text(encoding="utf-8") == TIDY


def test_a_diff_is_painted_line_by_line() -> None:
    """Colours begin and end on each line; a text without a line break at its end is told as diff tells it."""
    plain = unified("a\nb", "a\nc\n", "x")
    assert plain.splitlines() == ["--- a/x", "+++ b/x", "@@ -1,2 +1,2 @@", " a", "-b", "\\ No newline at end of file", "+c"]
    assert painted(plain).splitlines()[3:] == [" a", "\x1b[31m-b\x1b[0m", "\\ No newline at end of file", "\x1b[32m+c\x1b[0m"]
    assert unified("a\n", "a\n", "x") == ""


def test_standard_input_goes_to_standard_output(ugly: Path) -> None:
    """`-` reads and writes streams as UTF-8 bytes; with `--check` only the exit code tells, with `--diff` the difference is shown."""
    found = run("-", input=UGLY.encode())
    assert (found.exit_code, found.stdout_bytes, found.stderr) == (0, TIDY.encode(), "")
    assert (run("-", "--check", input=UGLY.encode()).exit_code, run("-", "--check", input=UGLY.encode()).stdout) == (1, "")
    assert run("-", "--check", input=TIDY.encode()).exit_code == 0
    assert "--- a/<stdin>" in run("-", "--diff", input=UGLY.encode()).stdout
    assert ugly.read_text(encoding="utf-8") == UGLY


@pytest.mark.parametrize(("data", "code"), [(b"", "MLA002"), (b"\xff", "MLA003"), (b"a = 1\0", "MLA003"), (WRONG.encode(), "MLA101")])
def test_a_stream_that_is_no_architecture_gives_nothing(data: bytes, code: str) -> None:
    """What cannot be formatted is said on standard error; standard output stays empty, so that an editor keeps its text."""
    found = run("-", input=data)
    assert (found.exit_code, found.stdout) == (1, "") and code in found.stderr


def test_a_file_with_errors_is_refused_and_the_others_are_not(ugly: Path) -> None:
    """A syntax error is shown with its place, the file stays as it is, and the rest is formatted; the end is 1."""
    wrong = ugly.with_name("wrong.mlarch")
    wrong.write_text(WRONG)
    found = run()
    assert found.exit_code == 1 and found.stdout == "ugly.mlarch\n"
    assert "MLA101" in found.stderr and "wrong.mlarch:2:4" in found.stderr and "1 rewritten, 0 unchanged, 1 refused" in found.stderr
    assert wrong.read_text() == WRONG and ugly.read_text(encoding="utf-8") == TIDY


def test_folders_are_searched(ugly: Path) -> None:
    """All files in a folder and below are meant, in a fixed order, each once; hidden folders, such as the state's, are not entered."""
    for name in ("b/two.mlarch", "a/one.mlarch", ".mlarch/three.mlarch", "b/.hidden.mlarch", "b/other.txt"):
        path = ugly.parent / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(UGLY, encoding="utf-8")
    assert run("--check").stdout.splitlines() == ["ugly.mlarch", "a/one.mlarch", "b/two.mlarch"]
    assert run("--check", "b", "b/two.mlarch", "a").stdout.splitlines() == ["b/two.mlarch", "a/one.mlarch"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["-", "ugly.mlarch"], "stands alone"), (["conf.yaml"], "is YAML"), (["empty"], "no `.mlarch` file"), (["--what"], "No such option")],
)
def test_wrong_usage_ends_with_two(ugly: Path, arguments: list[str], said: str) -> None:
    """What the command cannot mean is said before anything is written."""
    (ugly.parent / "empty").mkdir()
    found = run("ugly.mlarch", *arguments)
    assert found.exit_code == 2 and said in found.stderr
    assert ugly.read_text(encoding="utf-8") == UGLY


def test_a_file_that_is_not_there_is_said(ugly: Path) -> None:
    """A misspelt name ends with 1, a code, and what may have been meant."""
    found = run("ugli.mlarch")
    assert found.exit_code == 1 and "MLA001" in found.stderr and "did you mean `ugly.mlarch`?" in found.stderr


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_permissions_are_kept(ugly: Path, mode: int) -> None:
    """A rewritten file may be read, written and run by the same people as before."""
    ugly.chmod(mode)
    run(ugly)
    assert ugly.read_text(encoding="utf-8") == TIDY and stat.S_IMODE(ugly.stat().st_mode) == mode


def test_a_link_stays_a_link(ugly: Path) -> None:
    """What a link names is rewritten where it lies; the link still names it."""
    link = ugly.parent / "folder" / "link.mlarch"
    link.parent.mkdir()
    link.symlink_to("../ugly.mlarch")
    assert run(link).exit_code == 0
    assert link.is_symlink() and ugly.read_text(encoding="utf-8") == TIDY
    assert [path.name for path in link.parent.iterdir()] == ["link.mlarch"]


def test_a_read_only_file_is_left_alone(ugly: Path) -> None:
    """A file that may not be written is named with a code, and stays, although its folder would allow to replace it."""
    ugly.chmod(0o444)
    found = run(ugly)
    assert found.exit_code == 1 and "MLA907" in found.stderr and "read-only" in found.stderr
    assert ugly.read_text(encoding="utf-8") == UGLY
    assert run("--check", ugly).exit_code == 1 and run("--diff", ugly).exit_code == 0


def test_a_write_that_fails_leaves_the_file_whole(ugly: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last step of a write fails, the old text is still there and nothing half-written lies beside it."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    found = run(ugly)
    assert found.exit_code == 1 and "MLA907" in found.stderr and "No space left" in found.stderr
    assert ugly.read_text(encoding="utf-8") == UGLY and [path.name for path in ugly.parent.iterdir()] == ["ugly.mlarch"]


def test_line_ends_and_marks_of_windows_go(ugly: Path) -> None:
    """A byte order mark and carriage returns are no part of the canonical style, and are a reason to rewrite."""
    ugly.write_bytes(b"\xef\xbb\xbf" + TIDY.replace("\n", "\r\n").encode())
    assert run("--check", ugly).exit_code == 1
    run(ugly)
    assert ugly.read_bytes() == TIDY.encode()


def test_a_mistake_of_the_formatter_leaves_the_file(
    ugly: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """When the proof fails, that is an internal error with its details in a file, and the architecture file is as it was."""

    def lose(*_: object) -> str:
        raise Changed("formatting would lose, add or move a comment")

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(fmt, "format_source", lose)
    assert guarded(group, ["fmt", str(ugly)]) == 2
    assert "MLA999" in capsys.readouterr().err
    assert ugly.read_text(encoding="utf-8") == UGLY


def test_formatting_loads_only_the_language(ugly: Path) -> None:
    """A cold `mlarch fmt` loads neither the vocabulary nor YAML nor an engine."""
    code = (
        "import sys; from mlarch.cli import main\ntry: main()\nexcept SystemExit as ended: assert not ended.code\n"
        "print([name for name in ('mlarch.architecture.blocks', 'mlarch.api', 'msgspec', 'yaml', 'hydra', 'polars', 'rich', 'pygments')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, "fmt", str(ugly)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
