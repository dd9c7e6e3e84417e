"""The house rules that a program can check: small rooms, a sentence for everything public, a sentence for each test."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from .sources import ROOT, modules, tree

LONGEST = 500


@pytest.mark.parametrize("folder", ["mlarch", "tests", "benchmarks", "examples"])
def test_no_file_is_long(folder: str) -> None:
    """No file has more than 500 lines, generated tables aside."""
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in modules(folder)}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_everything_public_has_a_docstring() -> None:
    """Each module, public function and public class of the package says what it is; enums say it by their members."""
    silent = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules("mlarch")
        if path.stat().st_size
        for name, node in _public(path)
        if ast.get_docstring(node) is None
    ]
    assert silent == []


def _public(path: Path) -> Iterator[tuple[str, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    yield "module", tree(path)
    for node in tree(path).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_") and not _is_enum(node):
            yield node.name, node


def _is_enum(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any(isinstance(base, ast.Name) and base.id.endswith("Enum") for base in node.bases)


def test_every_test_says_what_must_hold() -> None:
    """Each test function has a docstring that is a sentence."""
    silent = []
    for path in modules("tests"):
        for node in ast.walk(tree(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_"):
                said = ast.get_docstring(node) or ""
                if not said.rstrip().endswith(".") or len(said.split()) < 4:
                    silent.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert silent == []


def test_every_room_of_tests_is_a_package() -> None:
    """Files of the same name in two rooms never shadow each other: each folder with tests has an `__init__.py`."""
    rooms = {path.parent for path in modules("tests") if path.name.startswith("test_")}
    assert [room.relative_to(ROOT).as_posix() for room in sorted(rooms) if not (room / "__init__.py").is_file()] == []
