"""Each extra resolves together with the core on every Python, and leaves the core where it is."""

from __future__ import annotations

from functools import cache

import pytest
from packaging.version import Version

from .environments import ENVIRONMENTS
from .resolving import PYTHONS, extras, resolve

pytestmark = pytest.mark.servers

#: What an extra is known to hold back, and no more than this.
HOLDS_BACK = {"feast": {"pandas", "prometheus-client"}}
TOGETHER = {name: names for name, names in ENVIRONMENTS.items() if len(names) > 1}


@cache
def core(python: str) -> dict[str, str]:
    """The versions that the core takes alone."""
    return resolve(python=python)


def held_back(python: str, *names: str) -> set[str]:
    """The packages that are older, or gone, once some extras are there too."""
    found = resolve(*names, python=python)
    for name in names:
        wanted = [each for each in extras()[name] if each.marker is None or each.marker.evaluate()]
        assert {each.name for each in wanted} <= set(found), f"{name} lost a requirement"
    return {package for package, version in core(python).items() if Version(found.get(package, "0")) < Version(version)}


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", sorted(extras()))
def test_an_extra_resolves_with_the_core(name: str, python: str) -> None:
    """Core and extra have a common set of versions on each Python, and no package falls back that is not known to."""
    assert held_back(python, name) <= HOLDS_BACK.get(name, set())


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("names", TOGETHER.values(), ids=TOGETHER)
def test_the_extras_of_an_environment_resolve_together(names: tuple[str, ...], python: str) -> None:
    """All the extras that are tried in one environment can be asked for at once."""
    allowed = set().union(*(HOLDS_BACK.get(name, set()) for name in names))
    assert held_back(python, *names) <= allowed
