"""References are looked for only where the vocabulary says that one can stand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mlarch.api import load
from mlarch.architecture.references import blocks, references
from mlarch.architecture.vocabulary import Reference

from ..language.corpus import CORPUS

EVERYTHING = Path(__file__).parents[1] / "documents" / "everything.mlarch"
FILES = (EVERYTHING, *sorted((CORPUS / "good").glob("*.mlarch")))


def _everywhere(value: Any, at: str) -> Iterator[tuple[str, Reference]]:
    """Every reference in a value, whatever the vocabulary says of its fields."""
    if isinstance(value, Reference):
        yield at, value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _everywhere(part, at)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _everywhere(part, f"{at}.{key}")
    elif isinstance(value, msgspec.Struct):
        for name, written in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True):
            yield from _everywhere(getattr(value, name), f"{at}.{written}")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_reference_is_overlooked(file: Path) -> None:
    """Every reference of an architecture is found, in the order in which its fields stand."""
    architecture = load(file).architecture
    assert architecture is not None
    for at, block in blocks(architecture):
        assert list(references(block, at)) == list(_everywhere(block, at))
