"""From a file and what the command line adds to one document: imports followed, parameters put in place, overlays merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import tree
from .diagnostics import Findings
from .files import read_source
from .overlays import merge_overlays
from .parameters import place_parameters
from .parser import parse
from .shapes import Shapes
from .source import Source, Span

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
    if path.suffix in YAML_SUFFIXES:
        from .yaml import read_yaml

        return read_yaml(path, overrides, overlays, shapes, findings)
    source = read_source(path, findings)
    if source is None:
        return Loaded(None, Source(path.as_posix(), "", path), findings)
    reader = _Reader(findings)
    body = reader.file(source, ())
    return finish(tree.Document(tuple(body), Span(source, 0, len(source.text))), source, overrides, overlays, shapes, findings)


def finish(
    document: tree.Document, main: Source, overrides: Sequence[str], overlays: Sequence[str], shapes: Shapes, findings: Findings
) -> Loaded:
    """Do what both front ends have in common once the statements are read."""
    body, known = merge_overlays(document.body, overlays, findings)
    parameters: dict[str, tree.Expression] = {}
    if overrides:
        from .overrides import apply_overrides

        body, parameters = apply_overrides(body, overrides, shapes, findings)
    body = place_parameters(body, parameters, findings)
    return Loaded(tree.Document(tuple(body), document.span), main, findings, known)


class _Reader:
    """Reads a file and the files that it imports, each once."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.done: set[Path] = set()

    def file(self, source: Source, path: tuple[Path, ...]) -> list[tree.Statement]:
        """Return the statements of a source with its imports in their place."""
        assert source.path is not None
        here = source.path.resolve()
        self.done.add(here)
        body: list[tree.Statement] = []
        for statement in parse(source, self.findings).body:
            if isinstance(statement, tree.LabelledString) and statement.label.text == "import":
                body += self._import(statement, here.parent, (*path, here))
            elif path and isinstance(statement, tree.Attribute) and statement.name.text == "language" and statement.label is None:
                continue  # the importing file's own line decides; the version of each was written for people
            else:
                body.append(statement)
        return body

    def _import(self, node: tree.LabelledString, folder: Path, path: tuple[Path, ...]) -> list[tree.Statement]:
        target = (folder / node.value.value).resolve()
        if target in path:
            circle = " → ".join(each.name for each in (*path[path.index(target) :], target))
            self.findings.error("MLA005", f"the imports go round in a circle: {circle}", node.value.span, "closes the circle")
            return []
        if target in self.done:
            return []
        source = read_source(folder / node.value.value, self.findings, node.value.span)
        return [] if source is None else self.file(source, path)
