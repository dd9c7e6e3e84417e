"""Going from a name to its declaration and to its uses, and renaming it everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lsprotocol import types as lsp

from ..architecture.blocks import KINDS
from ..architecture.expressions import word
from ..language import tree
from ..language.pieces import in_file
from ..language.source import Source, Span
from .checking import Checker, imported
from .index import Index, Use
from .places import location_of, offset_of, range_of
from .renaming import Renaming, added, in_yaml_text, is_known, moves, renaming_of, taken_back
from .texts import Texts
from .yaml_form import in_yaml


class Refused(Exception):
    """A name that cannot be given; the message says why."""


def use_at(index: Index, path: Path, offset: int) -> Use | None:
    """Return the name at an offset of a file."""
    return next((use for use in index.uses if _is_at(use.span, path, offset)), None)


def _is_at(span: Span, path: Path, offset: int) -> bool:
    start, end = in_file(span)
    return start <= offset <= end and _file(span) == path


class Navigation:
    """Answers where the name at a position of a file stands."""

    def __init__(self, checker: Checker, path: Path, position: lsp.Position) -> None:
        self.checker = checker
        self.texts: Texts = checker.texts
        self.path = path
        self.text = checker.texts.text(path) or ""
        self.offset = offset_of(self.text, position)
        self.index = checker.index(path)
        self.use = use_at(self.index, path, self.offset)

    def definition(self) -> lsp.Location | None:
        """Return where the name is declared; of an import, the file."""
        for node in self.checker.statements(self.path):
            if isinstance(node, tree.LabelledString) and node.label.text == "import" and _is_at(node.value.span, self.path, self.offset):
                target = imported(self.path, node)
                start = lsp.Position(0, 0)
                return lsp.Location(self.texts.uri_of(target), lsp.Range(start, start)) if target and target.is_file() else None
        found = self.index.declared.get(self.use.symbol) if self.use else None
        return self._location(found.name) if found else None

    def references(self, *, declarations: bool) -> list[lsp.Location]:
        """Return where the name is used."""
        uses = self.index.of(self.use.symbol) if self.use else []
        return [self._location(use.span) for use in uses if declarations or not use.declares]

    def renamed_range(self) -> lsp.Range | None:
        """Return the name that would change; None where nothing can be renamed."""
        return range_of(self.use.span) if self.use and self.use.symbol in self.index.declared else None

    def rename(self, new: str) -> dict[Path, list[tuple[Span, str]]]:
        """Return the changes of each file that give the name a new one. Raises Refused, with the reason."""
        if self.use is None or self.use.symbol not in self.index.declared:
            raise Refused("there is no name here that the files declare")
        name = new.strip().strip("`")
        _valid(self.use.symbol, name, self.index)
        changes: dict[Path, list[tuple[Span, str]]] = {}
        for use in self.index.of(self.use.symbol):
            in_text = use.span.text == use.symbol.partition(".")[2] and _in_string(use.span)
            changes.setdefault(_file(use.span), []).append((use.span, name if in_text else word(name)))
        renaming = renaming_of(self.use.symbol, name)
        if renaming is not None:
            self._write_down(renaming, changes)
        self._harmless(changes)
        return changes

    def _write_down(self, renaming: Renaming, changes: dict[Path, list[tuple[Span, str]]]) -> None:
        """Say that the block moved, where something goes by the old name; a renaming that is written down goes on to the new one."""
        declared = _file(self.index.declared[renaming.before].name)
        roots = self.texts.roots_of(declared)
        for path in dict.fromkeys(each for root in roots for each in self.texts.files_of(root)):
            for node, before, now in moves(self.checker.statements(path)):
                if now == renaming.before:
                    if before == renaming.after:
                        self._take_back(path, node, changes)
                    return
        body = self.checker.statements(declared)
        at_top = any(isinstance(node, tree.Block) and node is self.index.declared[renaming.before].node for node in body)
        if at_top and is_known(roots, declared, renaming):
            text = self.texts.text(declared) or ""
            if in_yaml(declared):
                self._say_in_yaml(
                    declared, [*((before, now) for _, before, now in moves(body)), (renaming.before, renaming.after)], changes
                )
                return
            at, new = added(text, body, renaming)
            changes.setdefault(declared, []).append((Span(Source(declared.name, text, declared), at, at), new))

    def _say_in_yaml(self, path: Path, said: list[tuple[str, str]], changes: dict[Path, list[tuple[Span, str]]]) -> None:
        """Write the renamings of a YAML file anew, as a list where there are several."""
        text = self.texts.text(path) or ""
        made = in_yaml_text(text, path, said)
        if made is not None:
            start, end, new = made
            kept = [(span, name) for span, name in changes.get(path, ()) if not start <= span.start < end]
            changes[path] = [*kept, (Span(Source(path.name, text, path), start, end), new)]

    def _take_back(self, path: Path, node: tree.Block, changes: dict[Path, list[tuple[Span, str]]]) -> None:
        """The block has its first name again: nothing has moved."""
        if in_yaml(path):
            others = [(before, now) for each, before, now in moves(self.checker.statements(path)) if each is not node]
            self._say_in_yaml(path, others, changes)
            return
        text = self.texts.text(path) or ""
        start, end = taken_back(text, node)
        kept = [(span, new) for span, new in changes.get(path, ()) if not start <= in_file(span)[0] < end]
        changes[path] = [*kept, (Span(Source(path.name, text, path), start, end), "")]

    def _harmless(self, changes: Mapping[Path, list[tuple[Span, str]]]) -> None:
        """A new name may mean something already: what was right must stay right."""
        texts = {path: _changed(self.texts.text(path) or "", edits) for path, edits in changes.items()}
        for root in self.texts.roots_of(self.path):
            after = self.checker.check(root, texts)
            before = self.checker.check(root)  # last, so that what is kept of the file is of its text as it stands
            known = {(item.code, item.message) for items in before.findings.values() for item in items}
            worse = [item for items in after.findings.values() for item in items if (item.code, item.message) not in known]
            if after.failed and not before.failed and worse:
                raise Refused(f"with this name, {worse[0].message}")

    def _location(self, span: Span) -> lsp.Location:
        return location_of(span, self.texts.uri_of(_file(span)))


def _file(span: Span) -> Path:
    assert span.source.path is not None
    return span.source.path  # the index is made of resolved paths


def _in_string(span: Span) -> bool:
    line = span.source.text.rfind("{", 0, span.start)
    return line > 0 and span.source.text[line - 1] == "$" and "\n" not in span.source.text[line : span.start]


def _changed(text: str, edits: list[tuple[Span, str]]) -> str:
    for (start, end), new in sorted(((in_file(span), new) for span, new in edits), reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _valid(symbol: str, name: str, index: Index) -> None:
    """Refuse what is no name, and a name that is taken."""
    if not name or not set(name).isdisjoint("`\"'\\$.\n\r\t"):
        raise Refused(f"`{name}` is no name: letters, digits and `_`, or what has no quotes and no dots")
    if symbol.startswith("param.") and not (name.isidentifier() and name.isascii()):
        raise Refused(f"`{name}` is no name of a parameter: letters, digits and `_`")
    before, _, _ = symbol.rpartition(".")
    taken = f"{before}.{name}"
    if taken != symbol and taken in index.declared:
        raise Refused(f"`{taken}` exists already")
    kind = symbol.partition(".")[0]
    other = {"source": "features", "features": "source"}.get(kind)
    if symbol.count(".") == 1 and other is not None and f"{other}.{name}" in index.declared and kind in KINDS:
        raise Refused(f"`{other}.{name}` exists already, and `{name}.…` in an expression could mean either")
