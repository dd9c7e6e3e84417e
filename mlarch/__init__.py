"""ML architecture as code: one declaration is checked, planned, and lowered to Dagster, MLflow and Ray Serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Project", "__version__", "load"]

if TYPE_CHECKING:
    from .api import Project, load


def __getattr__(name: str) -> Any:
    """Load the Python face on first use, so that `import mlarch` costs nothing."""
    if name in ("Project", "load"):
        from . import api

        return getattr(api, name)
    raise AttributeError(f"module 'mlarch' has no attribute {name!r}")
