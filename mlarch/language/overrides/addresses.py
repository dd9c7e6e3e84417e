"""Finding what a path of an override names among statements: each step is one statement, and takes one name of the path or two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from .. import tree
from ..overlays import Body
from ..shapes import Shapes

Statement = tree.Statement


@dataclass(frozen=True)
class Address:
    """One step: which statements it means, and what the path has said by then.

    `end` counts the names of the path up to here. `sort` gives the name of a statement that is of the same sort (the same kind of block,
    a column, …). `name` is the name that is meant; without it the step means all of the sort, as `model` alone does. What is `declared`
    exists only if the file says so; the other keys are the vocabulary's. `several` statements may have one address: conditions.
    """

    end: int
    sort: Callable[[Statement], str | None]
    name: str | None
    declared: bool = False
    several: bool = False
    conditions: bool = False

    def matches(self, statement: Statement) -> bool:
        """Tell whether the step means a statement."""
        name = self.sort(statement)
        return name is not None and self.name in (None, name)


def addresses(path: Sequence[tree.Scalar], shapes: Shapes) -> list[Address]:
    """Return the steps of a path; the names after a step that has nothing inside are left out."""
    words = [part.text for part in path]
    steps = [Address(min(2, len(words)), _blocks(words[0]), words[1] if len(words) > 1 else None, declared=True)]
    kinds: tuple[str, ...] = (words[0],)
    while (at := steps[-1].end) < len(words):
        key, name = words[at], words[at + 1] if at + 1 < len(words) else None
        match shapes.form(kinds, key):
            case "block":
                kinds = (*kinds, key)
                steps.append(Address(at + 1, _blocks(key), "", conditions=shapes.bare(kinds) == "conditions"))
                continue
            case "blocks":
                kinds = (*kinds, key)
                steps.append(Address(min(at + 2, len(words)), _blocks(key), name, declared=True))
                continue
            case "definitions":
                steps.append(Address(min(at + 2, len(words)), _attributes(key), name, declared=True))
            case "conditions":
                steps.append(Address(at + 1, _labelled(key), "", several=True))
            case "limit":
                steps.append(Address(at + 1, _bounded, key))
            case None if shapes.bare(kinds) == "columns":
                steps.append(Address(at + 1, _column, key, declared=True))
            case None if shapes.bare(kinds) == "conditions":
                steps.append(Address(at + 1, _bounded, key))
            case _:
                steps.append(Address(at + 1, _attributes(None), key))
        break
    return steps


def found(body: Body, steps: Sequence[Address]) -> Iterator[Statement]:
    """Yield the statements that the steps lead to."""
    first, *rest = steps
    for statement in body:
        if first.matches(statement):
            if not rest:
                yield statement
            elif isinstance(statement, tree.Block):
                yield from found(statement.body, rest)


def names_at(body: Body, steps: Sequence[Address]) -> list[str]:
    """Return the names of what stands beside the last step."""
    *before, last = steps
    every = replace(last, name=None)
    return [name for statement in found(body, [*before, every]) if (name := last.sort(statement))]


def changed(body: Body, steps: Sequence[Address], change: Callable[[Statement], Statement | None]) -> Body:
    """Return the statements with those that the steps lead to as `change` gives them, or without them where it gives None."""
    first, *rest = steps
    kept: list[Statement | None] = []
    for statement in body:
        if not first.matches(statement):
            kept.append(statement)
        elif not rest:
            kept.append(change(statement))
        elif isinstance(statement, tree.Block):
            kept.append(replace(statement, body=changed(statement.body, rest, change)))
        else:
            kept.append(statement)
    return tuple(statement for statement in kept if statement is not None)


def without(body: Body, steps: Sequence[Address]) -> Body:
    """Return the statements without those that the steps lead to."""
    return changed(body, steps, lambda statement: None)


def conditions_in(end: int) -> Address:
    """Return the step to the conditions that fill a block."""
    return Address(end, lambda statement: "" if isinstance(statement, tree.Constraint) and statement.label is None else None, None)


# --- sorts of statements: the name of one that is of the sort, or None -------------------------------------------------


def _blocks(kind: str) -> Callable[[Statement], str | None]:
    def sort(statement: Statement) -> str | None:
        if isinstance(statement, tree.Block) and statement.kind.text == kind:
            return statement.name.text if statement.name else ""
        return None

    return sort


def _attributes(label: str | None) -> Callable[[Statement], str | None]:
    def sort(statement: Statement) -> str | None:
        if isinstance(statement, tree.Attribute) and (statement.label.text if statement.label else None) == label:
            return statement.name.text
        return None

    return sort


def _labelled(label: str) -> Callable[[Statement], str | None]:
    def sort(statement: Statement) -> str | None:
        return "" if isinstance(statement, tree.Constraint) and statement.label and statement.label.text == label else None

    return sort


def _bounded(statement: Statement) -> str | None:
    match statement:
        case tree.Constraint(None, tree.Binary(_, tree.Path() as path)):
            return path.text
    return None


def _column(statement: Statement) -> str | None:
    return statement.name.text if isinstance(statement, tree.TypedName) and statement.label is None else None
