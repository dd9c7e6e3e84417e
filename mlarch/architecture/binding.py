"""Binding: the generic tree becomes the typed architecture, by what the vocabulary says of each block."""

from __future__ import annotations

import re
from typing import Any

from ..language import tree
from ..language.diagnostics import Findings, Label
from ..language.reuse import told_once
from ..language.source import Span, SpanIndex
from ..language.suggest import correction, names, nearest
from .architecture import Architecture
from .block_binding import BlockBinder, is_yaml
from .blocks import KINDS, NAMELESS
from .blocks.moved import Moved
from .consequences import drop_what_follows
from .positions import Positions
from .statements import elsewhere, report_top
from .values import MISSING
from .vocabulary import About, Block

LANGUAGE = "1.0"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def bind(document: tree.Document, findings: Findings) -> tuple[Architecture | None, Positions]:
    """Build the architecture that a document says; None when something essential is missing or wrong."""
    made = _Binder(findings).document(document)
    drop_what_follows(findings)
    return made


class _Binder(BlockBinder):
    """Reads a whole file: its language, and its top-level blocks."""

    def __init__(self, findings: Findings) -> None:
        # What a syntax error has taken away is not said to be missing as well.
        super().__init__(findings, SpanIndex(item.span for item in findings if item.span is not None and item.code.startswith("MLA1")))
        self.moved: list[Moved] = []

    def document(self, document: tree.Document) -> tuple[Architecture | None, Positions]:
        blocks: dict[str, dict[str, Block]] = {kind: {} for kind in KINDS}
        language: str | None = None
        meant = False
        for statement in document.body:
            if isinstance(statement, tree.Block):
                self._top(statement, blocks)
            elif isinstance(statement, tree.Attribute) and statement.label is None and statement.name.text == "language":
                language = self._language(statement) or language
            elif not self.holes:  # a brace too many brings the lines of a block here
                meant = report_top(statement, LANGUAGE, self.findings) or meant
        if language is None:
            begins = document.span.text.lstrip("\ufeff \t\r\n").startswith("language")
            if "language" not in self.positions.paths and not meant and not (self.holes and begins):
                self.findings.error(
                    "MLA214",
                    "the file does not say its language",
                    _start(document.span),
                    "here",
                    help=f'begin with `language{":" if is_yaml(document.span) else " ="} "{LANGUAGE}"`',
                )
            if "language" in self.positions.paths:
                return None, self.positions  # another version, or none that can be read
        systems = blocks.pop("system")
        if not systems:
            if not self.findings.failed:
                self.findings.error(
                    "MLA213",
                    "the file declares no `system`",
                    _start(document.span),
                    "here",
                    help="`system <name> { problem = classification }`",
                )
            return None, self.positions
        system, moved = next(iter(systems.values())), tuple(self.moved)
        return Architecture(language=LANGUAGE, system=system, moved=moved, **blocks), self.positions  # type: ignore[arg-type]

    def _language(self, node: tree.Attribute) -> str | None:
        if "language" in self.positions.paths:
            self._twice("`language`", node.span, self.positions.paths["language"])
            return None
        text = self.reader.read(str, About("The language's version."), node.value)
        self.positions.paths["language"] = node.span
        if text is MISSING or text == LANGUAGE:
            return None if text is MISSING else LANGUAGE
        self.findings.error("MLA214", f"this mlarch reads language {LANGUAGE}, not {text}", node.value.span, "unknown version")
        return None

    def _top(self, node: tree.Block, blocks: dict[str, dict[str, Block]]) -> None:
        kind = node.kind.text
        cls = KINDS.get(kind)
        if kind in NAMELESS:
            self._moved(node)
            return
        if cls is None:
            guess = nearest(kind, [*KINDS, *NAMELESS])
            self.findings.error(
                "MLA201",
                f"there is no block kind `{kind}`",
                node.kind.span,
                f"did you mean `{guess}`?" if guess else "unknown kind",
                help=elsewhere(kind) or f"the kinds are {names(KINDS, 20)}",
                fixes=correction(kind, [*KINDS, *NAMELESS], node.kind.span),
            )
            if guess in KINDS and node.name is not None:
                self._as_meant(guess, node, blocks)
            return
        if node.name is None:
            self.findings.error("MLA202", f"a `{kind}` block has a name", node.head, f"write `{kind} <name> {{ … }}`")
            return
        self._plainly_named(node.name)
        if kind == "system" and blocks["system"]:
            first = self.positions.paths[f"system.{next(iter(blocks['system']))}"]
            self.findings.error(
                "MLA213", "a file declares one `system`", node.head, "a second one", labels=(Label(first, "the first one"),)
            )
            return
        at = f"{kind}.{node.name.text}"
        if at in self.positions.paths:
            self._twice(f"`{at}`", node.head, self.positions.paths[at])
            return
        self.positions.blocks[at] = node.span
        made = self._by_itself(cls, node, at)
        if made is not MISSING:
            blocks[kind][node.name.text] = made

    def _plainly_named(self, name: tree.Word) -> None:
        """Names of blocks become names of assets, views, folders and files in systems that take no others."""
        if not _PLAIN.fullmatch(name.text):
            help = "letters from a to z, digits and `_`; the first is no digit. Columns may have any name, in backticks"
            self.findings.error("MLA218", f"`{name.text}` is no name of a block", name.span, "not a plain name", help=help)

    def _as_meant(self, kind: str, node: tree.Block, blocks: dict[str, dict[str, Block]]) -> None:
        """Read a block whose kind is misspelt as one of the kind that is meant, so that its other mistakes are told as well."""
        at = f"{kind}.{node.name.text if node.name else ''}"
        if at not in self.positions.paths:
            self.positions.blocks[at] = node.span
            made = self._by_itself(KINDS[kind], node, at)
            if made is not MISSING and not (kind == "system" and blocks[kind]):
                blocks[kind][made.name] = made

    def _moved(self, node: tree.Block) -> None:
        """A renaming: it has no name itself, and is found by its number."""
        if node.name is not None:
            self.findings.error("MLA202", "a `moved` block has no name", node.head, "write `moved { … }`")
            return
        at = f"moved.{len(self.moved)}"
        made = self.block(Moved, node, at)
        if made is not MISSING:
            self.moved.append(made)
        self.positions.blocks[at if made is not MISSING else f"{at}.wrong.{node.span.start}"] = node.span

    def _by_itself(self, cls: type[Block], node: tree.Block, at: str) -> Any:
        """Read a top-level block apart from the others; nothing that it says depends on them."""

        def make(findings: Findings) -> tuple[Any, Positions]:
            alone = BlockBinder(findings, self.holes)
            made = alone.block(cls, node, at)
            if not alone.positions.all_within(node.span):
                alone.positions.strewn.add(at)
            return made, alone.positions

        made, positions = told_once("bound", (node, at), self.findings, make)
        self.positions.include(positions)
        return made


def _start(span: Span) -> Span:
    return Span(span.source, 0, min(1, len(span.source.text)))
