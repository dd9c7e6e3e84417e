"""From an outline to YAML in one fixed style: two spaces a step, quotes only where they are needed, a short block of one line in braces."""

from __future__ import annotations

from .. import tree
from ..formatting.nodes import Comment
from ..formatting.printing import STEP, WIDTH
from ..shapes import Shapes
from .expressions import bound, written
from .flow import Flow, Values, flow_of, head_of
from .groups import as_conditions, grouped, inner_path, is_listed, key_of, name_of
from .inlining import stays_inline
from .outline import Item, Outlined, is_renaming
from .scalars import scalar

Path = tuple[str, ...]


def yaml_of(outlined: Outlined, shapes: Shapes) -> str:
    """Return the YAML."""
    writer = _Writer(shapes)
    writer.body(outlined.items, (), 0, 0)
    for number, comment in enumerate(outlined.dangling):
        writer.line(0, comment.text, blank=comment.blank or not number)
    return "\n".join(writer.lines).lstrip("\n") + "\n"


class _Writer:
    """Lines as they grow; `path` is the kinds of the blocks around, `depth` counts them."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.values = Values(shapes)
        self.lines: list[str] = []

    def line(self, indent: int, text: str, *, blank: bool = False) -> None:
        self.lines += [""] * (blank and self.lines[-1:] != [""])
        self.lines.append(" " * indent + text)

    def body(self, items: list[Item], path: Path, depth: int, indent: int) -> None:
        for number, (key, group) in enumerate(grouped(items).items()):
            first = group[0]
            apart = number > 0 and (depth == 0 or (first.leading[0].blank if first.leading else first.blank))
            if name_of(first.statement) is None and not is_listed(first.statement):
                self.entry(first, path, depth, indent, apart=apart)
                continue
            self.line(indent, f"{scalar(key, flow=False)}:", blank=apart)
            for member, item in enumerate(group):
                blank = depth > 0 and member > 0 and (item.leading[0].blank if item.leading else item.blank)
                self.entry(item, path, depth, indent + STEP, apart=blank)

    def entry(self, item: Item, path: Path, depth: int, indent: int, *, apart: bool) -> None:
        """Write a statement with its comments; `apart` asks for a blank line above."""
        leading = [*item.leading, *_inner_comments(item)] if is_renaming(item.statement) else item.leading
        for number, comment in enumerate(leading):
            self.line(indent, comment.text, blank=comment.blank if number else apart)
        blank = item.blank if leading else apart
        note = f"  {item.trailing.text}" if item.trailing else ""
        statement = item.statement
        if isinstance(statement, tree.Block):
            self.block(item, statement, path, depth, indent, blank=blank)
        elif isinstance(statement, tree.Constraint) and (statement.label or bound(statement.term) is None):
            self.line(indent, f"- {scalar(written(statement.term), flow=False)}{note}", blank=blank)
        elif isinstance(statement, tree.LabelledString):
            self.line(indent, f"- {scalar(statement.value.value, flow=False)}{note}", blank=blank)
        else:
            key = scalar(name_of(statement) or key_of(statement), flow=False)
            values = self.values.of(statement, path, WIDTH - indent - len(key) - 2)
            if len(values) == 1:
                self.line(indent, f"{key}: {values[0]}{note}", blank=blank)
                return
            self.line(indent, f"{key}:{note}", blank=blank)
            for value in values:
                self.line(indent + STEP, f"- {value}")

    def block(self, item: Item, block: tree.Block, path: Path, depth: int, indent: int, *, blank: bool) -> None:
        note = f"  {item.trailing.text}" if item.trailing else ""
        key = scalar(head_of(block), flow=False)
        if is_renaming(block):
            flow = Flow(self.shapes).block(item, path)
            self.line(indent, f"- {flow}{note}", blank=blank)
            return
        if not item.items or stays_inline(item, path, depth, self.shapes):
            self.line(indent, f"{flow_of(item, path, self.shapes)}{note}", blank=blank)
            return
        self.line(indent, f"{key}:{note}", blank=blank)
        inside = inner_path(block, path)
        if self.shapes.bare(inside) == "conditions" and as_conditions(item.items):
            self.conditions(item.items, inside, depth + 1, indent + STEP)
        else:
            self.body(item.items, inside, depth + 1, indent + STEP)
        for comment in item.dangling:
            self.line(indent + STEP, comment.text, blank=comment.blank)
        if item.dangling and item.dangling[-1].text.startswith("##"):
            self.lines.append("")  # it is not the doc comment of what follows

    def conditions(self, items: list[Item], path: Path, depth: int, indent: int) -> None:
        """Write the conditions of a block as a list; what else is in the block stands between them."""
        for number, item in enumerate(items):
            apart = number > 0 and (item.leading[0].blank if item.leading else item.blank)
            if isinstance(item.statement, tree.Constraint):
                for place, comment in enumerate(item.leading):
                    self.line(indent, comment.text, blank=comment.blank if place else apart)
                note = f"  {item.trailing.text}" if item.trailing else ""
                said = scalar(written(item.statement.term), flow=False)
                self.line(indent, f"- {said}{note}", blank=item.blank if item.leading else apart)
                continue
            at = len(self.lines)
            self.entry(item, path, depth, indent + STEP, apart=apart)
            while not self.lines[at].strip() or self.lines[at].lstrip().startswith("#"):
                at += 1
            self.lines[at] = f"{' ' * indent}- {self.lines[at].lstrip()}"


def _inner_comments(item: Item) -> list[Comment]:
    """The comments in a renaming: it has one line, and they go above it."""
    return [comment for each in item.items for comment in each.comments()] + item.dangling
