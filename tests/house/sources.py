"""The code and the tests as text and as syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
#: Written by a program, from dsl/grammar.lark.
GENERATED = ROOT / "mlarch" / "language" / "parsing" / "grammar_tables.py"


def modules(folder: str) -> list[Path]:
    """Return the Python files under a top-level folder, generated ones left out."""
    return [path for path in sorted((ROOT / folder).rglob("*.py")) if path != GENERATED]


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def texts(path: Path) -> Iterator[str]:
    """Yield every text constant of a module that is not a docstring."""
    described = {id(found) for node in ast.walk(tree(path)) if (found := _docstring(node)) is not None}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in described:
            yield node.value


def _docstring(node: ast.AST) -> ast.expr | None:
    """The node of a docstring, where there is one."""
    if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) or ast.get_docstring(node) is None:
        return None
    first = node.body[0]
    return first.value if isinstance(first, ast.Expr) else None
