"""What must hold of any text in either form: a check ends with findings in every format, and what is right goes through every command."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

from click.testing import CliRunner

from mlarch import __version__
from mlarch.api import Project, load
from mlarch.architecture.errors import ArchitectureError
from mlarch.cli import group
from mlarch.cli.failures import Ended
from mlarch.language.diagnostics import Diagnostic, Findings
from mlarch.language.formatting import format_source
from mlarch.language.render import render_text, to_json
from mlarch.language.render.github import to_github
from mlarch.language.render.sarif import to_sarif
from mlarch.language.source import Source

from .fuzzing import Case

#: What one text may take in seconds of this process, so that a busy machine does not count.
SLOWEST = 1.0
#: A module that leaves a file behind when it is imported: no command that only reads may do that.
CANARY = "import pathlib\npathlib.Path(__file__).with_name('imported').touch()\ndef rows(): return []\n"


class Bench:
    """A folder in which texts are tried one after another, and what came of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runner = CliRunner()
        self.came: Counter[str] = Counter()
        self.slowest = (0.0, "")
        (folder / "canary.py").write_text(CANARY, encoding="utf-8")
        sys.path.insert(0, str(folder))

    def tally(self) -> str:
        """Say how many texts came how far, and what the slowest took."""
        return ", ".join(f"{name} {count:,}" for name, count in sorted(self.came.items())) + f", slowest {self.slowest[0]:.2f} s"

    def hold(self, case: Case) -> None:
        """Check a case; format what can be parsed, and convert and plan what is right. Raises on anything that must not be."""
        file = self.folder / f"any{case.base.suffix}"
        file.write_bytes(case.text.encode("utf-8", "surrogatepass"))
        took = self._tried(case, file)
        if took >= SLOWEST:  # of everything that the process holds, the collector may have looked through it just now
            took = self._tried(case, file)
        self.slowest = max(self.slowest, (took, case.text))
        assert took < SLOWEST, f"{took:.2f} s for:\n{case.text}"

    def _tried(self, case: Case, file: Path) -> float:
        """Do everything with a case; return the seconds that it took."""
        started = time.process_time()
        project = load(file)
        sound(project)
        self.came["checked"] += 1
        if case.base.suffix == ".mlarch":
            self.came["formatted"] += formats(case.text)
        if project.ok:
            self._through(file, case.base.path)
        return time.process_time() - started

    def _through(self, file: Path, right: Path) -> None:
        """Convert a right file, and plan it against the one that it comes from."""
        self.came["right"] += 1
        self.came["converted"] += self._run("convert", str(file))[0] == 0
        code, said = self._run("plan", str(file), "--against", str(right), "--json")
        assert code == 0 and isinstance(json.loads(said), dict), said
        self.came["planned"] += 1

    def _run(self, *arguments: str) -> tuple[int, str]:
        """Run a command; return its exit code and what it wrote to standard output."""
        done = self.runner.invoke(group, arguments)
        if isinstance(done.exception, Ended):
            return done.exception.code, done.stdout
        if isinstance(done.exception, ArchitectureError):
            return 1, done.stdout
        if done.exception is not None:
            raise done.exception
        return 0, done.stdout

    def untouched(self) -> None:
        """Hold that nothing has run the canary, and take it from the path."""
        sys.path.remove(str(self.folder))
        assert not (self.folder / "imported").exists() and "canary" not in sys.modules


def sound(project: Project) -> None:
    """Hold the findings to their form and render them in every format."""
    found = project.diagnostics
    for item in found:
        assert item.message and item.code.startswith("MLA") and item.code != "MLA999"
        _placed(item)
    assert bool(render_text(found)) == bool(found) == bool(to_github(found))
    for rendered in (to_json(found), to_sarif(found, project.path, __version__)):
        assert json.loads(json.dumps(rendered, allow_nan=False)) == rendered


def _placed(item: Diagnostic) -> None:
    """Hold that what is underlined are characters of the file, and that a fix replaces some or inserts between two."""
    for span in [item.span, *(label.span for label in item.labels)]:
        if span is not None:
            size = len(span.source.text)
            assert 0 <= span.start <= span.end <= size and (span.start < span.end or span.end == size), item
    assert all(0 <= fix.span.start <= fix.span.end <= len(fix.span.source.text) for fix in item.fixes), item


def formats(text: str) -> bool:
    """Format a text twice, if it can be parsed; the formatter itself proves that no word and no comment is lost."""
    once = format_source(Source("any.mlarch", text), Findings())
    assert once is None or format_source(Source("again.mlarch", once), Findings()) == once, text
    return once is not None
