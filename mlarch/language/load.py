"""From a file and what the command line adds to one document: imports followed, parameters put in place, overlays merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from . import tree
from .diagnostics import Findings
from .files import read_source
from .first import is_language, language_comes_first
from .forms import in_another_form
from .overlays import merge_overlays
from .parameters import place_parameters
from .pieces import statements
from .repeats import tell_repeated
from .shapes import Shapes
from .source import Source, Span
from .unused import tell_unused

if TYPE_CHECKING:
    from .overrides.text import Override

#: A file that imports one that imports one, and so on, so many times.
DEEPEST_IMPORT = 50
YAML_SUFFIXES = (".yaml", ".yml")


@dataclass
class Loaded:
    """One document of blocks, the file that the user named first, and what was found on the way.

    `document` is None when nothing could be read.
    """

    document: tree.Document | None
    main: Source
    findings: Findings
    overlays: tuple[str, ...] = ()
    sources: list[Source] = field(default_factory=list)


def load(path: Path, overrides: Sequence[str], overlays: Sequence[str], shapes: Shapes) -> Loaded:
    """Read an architecture from `.mlarch` text or YAML. Nothing in it is run; errors go to the findings."""
    findings = Findings()
    source = read_source(path, findings)
    if source is None:
        return Loaded(None, Source(path.as_posix(), "", path), findings)
    given = _parse_overrides(overrides, findings)
    body = _Reader(shapes, findings).main(source, given)
    if body is None:
        return Loaded(None, source, findings)
    merged, known = merge_overlays(body, overlays, findings)
    parameters: dict[str, tree.Scalar] = {}
    if given:
        from .overrides.applying import apply_overrides

        merged, parameters = apply_overrides(merged, given, shapes, findings)
    placed = place_parameters(merged, parameters, shapes, findings)
    if not findings.failed:  # what an error has taken away may have named it
        tell_unused(body, findings)
        tell_repeated(body, findings)
    return Loaded(tree.Document(placed, Span(source, 0, len(source.text))), source, findings, known)


def _parse_overrides(texts: Sequence[str], findings: Findings) -> list[Override]:
    """Read the overrides; without any, Hydra is not even imported."""
    if not texts:
        return []
    from .overrides.text import parse_overrides

    return parse_overrides(texts, findings)


class _Reader:
    """Reads a file of either front end and the files that it imports, each once."""

    def __init__(self, shapes: Shapes, findings: Findings) -> None:
        self.shapes = shapes
        self.findings = findings
        self.done: set[Path] = set()

    def main(self, source: Source, given: list[Override]) -> list[tree.Statement] | None:
        """Return the statements of the file that the user named, and take from `given` what chooses its config groups.

        None when the file is not readable as what its suffix says.
        """
        return self._file(source, (), given)

    def _file(self, source: Source, path: tuple[Path, ...], given: list[Override]) -> list[tree.Statement] | None:
        assert source.path is not None
        here = source.path.resolve()
        self.done.add(here)
        statements = self._statements(source, given)
        if statements is None:
            return None
        body: list[tree.Statement] = []
        for statement in statements:
            if isinstance(statement, tree.LabelledString) and statement.label.text == "import":
                written = statement.value.span.source.path or here  # a config group may lie elsewhere than the file that takes it
                body += self._import(statement, written.parent, (*path, here))
            elif path and is_language(statement):
                continue  # the importing file's own line decides; the version of each was written for people
            else:
                body.append(statement)
        return body

    def _statements(self, source: Source, given: list[Override]) -> Sequence[tree.Statement] | None:
        assert source.path is not None
        is_yaml = source.path.suffix in YAML_SUFFIXES
        if in_another_form(source, is_yaml, self.findings):
            return None
        if not is_yaml:
            found = Findings()
            body = statements(source, found)
            if not found.failed:  # a line that could not be read may have been the one
                language_comes_first(source, body, found)
            self.findings.items += found.items
            return body
        from .yaml.reading import read_statements

        return read_statements(source, given, self.shapes, self.findings)

    def _import(self, node: tree.LabelledString, folder: Path, path: tuple[Path, ...]) -> list[tree.Statement]:
        try:
            name = node.value.value.replace(tree.DOLLAR, "$")
            target = (folder / name).resolve()
        except (OSError, RuntimeError) as problem:  # too long for the system, or links in a circle
            self.findings.error("MLA001", f"cannot read the import: {problem}", node.value.span, "named here")
            return []
        if len(path) >= DEEPEST_IMPORT:
            self.findings.error("MLA107", f"the imports go more than {DEEPEST_IMPORT} files deep", node.value.span, "too deep")
            return []
        if target in path:
            circle = " → ".join(each.name for each in (*path[path.index(target) :], target))
            self.findings.error("MLA005", f"the imports go round in a circle: {circle}", node.value.span, "closes the circle")
            return []
        if target in self.done:
            return []
        source = read_source(folder / name, self.findings, node.value.span)
        return [] if source is None else self._file(source, path, []) or []
