"""A type problem is an exception like any other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mlarch.architecture.expressions import Name
from mlarch.architecture.typing import TypeProblem, kind_of


@contextmanager
def meanwhile() -> Iterator[None]:
    """Something that must be undone, whatever happens."""
    yield


def test_a_type_problem_passes_through_a_context() -> None:
    """What goes on around it gives it its traceback, and it stays what it is."""
    with pytest.raises(TypeProblem) as raised, meanwhile():
        kind_of(Name(("seconds",)), {})
    assert raised.value.code == "MLA301" and raised.value.__traceback__ is not None
