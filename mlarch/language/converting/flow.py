"""Values of YAML by the form that the vocabulary gives their keys, and blocks that stand in braces on one line."""

from __future__ import annotations

from .. import tree
from ..shapes import Shapes
from .expressions import bound, column_type, written
from .groups import as_conditions, grouped, inner_path, is_listed, name_of
from .outline import Item
from .scalars import in_quotes, scalar, text_scalar

Path = tuple[str, ...]


def flow_of(item: Item, path: Path, shapes: Shapes) -> str | None:
    """Return a block with its key on one line, or None where that cannot be."""
    assert isinstance(item.statement, tree.Block)
    inside = Flow(shapes).block(item, path)
    return None if inside is None else f"{scalar(head_of(item.statement), flow=False)}: {inside}"


def head_of(block: tree.Block) -> str:
    """Return the key that a block stands under: its name, or its kind."""
    return (block.name or block.kind).text


class Values:
    """Values by the form that the vocabulary gives their keys."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes

    def of(self, statement: tree.Statement, path: Path, room: int) -> list[str]:
        """Return the value on one line, or the items of a list that is too long for one."""
        form = self.form(statement, path)
        value = statement.value if isinstance(statement, tree.Attribute) else None
        if not isinstance(value, tree.Items):
            return [self.one(statement, form, flow=False)]
        flow = self.expression(value, form, flow=True)
        if len(flow) <= room or len(value.items) < 2:
            return [flow]
        return [self.expression(item, form, flow=isinstance(item, tree.Items)) for item in value.items]

    def one(self, statement: tree.Statement, form: str, *, flow: bool) -> str:
        """Return the value of a statement that is no block."""
        match statement:
            case tree.Attribute(_, _, value):
                return self.expression(value, form, flow=flow)
            case tree.TypedName():
                return scalar(column_type(statement), flow=flow)
            case tree.Constraint(_, term):
                sides = bound(term)
                assert sides is not None
                return scalar(sides[1], flow=flow)
        raise AssertionError(statement)

    def expression(self, value: tree.Expression, form: str, *, flow: bool) -> str:
        match value:
            case tree.Items(items):
                return f"[{', '.join(self.expression(item, form, flow=True) for item in items)}]"
            case tree.String(text) if form == "setting":
                return in_quotes(_dollars(text))
            case tree.String(text) if form == "text":
                return text_scalar(_dollars(text), flow=flow)
            case tree.Path((tree.Word("param"), name)) if form == "text":
                return scalar(f"${{param.{name.text}}}", flow=flow)
            case tree.Path((name,)) if form == "name":
                return scalar(name.text, flow=flow)
        return scalar(written(value), flow=flow)

    def form(self, statement: tree.Statement, path: Path) -> str:
        """Return how the scalar of an attribute is read: `text`, `name`, `setting` or `expression`."""
        if not isinstance(statement, tree.Attribute) or statement.label is not None:
            return "expression"
        key = statement.name.text
        if not path:
            return "text" if key == "language" else "expression"
        if self.shapes.form(path, key) is None:
            return "setting" if self.shapes.bare(path) == "settings" else "expression"
        return self.shapes.scalar(path, key)


def _dollars(text: str) -> str:
    """A text with the escapes of YAML's texts: `\\${` begins no parameter, and any other `$` needs none."""
    return text.replace(f"{tree.DOLLAR}{{", "\\${").replace(tree.DOLLAR, "$")


class Flow:
    """Blocks in braces; what has a comment in it is not asked for."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.values = Values(shapes)

    def block(self, item: Item, path: Path) -> str | None:
        assert isinstance(item.statement, tree.Block)
        inside = inner_path(item.statement, path)
        if item.items and self.shapes.bare(inside) == "conditions" and as_conditions(item.items):
            if not all(isinstance(each.statement, tree.Constraint) for each in item.items):
                return None
            terms = [each.statement.term for each in item.items if isinstance(each.statement, tree.Constraint)]
            return f"[{', '.join(scalar(written(term), flow=True) for term in terms)}]"
        return self.body(item.items, inside)

    def body(self, items: list[Item], path: Path) -> str | None:
        parts = []
        for key, group in grouped(items).items():
            named = name_of(group[0].statement) is not None
            values = [self.value(each, path) for each in group]
            if any(value is None for value in values) or (len(values) > 1 and not named and not is_listed(group[0].statement)):
                return None
            if named:
                names = [scalar(name_of(each.statement) or "", flow=True) for each in group]
                inner = ", ".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))
                parts.append(f"{scalar(key, flow=True)}: {{{inner}}}")
            elif is_listed(group[0].statement):
                parts.append(f"{scalar(key, flow=True)}: [{', '.join(value or '' for value in values)}]")
            else:
                parts.append(f"{scalar(key, flow=True)}: {values[0]}")
        return f"{{{', '.join(parts)}}}"

    def value(self, item: Item, path: Path) -> str | None:
        match item.statement:
            case tree.Block():
                return self.block(item, path)
            case tree.Constraint(tree.Word(), term):
                return scalar(written(term), flow=True)
            case tree.LabelledString(_, text):
                return scalar(text.value, flow=True)
            case tree.Constraint(None, term) if bound(term) is None:
                return None
        return self.values.one(item.statement, self.values.form(item.statement, path), flow=True)
