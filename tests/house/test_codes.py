"""Diagnostic codes: none is used that is not registered, none is registered that nothing uses."""

from __future__ import annotations

import re

from mlarch.language.codes import CODES

from .sources import ROOT, modules, texts

REGISTRY = ROOT / "mlarch" / "language" / "codes"


def used() -> set[str]:
    """The codes in the texts of the package, docstrings and the registry itself left out."""
    return {
        code
        for path in modules("mlarch")
        if REGISTRY not in path.parents
        for text in texts(path)
        for code in re.findall(r"\bMLA\d{3}\b", text)
    }


def test_every_code_that_is_used_is_registered() -> None:
    """`mlarch explain` knows every code that a message can have."""
    assert used() - set(CODES) == set()


def test_every_registered_code_is_used() -> None:
    """A code that nothing reports any more leaves the registry."""
    assert set(CODES) - used() == set()


def test_codes_are_sorted_and_explained() -> None:
    """The registry is in order, and each code has a title without a full stop and an explanation in sentences."""
    assert list(CODES) == sorted(CODES)
    for name, code in CODES.items():
        assert re.fullmatch(r"MLA\d{3}", name)
        assert code.title and not code.title.endswith(".")
        assert code.explanation.endswith(".") and len(code.explanation.split()) >= 4, name
